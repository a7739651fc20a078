"""`twin impedance`: the impedance spectrum of an electrode, beside a measured one."""

from __future__ import annotations

import argparse
import math
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

import twin
from meshing.errors import InputError
from solvers.report import Solver
from twin.cli.electrode import add_electrode_options, reactive_names
from twin.cli.image import add_image_options, read_image
from twin.cli.output import Outputs, add_output_options, outputs, show, write_text
from twin.cli.parser import Commands, Parser, converter
from twin.cli.solving import add_solver_options
from twin.files import write_csv, write_json
from twin.memory import SPECTRUM
from twin.progress import progress_bar
from twin.studies.ranges import numbers

if TYPE_CHECKING:
    from meshing.volume import Volume
    from twin.impedance_results import Impedance
    from twin.spectrum import Spectrum
    from twin.spectrum_fit import TransmissionLineFit
    from twin.wall import Wall
    from twin.wall_fit import WallFit

_CAPACITANCE: Final = "0.1, or AM=0.1 CBD=0.02 where walls differ"
_TOLERANCE: Final = 1e-4


@dataclass(frozen=True)
class Answer:
    """A spectrum, and what was fitted to it and to a measured one.

    Attributes
    ----------
    impedance : what was simulated.
    measured : what lies beside it.
    lines : transmission lines that were fitted, by what they were fitted to.
    walls : what was fitted to make both agree.
    """

    impedance: Impedance
    measured: Spectrum | None
    lines: dict[str, TransmissionLineFit]
    walls: WallFit | None

    def summary(self) -> str:
        """The text of each, one below the other."""
        texts = [self.impedance.summary()]
        for found in self.lines.values():
            ratio = found.ratio(self.impedance.ionic_resistance)
            limit = f"R_ion as fitted over that of the low-frequency limit: {ratio:.4f}"
            texts.append(f"{found.summary()}\n{limit}")
        if self.walls is not None:
            texts.append(self.walls.summary())
        return "\n\n".join(texts)

    def to_dict(self) -> dict[str, Any]:
        """Numbers and names only."""
        return {
            **self.impedance.to_dict(),
            "measured": None if self.measured is None else self.measured.to_dict(),
            "transmission_lines": {name: f.to_dict() for name, f in self.lines.items()},
            "fitted_walls": None if self.walls is None else self.walls.to_dict(),
        }


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    text = "find the impedance spectrum of a porous electrode or of a symmetric cell"
    parser = commands.add_parser("impedance", help=text, description=f"{text.capitalize()}.")
    add_image_options(parser)
    _add_electrode_group(parser)
    _add_wall_group(parser)
    _add_spectrum_group(parser)
    _add_fit_group(parser)
    add_solver_options(parser, _TOLERANCE)
    add_output_options(
        parser,
        rows="one row for each frequency",
        fields="real and imaginary part of the potential for ParaView: name.vti",
    )
    parser.add_argument(
        "--vtk-frequency",
        type=float,
        metavar="NUMBER",
        help="at which frequency [Hz] (default: the middle of all, on a logarithmic scale)",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    wanted = outputs(options)
    wanted.check()
    asked, measured = _asked(options), _measured(options)
    volume = read_image(options)
    if not options.ignore_memory:
        Outputs(vtk=wanted.vtk).check_fit(volume, SPECTRUM)
    with progress_bar(sys.stderr, options.tolerance) as progress:
        asked["progress"] = progress
        z, walls = _solve(volume, options, asked, measured)
    answer = Answer(z, measured, _fit_lines(options, z, measured), walls)
    _write(wanted, options, answer)
    return 0


def capacitance(text: str) -> tuple[str, float]:
    """A capacitance, of all walls (an empty name) or of those of a phase.

    Raises
    ------
    InputError
        When it is no number, or no name and a number.

    Examples
    --------
    >>> from twin.cli.impedance import capacitance
    >>> capacitance("0.1"), capacitance("AM=0.02")
    (('', 0.1), ('AM', 0.02))
    """
    name, equals, number = (part.strip() for part in text.rpartition("="))
    try:
        if bool(name) == bool(equals):
            return name, float(number)
    except ValueError:
        pass
    raise InputError(f"a capacitance is given as {_CAPACITANCE}, found {text!r}")


def _add_electrode_group(parser: Parser) -> None:
    group = parser.add_argument_group("the electrode")
    group.add_argument("--phase", required=True, help="the phase that holds the electrolyte")
    add_electrode_options(group, reactive="AM CBD")
    group.add_argument(
        "--conductivity",
        type=float,
        metavar="NUMBER",
        help="of the electrolyte [S/m] (default: 1)",
    )
    group.add_argument(
        "--electronic-conductivity",
        type=float,
        default=math.inf,
        metavar="NUMBER",
        help="effective one of the solid along the axis [S/m] (default: a solid at one potential)",
    )


def _add_wall_group(parser: Parser) -> None:
    group = parser.add_argument_group("the walls, by their own area")
    group.add_argument(
        "--capacitance",
        nargs="+",
        action="extend",
        type=converter(capacitance, "capacitance"),
        metavar="NUMBER",
        help=f"of the double layer [F/m2], as {_CAPACITANCE} (default: 0.1)",
    )
    group.add_argument(
        "--exponent",
        type=float,
        default=1.0,
        metavar="NUMBER",
        help="1 for capacitors, less for constant-phase elements (default: %(default)s)",
    )
    group.add_argument(
        "--charge-transfer-resistance",
        type=float,
        default=math.inf,
        metavar="NUMBER",
        help="beside the double layer [Ohm m2] (default: walls that block)",
    )


def _add_spectrum_group(parser: Parser) -> None:
    group = parser.add_argument_group("the spectrum")
    group.add_argument(
        "--frequency",
        type=converter(numbers, "numbers"),
        metavar="RANGE",
        help="frequencies [Hz], as 1e-3:1e5:60log or 1,10,100 (default: those of --measured, else "
        "60 over seven decades around the characteristic one)",
    )
    group.add_argument(
        "--cell",
        choices=("electrode", "symmetric"),
        default="electrode",
        help="one electrode, or two like it (default: %(default)s)",
    )
    group.add_argument(
        "--separator-resistance",
        type=float,
        default=0.0,
        metavar="NUMBER",
        help="in series [Ohm m2] (default: %(default)s)",
    )


def _add_fit_group(parser: Parser) -> None:
    group = parser.add_argument_group("as an experimentalist would")
    group.add_argument(
        "--measured",
        type=Path,
        metavar="FILE",
        help="a spectrum of the same kind of cell, as a potentiostat exports it",
    )
    group.add_argument(
        "--measured-area",
        type=float,
        metavar="NUMBER",
        help="cross-section of the measured electrode [m2], for a file in Ohm",
    )
    group.add_argument(
        "--fit-line",
        choices=("capacitor", "CPE"),
        help="fit a transmission line to the spectrum, and to the measured one",
    )
    group.add_argument(
        "--fit-walls",
        choices=("capacitor", "CPE"),
        help="find the walls, what is in series, and the conductivity where it is not given, with "
        "which the spectrum lies on the measured one",
    )
    group.add_argument(
        "--weighting",
        choices=("unit", "modulus", "proportional"),
        default="modulus",
        help="of what is fitted (default: %(default)s)",
    )


def _asked(options: argparse.Namespace) -> dict[str, Any]:
    """Arguments of the function."""
    return {
        "sides": options.sides,
        "wall": options.wall,
        "conductivity": 1.0 if options.conductivity is None else options.conductivity,
        "electronic_conductivity": options.electronic_conductivity,
        "capacitance": _walls(options),
        "reactive": _reactive(options),
        "frequency": options.frequency,
        "cell": options.cell,
        "separator_resistance": options.separator_resistance,
        "tolerance": options.tolerance,
        "solver": Solver(max_iterations=options.max_iterations),
        "ignore_memory": options.ignore_memory,
    }


def _reactive(options: argparse.Namespace) -> list[str] | None:
    """Names of the reactive phases, whose capacitances are an option of their own."""
    if options.reactive is None:
        return None
    for name, number in options.reactive:
        if number is not None:
            raise InputError(
                f"--reactive only names phases here, found {name}={number:g}; give it as "
                f"--capacitance {name}={number:g}, in F/m2"
            )
    return reactive_names(options.reactive)


def _walls(options: argparse.Namespace) -> Wall | dict[str, Wall]:
    """One wall for all phases, or one for each that is named."""
    given = options.capacitance or [("", 0.1)]
    walls = {
        name: twin.Wall(value, options.exponent, options.charge_transfer_resistance)
        for name, value in given
    }
    if len(walls) < len(given) or ("" in walls and len(walls) > 1):
        raise InputError(
            f"give one capacitance for all walls or one for each phase, as {_CAPACITANCE}"
        )
    return walls.get("", walls)


def _measured(options: argparse.Namespace) -> Spectrum | None:
    """The measured spectrum, per area."""
    if options.measured is None:
        for option in ("measured_area", "fit_walls"):
            if getattr(options, option) is not None:
                raise InputError(f"--{option.replace('_', '-')} belongs to --measured; give both")
        return None
    found = twin.read_spectrum(options.measured, options.measured_area)
    if found.unit != "Ohm m2":
        raise InputError(
            f"{options.measured} is in Ohm; give the cross-section of the measured electrode in m2 "
            "as --measured-area"
        )
    return found


def _solve(
    volume: Volume,
    options: argparse.Namespace,
    asked: dict[str, Any],
    measured: Spectrum | None,
) -> tuple[Impedance, WallFit | None]:
    question = (volume, options.phase, options.axis, options.separator)
    if measured is None:
        return twin.impedance(*question, **asked), None
    if options.fit_walls is None:
        if options.frequency is None:
            asked["frequency"] = measured.frequency
        return twin.impedance(*question, **asked), None
    walls = twin.fit_wall(
        measured,
        twin.impedance(*question, **{**asked, "frequency": None}),
        element=options.fit_walls,
        conductivity=options.conductivity,
        weighting=options.weighting,
        cell=options.cell,
        charge_transfer=options.charge_transfer_resistance < math.inf,
    )
    # What was found is solved for once more, so that its error is known where it was measured.
    found = {
        "capacitance": walls.wall,
        "conductivity": walls.conductivity,
        "separator_resistance": walls.series_resistance,
        "frequency": measured.frequency if options.frequency is None else options.frequency,
    }
    return twin.impedance(*question, **{**asked, **found}), walls


def _fit_lines(
    options: argparse.Namespace, z: Impedance, measured: Spectrum | None
) -> dict[str, TransmissionLineFit]:
    if options.fit_line is None:
        return {}
    spectra = {"simulated": z.spectrum}
    if measured is not None:
        spectra["measured"] = measured
    how = {"element": options.fit_line, "weighting": options.weighting, "cell": options.cell}
    return {name: twin.fit_transmission_line(s, **how) for name, s in spectra.items()}


def _write(wanted: Outputs, options: argparse.Namespace, answer: Answer) -> None:
    z = answer.impedance
    data = {"twin": twin.__version__, "image": options.image, **answer.to_dict()}
    written = write_text(wanted.json, lambda file: write_json(file, data))
    written += write_text(wanted.csv, lambda file: write_csv(file, z.rows()))
    if wanted.plot is not None:
        z.plot(wanted.plot, answer.measured)
        written.append(wanted.plot)
    if wanted.vtk is not None:
        middle = float(np.exp(np.log(z.frequency).mean()))
        frequency = middle if options.vtk_frequency is None else options.vtk_frequency
        written += z.to_vtk(wanted.vtk, frequency)
    if not wanted.printed:
        show(answer, written)
