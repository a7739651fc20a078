"""`twin electrode`: the electrode tortuosity factor of the pores of an electrode."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from typing import Final

import twin
from meshing.errors import InputError
from twin.cli.image import add_image_options, read_image
from twin.cli.output import add_output_options, outputs, write_result
from twin.cli.parser import Commands, converter
from twin.cli.solving import add_solver_options, how_to_solve
from twin.memory import ELECTRODE
from twin.progress import progress_bar

_REACTIVE: Final = "AM CBD, or AM=0.1 CBD=0.02 for different capacitances"


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    text = "find the electrode tortuosity factor, from the separator to the walls of the pores"
    parser = commands.add_parser("electrode", help=text, description=f"{text.capitalize()}.")
    add_image_options(parser)
    group = parser.add_argument_group("what to solve")
    group.add_argument("--phase", required=True, help="the phase that holds the electrolyte")
    add_electrode_options(group)
    group.add_argument(
        "--area",
        choices=("voxel", "smooth"),
        default="voxel",
        help="with which area a face of a voxel counts: its own, or that of the smooth wall it "
        "stands for (default: %(default)s)",
    )
    group.add_argument(
        "--flip", action="store_true", help="with the separator on the other face as well"
    )
    group.add_argument(
        "--through", action="store_true", help="the tortuosity factor of a flux through as well"
    )
    add_solver_options(parser)
    add_output_options(
        parser,
        rows="one row for each orientation",
        fields="the fields for ParaView; with --flip name.vti gives name_low.vti and name_high.vti",
    )
    parser.set_defaults(run=run)


def add_electrode_options(group: argparse._ArgumentGroup, reactive: str = _REACTIVE) -> None:
    """Add where the separator and the double layer are; `reactive` shows how phases are given."""
    group.add_argument("--axis", default="z", help="x, y or z (default: %(default)s)")
    group.add_argument(
        "--separator",
        choices=("low", "high"),
        default="low",
        help="the face of the axis on which the separator lies (default: %(default)s)",
    )
    group.add_argument(
        "--reactive",
        nargs="+",
        action="extend",
        type=converter(reactive_phase, "reactive"),
        metavar="NAME",
        help=f"phases whose walls carry the double layer, as {reactive} (default: all others)",
    )
    group.add_argument(
        "--sides",
        choices=("no-flux", "periodic"),
        default="no-flux",
        help="the faces beside (default: %(default)s)",
    )
    group.add_argument(
        "--wall",
        choices=("half-face", "centre"),
        default="half-face",
        help="where the potential at a wall is taken, on the face of the voxel or at its centre "
        "(default: %(default)s)",
    )


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    wanted = outputs(options)
    wanted.check()
    reactive = relative_capacitances(options.reactive)
    volume = read_image(options)
    if not options.ignore_memory:
        wanted.check_fit(volume, ELECTRODE)
    with progress_bar(sys.stderr, options.tolerance) as progress:
        result = twin.electrode_tortuosity(
            volume, options.phase, options.axis, options.separator, reactive,
            sides=options.sides, wall=options.wall, area=options.area,
            flip=options.flip, through=options.through, **how_to_solve(options, progress),
        )  # fmt: skip
    write_result(wanted, result, {"twin": twin.__version__, "image": options.image})
    return 0


def reactive_phase(text: str) -> tuple[str, float | None]:
    """A phase, and its capacitance where one is given.

    Raises
    ------
    InputError
        When there is no name, or what follows it is no number.

    Examples
    --------
    >>> from twin.cli.electrode import reactive_phase
    >>> reactive_phase("AM"), reactive_phase("CBD=0.02")
    (('AM', None), ('CBD', 0.02))
    """
    name, given, number = (part.strip() for part in text.partition("="))
    try:
        value = float(number) if given else None
    except ValueError:
        name = ""
    if not name:
        raise InputError(f"reactive phases are given as {_REACTIVE}, found {text!r}")
    return name, value


def reactive_names(given: Sequence[tuple[str, float | None]]) -> list[str]:
    """Names of reactive phases.

    Raises
    ------
    InputError
        When a phase is named twice.
    """
    names = [name for name, _ in given]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"--reactive names {name} twice; name it once")
    return names


def relative_capacitances(
    given: Sequence[tuple[str, float | None]] | None,
) -> Mapping[str, float] | list[str] | None:
    """Reactive phases in the words of `twin.electrode_tortuosity`.

    Raises
    ------
    InputError
        When a phase is named twice, or some have a capacitance and others do not.
    """
    if given is None:
        return None
    names = reactive_names(given)
    numbers = {name: value for name, value in given if value is not None}
    if numbers and len(numbers) < len(names):
        missing = next(name for name in names if name not in numbers)
        raise InputError(
            f"--reactive gives no capacitance for {missing}; give one for every phase, or for none"
        )
    return numbers or names
