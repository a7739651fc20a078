"""`twin tortuosity`: the tortuosity factor of a phase."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

import twin
from twin.cli.image import add_image_options, read_image
from twin.cli.output import add_output_options, outputs, write_result
from twin.cli.parser import Commands
from twin.cli.solving import (
    add_direction_options,
    add_solver_options,
    check_directions,
    how_to_solve,
)
from twin.progress import AxisProgress, progress_bar

if TYPE_CHECKING:
    from meshing.volume import Volume
    from meshing.voxel_mesh import Sides
    from twin.directions import Directions
    from twin.results import Tortuosity
    from twin.tensor import DiffusivityTensor


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    text = "find the tortuosity factor of a phase along one axis or several"
    parser = commands.add_parser("tortuosity", help=text, description=f"{text.capitalize()}.")
    add_image_options(parser)
    group = parser.add_argument_group("what to solve")
    group.add_argument("--phase", required=True, help="the phase that carries the flux")
    add_direction_options(group, "the effective diffusivity")
    add_solver_options(parser)
    add_output_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code: 1 where an axis does not percolate."""
    wanted = outputs(options)
    wanted.check()
    check_directions(options)
    volume = read_image(options)
    if not options.ignore_memory:
        wanted.check_fit(volume)
    with progress_bar(sys.stderr, options.tolerance) as progress:
        result = _solve(volume, options, progress)
    write_result(wanted, result, {"twin": twin.__version__, "image": options.image})
    return 0 if result.percolates else 1


def _solve(
    volume: Volume, options: argparse.Namespace, progress: AxisProgress | None
) -> Directions[Tortuosity] | DiffusivityTensor:
    how = how_to_solve(options, progress)
    if options.tensor:
        return twin.diffusivity_tensor(volume, options.phase, **how)
    axis: str = options.axis or "z"
    sides: Sides = options.sides or "no-flux"
    found = twin.tortuosity(volume, options.phase, axis, sides, **how)
    # One axis is printed and stored like several, so that whoever reads the files knows one form.
    return found if isinstance(found, twin.Directions) else twin.Directions({axis: found})
