"""`twin segmentation-uncertainty`: what the placing of interfaces does to a number."""

from __future__ import annotations

import argparse
import math

import twin
from meshing.errors import InputError
from twin.cli.image import add_image_options, read_image
from twin.cli.parser import Commands, Parser, converter
from twin.cli.studies import (
    add_measure_options,
    add_study_options,
    count,
    measure,
    one_length,
    study_outputs,
    write_study,
)
from twin.studies import ranges


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    text = "move the interfaces of an image at random, and see what becomes of a number"
    parser = commands.add_parser(
        "segmentation-uncertainty", help=text, description=f"{text.capitalize()}."
    )
    add_image_options(parser)
    add_measure_options(parser)
    _add_perturbation_options(parser)
    add_study_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code: 1 where some image has no value."""
    wanted = study_outputs(options)
    volume = read_image(options)
    found = twin.segmentation_uncertainty(
        volume=volume,
        share=options.share,
        iterations=options.iterations,
        width=options.width,
        patch=options.patch,
        between=options.between,
        samples=options.samples,
        **measure(options, volume),
    )
    write_study(wanted, found, options.image)
    complete = math.isfinite(found.reference) and not found.infinite and not found.failed
    return 0 if complete else 1


def _add_perturbation_options(parser: Parser) -> None:
    group = parser.add_argument_group("how interfaces move")
    group.add_argument(
        "--width",
        type=converter(one_length, "length"),
        metavar="LENGTH",
        help="by patches: standard deviation of the displacement, as 0.2um",
    )
    group.add_argument(
        "--patch",
        type=converter(one_length, "length"),
        metavar="LENGTH",
        help="by patches: distance over which interfaces move alike, as 5um",
    )
    group.add_argument(
        "--share",
        type=float,
        default=0.1,
        metavar="F",
        help="voxel by voxel, without --width: share of the voxels at interfaces that change in "
        "an iteration (default: %(default)s)",
    )
    group.add_argument(
        "--iterations",
        type=converter(count, "count"),
        default=5,
        metavar="N",
        help="voxel by voxel: iterations (default: %(default)s)",
    )
    group.add_argument(
        "--between",
        type=converter(pairs, "pairs"),
        metavar="A:B,...",
        help="the interfaces that move, as AM:CBD,CBD:pore (default: all)",
    )
    group.add_argument(
        "--samples",
        type=converter(count, "count"),
        default=20,
        metavar="N",
        help="how many perturbed images (default: %(default)s)",
    )


def pairs(text: str) -> list[tuple[str, str]]:
    """Pairs of phases, as in ``AM:CBD,CBD:pore``.

    Raises
    ------
    InputError
        When a part is not two names with a colon between.

    Examples
    --------
    >>> from twin.cli.segmentation_uncertainty import pairs
    >>> pairs("AM:CBD,CBD:pore")
    [('AM', 'CBD'), ('CBD', 'pore')]
    """
    found = []
    for part in ranges.names(text):
        one, colon, other = (piece.strip() for piece in part.partition(":"))
        if not (one and colon and other):
            raise InputError(f"interfaces are given as AM:CBD,CBD:pore; found {text!r}")
        found.append((one, other))
    return found
