"""`twin conduction`: effective conductivity of a composite."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import twin
from meshing.errors import InputError
from solvers.media import Pair
from twin.cli.image import add_image_options, read_image
from twin.cli.output import add_output_options, outputs, write_result
from twin.cli.parser import Commands, converter
from twin.cli.solving import (
    add_direction_options,
    add_solver_options,
    check_directions,
    how_to_solve,
)
from twin.memory import MIXED
from twin.progress import progress_bar
from twin.transport import TRANSPORTS

if TYPE_CHECKING:
    from meshing.volume import Volume
    from meshing.voxel_mesh import Sides
    from twin.conduction_results import Conduction
    from twin.directions import Directions
    from twin.tensor import ConductivityTensor

_CONDUCTIVITY: Final = "CBD=760, or AM=0.1,0.1,0.02 along x, y, z"
_CONTACT: Final = "AM:CBD=1e-6"


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    text = "find the effective conductivity of a composite along one axis or several"
    parser = commands.add_parser("conduction", help=text, description=f"{text.capitalize()}.")
    add_image_options(parser)
    group = parser.add_argument_group("what to solve")
    group.add_argument(
        "--conductivity",
        required=True,
        nargs="+",
        action="extend",
        type=converter(phase_conductivity, "conductivity"),
        metavar="NAME=NUMBER",
        help=f"conductivity of each phase that conducts, as {_CONDUCTIVITY}",
    )
    group.add_argument(
        "--contact",
        nargs="+",
        action="extend",
        default=[],
        type=converter(interface_resistance, "contact"),
        metavar="NAME:NAME=NUMBER",
        help=f"contact resistance between two phases that conduct, as {_CONTACT}",
    )
    group.add_argument(
        "--transport",
        choices=[transport.name for transport in TRANSPORTS],
        default=TRANSPORTS[0].name,
        help="what is conducted, for names and units: conductivities are in "
        + ", ".join(f"{t.conductivity_unit} ({t.name})" for t in TRANSPORTS)
        + " (default: %(default)s)",
    )
    add_direction_options(group, "the effective conductivity")
    add_solver_options(parser)
    add_output_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code: 1 where an axis does not percolate."""
    wanted = outputs(options)
    wanted.check()
    check_directions(options)
    asked = _asked(options)
    volume = read_image(options)
    if not options.ignore_memory:
        wanted.check_fit(volume, MIXED)
    with progress_bar(sys.stderr, options.tolerance) as progress:
        result = _solve(volume, options, {**asked, **how_to_solve(options, progress)})
    write_result(wanted, result, {"twin": twin.__version__, "image": options.image})
    return 0 if result.percolates else 1


def phase_conductivity(text: str) -> tuple[str, tuple[float, ...]]:
    """A phase and its conductivity, one number or three.

    Raises
    ------
    InputError
        When it is no name and numbers.

    Examples
    --------
    >>> from twin.cli.conduction import phase_conductivity
    >>> phase_conductivity("CBD=760"), phase_conductivity("AM=0.1,0.1,0.02")
    (('CBD', (760.0,)), ('AM', (0.1, 0.1, 0.02)))
    """
    name, _, numbers = (part.strip() for part in text.rpartition("="))
    try:
        values = tuple(float(number) for number in numbers.split(","))
    except ValueError:
        values = ()
    if not name or not values:
        raise InputError(f"a conductivity is given as {_CONDUCTIVITY}, found {text!r}")
    return name, values


def interface_resistance(text: str) -> tuple[Pair, float]:
    """Two phases, in alphabetical order, and the contact resistance between them.

    Raises
    ------
    InputError
        When it is no two names and a number.

    Examples
    --------
    >>> from twin.cli.conduction import interface_resistance
    >>> interface_resistance("CBD:AM=1e-6")
    (('AM', 'CBD'), 1e-06)
    """
    names, _, number = text.rpartition("=")
    first, _, second = (name.strip() for name in names.partition(":"))
    try:
        value = float(number)
    except ValueError:
        first = ""
    if not first or not second:
        raise InputError(f"a contact resistance is given as {_CONTACT}, found {text!r}")
    return (min(first, second), max(first, second)), value


def _asked(options: argparse.Namespace) -> dict[str, Any]:
    """What is asked, in the words of `twin.conduction`."""
    _check_once(options.conductivity, "conductivity")
    _check_once(options.contact, "contact")
    return {
        "conductivity": dict(options.conductivity),
        "contact_resistance": dict(options.contact),
        "transport": options.transport,
    }


def _check_once(given: Sequence[tuple[Any, Any]], option: str) -> None:
    names = [name for name, _ in given]
    for name in names:
        if names.count(name) > 1:
            text = name if isinstance(name, str) else ":".join(name)
            raise InputError(f"--{option} names {text} twice; name it once")


def _solve(
    volume: Volume, options: argparse.Namespace, asked: dict[str, Any]
) -> Directions[Conduction] | ConductivityTensor:
    if options.tensor:
        return twin.conductivity_tensor(volume, **asked)
    axis: str = options.axis or "z"
    sides: Sides = options.sides or "no-flux"
    found = twin.conduction(volume, axis=axis, sides=sides, **asked)
    # One axis is printed and stored like several, so that whoever reads the files knows one form.
    return found if isinstance(found, twin.Directions) else twin.Directions({axis: found})
