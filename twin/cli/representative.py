"""`twin representative`: a number of subvolumes, and the size that is large enough."""

from __future__ import annotations

import argparse
import math

import twin
from twin.cli.image import add_image_options, read_image
from twin.cli.parser import Commands, Parser, converter
from twin.cli.studies import (
    add_measure_options,
    add_study_options,
    count,
    lengths,
    measure,
    study_outputs,
    write_study,
)


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    text = "measure a number on subvolumes of several sizes, and find the size that is large enough"
    parser = commands.add_parser("representative", help=text, description=f"{text.capitalize()}.")
    add_image_options(parser)
    add_measure_options(parser)
    _add_size_options(parser)
    add_study_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code: 1 where the image or a subvolume has no value."""
    wanted = study_outputs(options)
    volume = read_image(options)
    study = twin.representative(
        volume=volume,
        sizes=options.sizes,
        axes=options.cut_axes,
        samples=options.samples,
        error=options.error,
        confidence=options.confidence,
        seed=options.seed,
        **measure(options, volume),
    )
    write_study(wanted, study, options.image)
    return 0 if math.isfinite(study.whole) and not study.sweep.failed else 1


def _add_size_options(parser: Parser) -> None:
    group = parser.add_argument_group("subvolumes")
    group.add_argument(
        "--sizes",
        type=converter(lengths, "lengths"),
        metavar="LENGTH,...",
        help="edges of the subvolumes, as 5um,10um,20um, or in voxels where the spacing is "
        "unknown (default: the shortest edge of the image over 8, 6, 4, 3 and 2)",
    )
    group.add_argument(
        "--cut-axes",
        metavar="AXES",
        help="axes along which the image is cut, as xy (default: all of them)",
    )
    group.add_argument(
        "--samples",
        type=converter(count, "count"),
        default=27,
        metavar="N",
        help="at most so many of a size (default: %(default)s)",
    )
    group.add_argument(
        "--error",
        type=float,
        default=0.05,
        metavar="E",
        help="the relative error that is aimed at (default: %(default)s)",
    )
    group.add_argument(
        "--confidence",
        type=float,
        default=0.95,
        metavar="P",
        help="with what confidence (default: %(default)s)",
    )
    group.add_argument(
        "--seed",
        type=int,
        default=0,
        help="of the draw where more fit than --samples (default: %(default)s)",
    )
