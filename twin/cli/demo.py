"""`twin demo`: the main job on a generated electrode."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from solvers.report import Solver
from twin.cli.output import show
from twin.cli.parser import Commands
from twin.progress import progress_bar


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    text = "find the tortuosity factor of the pores of a generated electrode along x, y and z"
    parser = commands.add_parser("demo", help=text, description=f"{text.capitalize()}.")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("twin-demo"),
        metavar="FOLDER",
        help="where to write (default: %(default)s)",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from twin.demo import demo

    with progress_bar(sys.stderr, Solver().tolerance) as progress:
        result, written = demo(options.out, progress)
    show(result, written)
    return 0
