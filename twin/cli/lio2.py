"""`twin lio2`: the discharge of a Li-O2 cell."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Final, get_args

import twin
from meshing.errors import InputError
from meshing.units import length
from solvers.time_stepping import Stepping
from twin.cli.image import add_image_options, read_image
from twin.cli.output import Outputs, add_json_option, show, write_text
from twin.cli.parser import Commands, Parser, converter, whole_numbers
from twin.files import check_writable, write_csv, write_json
from twin.lio2.layer import Grid
from twin.lio2.parameters import Film, Parameters
from twin.lio2.results import Discharge

#: What each option of the cell accepts beside numbers: laws by name.
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "structure": ("fibres", "spheres", "pores"),
    "transport": ("tortuosity", "Bruggeman"),
    "film": get_args(Film),
}


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    text = "discharge a Li-O2 cell, across its thickness"
    parser = commands.add_parser(
        "lio2",
        help=text,
        description=f"{text.capitalize()}, until its voltage falls to the cut-off or by steps.",
        allow_abbrev=False,
    )
    _add_protocol_options(parser)
    add_parameter_options(parser)
    _add_image_group(parser)
    _add_solver_group(parser)
    _add_output_group(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    if options.list:
        print(Parameters.of(options.set).table())
        return 0
    wanted = Outputs(json=options.json, csv=options.csv, plot=options.plot)
    _check_outputs(wanted, options)
    current = options.current_density
    found = twin.lio2.discharge(
        cell(options),
        current_density=None if current is None else quantity(current),
        protocol=options.step,
        grid=Grid(options.cells, max(1, options.cells // 10)),
        stepping=Stepping(tolerance=options.tolerance),
    )
    _write(wanted, options, found)
    return 0


def add_parameter_options(
    parser: Parser,
    convert: Callable[[str], Callable[[str], Any]] | None = None,
    without: Collection[str] = (),
) -> None:
    """Add the set of parameters, and an option for each of its values.

    Parameters
    ----------
    parser : where to.
    convert : makes, for the name of a value, what turns text into it; one number by default.
    without : names of values that get no option.
    """
    parser.add_argument(
        "--set",
        default="Su2021_ch6",
        help="the set of parameters: Su2021_ch6 or after_Andrei2010 (default: %(default)s)",
    )
    group = parser.add_argument_group("parameters of the cell, in SI units; by default of the set")
    for field in fields(Parameters):
        if "unit" not in field.metadata or field.name in without:
            continue
        unit = field.metadata["unit"]
        text = field.metadata["meaning"] + (f" [{unit}]" if unit not in ("", "-") else "")
        choices = _CHOICES.get(field.name)
        make = convert or (lambda name: converter(_parser_of(name), "number"))
        group.add_argument(
            f"--{field.name.replace('_', '-')}",
            type=make(field.name),
            metavar="NAME" if choices else "VALUE",
            help=text + (f": {', '.join(choices)}" if choices else ""),
        )


def parse_value(name: str, text: str) -> Any:
    """The value of a parameter from text: a number in SI units, a length with a unit, or a law.

    Raises
    ------
    InputError
        Text that is none.

    Examples
    --------
    >>> from twin.cli.lio2 import parse_value
    >>> parse_value("cathode_thickness", "150um"), parse_value("oxygen_diffusivity", "7e-11")
    (0.00015, 7e-11)
    """
    if name in _CHOICES:
        return text  # the parameters say which there are
    try:
        return float(text)
    except ValueError:
        if _unit_of(name) == "m":
            return length(text)
        raise InputError(
            f"{name} is a number in {_unit_of(name) or 'SI units'}, found {text!r}"
        ) from None


def cell(options: argparse.Namespace) -> Parameters:
    """The parameters that the options ask for."""
    changes = parameter_changes(options)
    if options.image is None:
        return Parameters.of(options.set).replace(**changes)
    carbon = None if options.carbon is None else tuple(options.carbon.split(","))
    volume = read_image(options)
    return Parameters.from_image(volume, options.pore, carbon, options.axis, options.set, **changes)


def parameter_changes(options: argparse.Namespace) -> dict[str, Any]:
    """The parameters that were given as options, by name."""
    names = [field.name for field in fields(Parameters) if "unit" in field.metadata]
    given = {name: getattr(options, name, None) for name in names}
    return {name: value for name, value in given.items() if value is not None}


def _add_protocol_options(parser: Parser) -> None:
    group = parser.add_argument_group("what to do to the cell")
    group.add_argument(
        "--current-density",
        metavar="CURRENT",
        help="A/m2, or with its unit as 0.24mA/cm2 or 40mA/g (of carbon)",
    )
    group.add_argument(
        "--step",
        action="append",
        metavar="TEXT",
        help="a step instead, as '2.4 A/m2 until 1 mAh/cm2' or 'rest 2 h'; several are made one "
        "after the other",
    )
    group.add_argument(
        "--list", action="store_true", help="print the parameters of the set with their sources"
    )


def _add_image_group(parser: Parser) -> None:
    add_image_options(parser, "--image")
    group = parser.add_argument_group("the cathode in an image")
    group.add_argument("--pore", default="pore", help="the phase of the pores (default: pore)")
    group.add_argument("--carbon", help="phases on which Li2O2 grows, as CBD (default: all others)")
    group.add_argument("--axis", default="z", help="from separator to oxygen (default: z)")


def _add_solver_group(parser: Parser) -> None:
    group = parser.add_argument_group("how to solve")
    group.add_argument(
        "--cells",
        type=converter(lambda text: whole_numbers(text)[0], "number"),
        default=Grid().cathode,
        metavar="N",
        help="cells in the cathode, and a tenth in the separator (default: %(default)s)",
    )
    group.add_argument(
        "--tolerance",
        type=float,
        default=Stepping().tolerance,
        help="largest error of a step in time (default: %(default)s)",
    )


def _add_output_group(parser: Parser) -> None:
    add_json_option(parser)
    files = (
        ("csv", "write the curves, one row for each moment; '-' prints them instead of text"),
        ("profiles", "write the profiles at five shares of the charge as comma-separated values"),
        ("vtk", "write all profiles for ParaView: .vtr"),
        ("plot", "draw a picture: .png, .pdf or .svg"),
    )
    for name, text in files:
        parser.add_argument(f"--{name}", type=Path, metavar="FILE", help=text)


def quantity(text: str) -> float | str:
    """A number in SI units where the text is one, else the text, which then has a unit."""
    try:
        return float(text)
    except ValueError:
        return text


def _check_outputs(wanted: Outputs, options: argparse.Namespace) -> None:
    wanted.check(options.profiles, options.vtk)
    for path in (options.profiles, options.vtk):
        if path is not None:
            check_writable(path)
    if options.vtk is not None and options.vtk.suffix.lower() != ".vtr":
        raise InputError(f"--vtk writes .vtr files here, found {options.vtk.name!r}; rename it")


def _write(wanted: Outputs, options: argparse.Namespace, found: Discharge) -> None:
    data = {"twin": twin.__version__, **found.to_dict()}
    written = write_text(wanted.json, lambda file: write_json(file, data))
    written += write_text(wanted.csv, lambda file: write_csv(file, found.rows()))
    written += write_text(options.profiles, lambda file: write_csv(file, found.profile_rows()))
    if wanted.plot is not None:
        found.plot(wanted.plot)
        written.append(wanted.plot)
    if options.vtk is not None:
        written.append(found.to_vtk(options.vtk))
    if not wanted.printed:
        show(found, written)


def _parser_of(name: str) -> Callable[[str], Any]:
    return lambda text: parse_value(name, text)


def _unit_of(name: str) -> str:
    return next(str(f.metadata["unit"]) for f in fields(Parameters) if f.name == name)
