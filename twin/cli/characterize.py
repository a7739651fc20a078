"""`twin characterize`: fractions, areas, percolation and triple lines of an image."""

from __future__ import annotations

import argparse
import sys

import twin
from twin.cli.image import add_image_options, read_image
from twin.cli.output import add_output_options, outputs, write_result
from twin.cli.parser import Commands
from twin.progress import steps_bar


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    text = "measure fractions, percolation, areas, interfaces and triple lines of all phases"
    parser = commands.add_parser("characterize", help=text, description=f"{text.capitalize()}.")
    add_image_options(parser)
    group = parser.add_argument_group("what to measure")
    group.add_argument(
        "--periodic",
        default="",
        metavar="AXES",
        help="axes whose first and last voxels are neighbours, as xy (default: none)",
    )
    group.add_argument(
        "--ignore-memory",
        action="store_true",
        help="go on even when the estimated memory is larger than what is free",
    )
    add_output_options(
        parser,
        rows="one row for each phase, pair of phases and triple",
        fields="the density of triple lines for ParaView, and the lines as name_lines.vtp",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    wanted = outputs(options)
    wanted.check()
    volume = read_image(options)
    with steps_bar(sys.stderr) as progress:
        result = twin.characterize(
            volume, options.periodic, ignore_memory=options.ignore_memory, progress=progress
        )
    write_result(wanted, result, {"twin": twin.__version__, "image": options.image})
    return 0
