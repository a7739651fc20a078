"""`twin tortuosity`: the tortuosity factor of a phase."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

import twin
from meshing.errors import InputError
from solvers.report import Solver
from twin.cli.image import add_image_options, read_image
from twin.cli.output import add_output_options, outputs, write_result
from twin.cli.parser import Commands, Parser, converter
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
    group.add_argument("--axis", help="x, y or z, or several as xyz (default: z)")
    group.add_argument(
        "--sides",
        choices=("no-flux", "periodic"),
        help="the faces that are not driven (default: no-flux)",
    )
    group.add_argument(
        "--tensor",
        action="store_true",
        help="the effective diffusivity as a tensor: x, y and z with periodic sides",
    )
    add_solver_options(parser)
    add_output_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code: 1 where an axis does not percolate."""
    wanted = outputs(options)
    wanted.check()
    if options.tensor and (options.axis or options.sides):
        raise InputError("--tensor chooses the axes and the sides; leave out --axis and --sides")
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
    how: dict[str, Any] = {
        "solver": Solver(options.tolerance, options.max_iterations),
        "ignore_memory": options.ignore_memory,
        "progress": progress,
    }
    if options.tensor:
        return twin.diffusivity_tensor(volume, options.phase, **how)
    axis: str = options.axis or "z"
    sides: Sides = options.sides or "no-flux"
    found = twin.tortuosity(volume, options.phase, axis, sides, **how)
    # One axis is printed and stored like several, so that whoever reads the files knows one form.
    return found if isinstance(found, twin.Directions) else twin.Directions({axis: found})


def add_solver_options(parser: Parser) -> None:
    """Add how to solve, and whether to look at the memory first."""
    default = Solver()
    group = parser.add_argument_group("how to solve")
    group.add_argument(
        "--tolerance",
        type=converter(_tolerance, "tolerance"),
        default=default.tolerance,
        help="largest estimated relative error (default: %(default)s)",
    )
    group.add_argument(
        "--max-iterations",
        type=converter(_limit, "limit"),
        default=default.max_iterations,
        metavar="N",
        help="give up after so many iterations (default: %(default)s)",
    )
    group.add_argument(
        "--ignore-memory",
        action="store_true",
        help="solve even when the estimated memory is larger than what is free",
    )


def _tolerance(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.0 < value < 1.0:
        raise InputError(f"a tolerance is a number between 0 and 1, as 1e-8, found {text!r}")
    return value


def _limit(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise InputError(f"a number of iterations is a whole number from 1 on, found {text!r}")
    return int(text)
