"""What the studies of a number share: which number, where its points are kept, what is written."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Protocol

import twin
from meshing.errors import InputError
from meshing.units import length
from twin.cli.output import Outputs, add_json_option, show, write_text
from twin.cli.parser import Parser, converter
from twin.files import write_csv, write_json
from twin.studies import ranges


class Study(Protocol):
    """A result with a table and a picture, and no fields."""

    def summary(self) -> str: ...
    def to_dict(self) -> dict[str, Any]: ...
    def rows(self) -> list[dict[str, Any]]: ...
    def plot(self, path: str | Path | None = None) -> Any: ...


@dataclass(frozen=True)
class Measure:
    """A number of a volume that the command line knows by name.

    Attributes
    ----------
    metric : the name of a function of `twin`, or a method of `twin.Volume`.
    value : which number of its result.
    phase : what the metric calls the phase.
    along : whether it has an axis.
    """

    metric: Callable[[], Callable[..., Any]]
    value: str | None
    phase: str
    along: bool


#: Functions are looked up when they are needed, which keeps the parser light.
MEASURES: Final[Mapping[str, Measure]] = MappingProxyType(
    {
        "tortuosity-factor": Measure(lambda: twin.tortuosity, "tortuosity_factor", "phase", True),
        "relative-diffusivity": Measure(
            lambda: twin.tortuosity, "relative_diffusivity", "phase", True
        ),
        "volume-fraction": Measure(lambda: twin.Volume.volume_fraction, None, "name", False),
        "specific-surface": Measure(lambda: twin.correlation, "specific_surface", "phase", False),
    }
)


def add_measure_options(parser: Parser) -> None:
    """Add which number of the image is meant."""
    group = parser.add_argument_group("what to measure")
    group.add_argument(
        "--metric",
        choices=tuple(MEASURES),
        default="tortuosity-factor",
        help="the number (default: %(default)s); functions of your own are for Python",
    )
    group.add_argument("--phase", required=True, help="the phase that it is of")
    group.add_argument(
        "--axis", choices=("x", "y", "z"), help="of a tortuosity factor or diffusivity (default: z)"
    )


def measure(options: argparse.Namespace, volume: twin.Volume) -> dict[str, Any]:
    """What `twin.representative` and `twin.segmentation_uncertainty` take of the options.

    Raises
    ------
    InputError
        When the phase is unknown or empty, or an axis is given for what has none.
    """
    volume.present_labels(options.phase)
    chosen = MEASURES[options.metric]
    if options.axis and not chosen.along:
        raise InputError(f"--metric {options.metric} has no axis; leave out --axis")
    along = {"axis": options.axis or "z"} if chosen.along else {}
    return {
        "metric": chosen.metric(),
        "value": chosen.value,
        chosen.phase: options.phase,
        **along,
        "store": options.store,
        "jobs": options.jobs,
    }


def add_study_options(parser: Parser) -> None:
    """Add how the points are computed, and where the results go."""
    group = parser.add_argument_group("how to compute the points")
    group.add_argument(
        "--store",
        type=Path,
        default=Path("sweep.db"),
        metavar="FILE",
        help="keeps the finished points; what is there is not computed again (default: "
        "%(default)s)",
    )
    group.add_argument(
        "--jobs",
        type=converter(count, "count"),
        metavar="N",
        help="points computed at a time (default: the number of cores)",
    )
    add_json_option(parser)
    parser.add_argument(
        "--csv",
        type=Path,
        metavar="FILE",
        help="write the table as comma-separated values; '-' prints it instead of text",
    )
    parser.add_argument(
        "--plot", type=Path, metavar="FILE", help="draw a picture: .png, .pdf or .svg"
    )


def study_outputs(options: argparse.Namespace) -> Outputs:
    """The files that were asked for, which can be written.

    Raises
    ------
    InputError
        When one cannot be written.
    """
    wanted = Outputs(json=options.json, csv=options.csv, plot=options.plot)
    wanted.check()
    return wanted


def write_study(wanted: Outputs, study: Study, image: str) -> None:
    """Write the files that were asked for, and the text unless numbers are printed."""
    data = {"twin": twin.__version__, "image": image, **study.to_dict()}
    written = write_text(wanted.json, lambda file: write_json(file, data))
    written += write_text(wanted.csv, lambda file: write_csv(file, study.rows()))
    if wanted.plot is not None:
        study.plot(wanted.plot)
        written.append(wanted.plot)
    if not wanted.printed:
        show(study, written)


def count(text: str) -> int:
    """A whole number from 1 on.

    Raises
    ------
    InputError
        When it is none.

    Examples
    --------
    >>> from twin.cli.studies import count
    >>> count("27")
    27
    """
    if not text.isdecimal() or int(text) == 0:
        raise InputError(f"a whole number from 1 on is needed, found {text!r}")
    return int(text)


def lengths(text: str) -> list[float]:
    """Lengths with commas between them; plain numbers, in metres or voxels, stay what they are.

    Examples
    --------
    >>> from twin.cli.studies import lengths
    >>> lengths("5um,10um"), lengths("20,40")
    ([5e-06, 1e-05], [20.0, 40.0])
    """
    return [one_length(part) for part in ranges.names(text)]


def one_length(text: str) -> float:
    """A length with a unit, or a plain number in metres, or voxels where the spacing is unknown.

    Examples
    --------
    >>> from twin.cli.studies import one_length
    >>> one_length("0.3um"), one_length("2")
    (3e-07, 2.0)
    """
    try:
        return float(text)
    except ValueError:
        return length(text)
