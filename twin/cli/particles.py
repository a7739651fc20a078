"""`twin particles`: a phase separated into particles, each of them measured."""

from __future__ import annotations

import argparse

import twin
from meshing.units import length
from twin.cli.image import add_image_options, read_image
from twin.cli.output import add_output_options, outputs, write_result
from twin.cli.parser import Commands, converter
from twin.particle_results import BORDERS


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    text = "separate a phase into particles and measure each of them"
    parser = commands.add_parser("particles", help=text, description=f"{text.capitalize()}.")
    add_image_options(parser)
    group = parser.add_argument_group("what to separate")
    group.add_argument("--phase", required=True, help="the phase to separate")
    group.add_argument(
        "--height",
        type=converter(length, "length"),
        metavar="LENGTH",
        help="how far a maximum of the distance map rises above a neck at least, as 0.2um "
        "(default: half the longest edge of a voxel)",
    )
    group.add_argument(
        "--neck",
        type=float,
        default=0.9,
        metavar="RATIO",
        help="how wide a neck may be against the largest sphere in the smaller particle; lower it "
        "where particles fall to pieces (default: %(default)s)",
    )
    group.add_argument(
        "--smoothing",
        type=converter(length, "length"),
        default=0.0,
        metavar="LENGTH",
        help="standard deviation of a Gaussian that smooths the distance map (default: none)",
    )
    group.add_argument(
        "--smallest",
        type=converter(length, "length"),
        metavar="LENGTH",
        help="diameter of the smallest particle (default: four times the longest edge of a voxel)",
    )
    group.add_argument(
        "--border",
        choices=BORDERS,
        default=BORDERS[0],
        help="leave particles that the outer faces cut out of the statistics and weigh the others "
        "to make up for them, only leave them out, or keep them (default: %(default)s)",
    )
    group.add_argument(
        "--cut-axes",
        default="xyz",
        metavar="AXES",
        help="axes whose outer faces cut particles, as xy (default: %(default)s)",
    )
    group.add_argument(
        "--ignore-memory",
        action="store_true",
        help="go on even when the estimated memory is larger than what is free",
    )
    add_output_options(
        parser,
        rows="one row for each particle",
        fields="the labelled volume for ParaView, and the contacts as name_contacts.vtp",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    wanted = outputs(options)
    wanted.check()
    volume = read_image(options)
    result = twin.particles(
        volume,
        options.phase,
        height=options.height,
        neck=options.neck,
        smoothing=options.smoothing,
        smallest=options.smallest,
        border=options.border,
        cut_axes=options.cut_axes,
        ignore_memory=options.ignore_memory,
    )
    write_result(wanted, result, {"twin": twin.__version__, "image": options.image})
    return 0
