"""`twin lio2-image`: the discharge of a Li-O2 cathode inside its image."""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import twin
from meshing.errors import InputError
from meshing.units import length
from meshing.volume import Volume
from twin.cli.image import add_image_options, read_image
from twin.cli.lio2 import add_parameter_options, parameter_changes, quantity
from twin.cli.output import Outputs, add_json_option, show, write_text
from twin.cli.parser import Commands, Parser, converter
from twin.figures import check_format
from twin.files import check_writable, write_csv, write_json
from twin.lio2.animation import check_animation
from twin.lio2.image_files import STATE
from twin.lio2.image_model import Growth, NanoPorous, Resolution
from twin.lio2.image_results import ImageDischarge
from twin.lio2.parameters import Parameters
from twin.progress import discharge_bar

#: What the image says itself.
_OF_THE_IMAGE: Final = (
    "cathode_thickness", "porosity", "tortuosity", "structure", "radius", "transport",
)  # fmt: skip


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    text = "discharge a Li-O2 cathode inside its image, voxel by voxel"
    parser = commands.add_parser(
        "lio2-image",
        help=text,
        description=f"{text.capitalize()}, until its voltage falls to the cut-off, to a capacity, "
        "or until nothing can react any more.",
        allow_abbrev=False,
    )
    add_image_options(parser)
    _add_cathode_group(parser)
    _add_growth_group(parser)
    _add_porous_group(parser)
    add_parameter_options(parser, without=_OF_THE_IMAGE)
    _add_folder_group(parser)
    _add_output_group(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    wanted = Outputs(options.json, options.csv, options.vtk, options.plot)
    _check_outputs(wanted, options)
    volume = read_image(options)
    try:
        found = _discharge(volume, options)
    except KeyboardInterrupt:
        if options.folder is not None and (options.folder / STATE).exists():
            sys.stderr.write(f"the same command with --resume goes on from {options.folder}\n")
        raise
    _write(wanted, options, found)
    return 0


def _discharge(volume: Volume, options: argparse.Namespace) -> ImageDischarge:
    parameters = Parameters.of(options.set).replace(**parameter_changes(options))
    capacity = None if options.capacity is None else quantity(options.capacity)
    with _plain_warnings(), discharge_bar(sys.stderr) as progress:
        return twin.lio2.discharge_image(
            volume, parameters, quantity(options.current_density),
            pore=options.pore, carbon=_names(options.carbon), axis=options.axis,
            oxygen=options.oxygen, separator=options.separator, growth=_growth(options),
            electrolyte=_resolution("electrolyte", options),
            electrons=_resolution("electrons", options),
            porous=_porous(options), area=options.area, exponent=options.exponent,
            sides=options.sides, capacity=capacity,
            covered=options.covered, measure=options.measure,
            folder=options.folder, resume=options.resume,
            ignore_memory=options.ignore_memory, progress=progress,
        )  # fmt: skip


@contextmanager
def _plain_warnings() -> Iterator[None]:
    """Write warnings as one sentence, without the line of code that they come from."""

    def show(message: Warning | str, *_: Any, **__: Any) -> None:
        sys.stderr.write(f"warning: {message}\n")

    with warnings.catch_warnings():
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = show
        yield


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    if "" in names:
        raise InputError(f"--carbon takes names with commas between them, found {text!r}")
    return names


def _resolution(name: str, options: argparse.Namespace) -> Resolution:
    return "resolved" if name in options.resolve else "uniform"


def _growth(options: argparse.Namespace) -> Growth:
    return Growth(
        solution_share=options.solution_share,
        nuclei=options.nuclei,
        seed=options.seed,
        supply=options.supply,
    )


def _porous(options: argparse.Namespace) -> NanoPorous | None:
    porosity, area = options.porous_porosity, options.porous_area
    if (porosity is None) != (area is None):
        raise InputError(
            "nano-porous carbon needs both --porous-porosity and --porous-area; give both"
        )
    if porosity is None:
        return None
    return NanoPorous(porosity, area, options.porous_exponent)


def _add_cathode_group(parser: Parser) -> None:
    group = parser.add_argument_group("the cathode and its current")
    group.add_argument(
        "--current-density",
        required=True,
        metavar="CURRENT",
        help="A/m2 of the cross-section, or with its unit as 0.24mA/cm2 or 40mA/g (of carbon)",
    )
    group.add_argument(
        "--capacity", metavar="CHARGE", help="end there: C/m2, or with its unit as 1mAh/cm2"
    )
    group.add_argument("--pore", default="pore", help="the phase of the pores (default: pore)")
    group.add_argument(
        "--carbon",
        default="carbon",
        help="the phase that Li2O2 grows on, or several as carbon,CBD (default: carbon)",
    )
    group.add_argument("--axis", default="z", help="x, y or z (default: z)")
    group.add_argument(
        "--oxygen",
        choices=("low", "high"),
        default="high",
        help="the face of the axis on which the O2 is (default: %(default)s)",
    )
    group.add_argument(
        "--separator", choices=("low", "high"), help="that of the separator (default: the other)"
    )
    group.add_argument(
        "--sides",
        choices=("no-flux", "periodic"),
        default="no-flux",
        help="the faces beside (default: %(default)s)",
    )
    group.add_argument(
        "--resolve",
        nargs="+",
        action="extend",
        choices=("electrolyte", "electrons"),
        default=[],
        help="what is a field: potential and salt of the electrolyte, potential of the carbon "
        "(default: both uniform)",
    )


def _add_growth_group(parser: Parser) -> None:
    group = parser.add_argument_group("how Li2O2 grows")
    group.add_argument(
        "--solution-share",
        type=float,
        default=0.0,
        metavar="SHARE",
        help="share that grows as particles from solution, the rest as a film; 0 to 1 "
        "(default: %(default)s)",
    )
    group.add_argument(
        "--nuclei",
        type=float,
        default=1e12,
        metavar="NUMBER",
        help="particles per area of carbon [1/m2] (default: %(default)g)",
    )
    group.add_argument(
        "--seed", type=int, default=0, help="of the places of the particles (default: %(default)s)"
    )
    group.add_argument(
        "--supply",
        choices=("basin", "uniform"),
        default="basin",
        help="what feeds a particle: its surroundings, or all alike (default: %(default)s)",
    )
    group.add_argument(
        "--area",
        type=converter(_area, "area"),
        default="smooth",
        help="area of the carbon: smooth, voxel (that of the faces), 1/m of volume, or text such "
        "as '100 m2/g' (default: %(default)s)",
    )
    group.add_argument(
        "--exponent",
        type=float,
        default=1.5,
        help="power of the room left in a voxel in its diffusivity (default: %(default)s)",
    )
    group.add_argument(
        "--covered",
        type=converter(length, "length"),
        default=1e-9,
        metavar="LENGTH",
        help="film above which carbon counts as covered (default: 1nm)",
    )
    group.add_argument(
        "--measure",
        type=float,
        default=0.05,
        metavar="SHARE",
        help="pore filling between two measurements of D_eff (default: %(default)s)",
    )


def _add_porous_group(parser: Parser) -> None:
    group = parser.add_argument_group("carbon with pores too small for the image")
    group.add_argument(
        "--porous-porosity", type=float, metavar="SHARE", help="porosity of a voxel of carbon"
    )
    group.add_argument(
        "--porous-area", type=float, metavar="AREA", help="area in it over its volume [1/m]"
    )
    group.add_argument(
        "--porous-exponent",
        type=float,
        default=1.5,
        metavar="NUMBER",
        help="D_eff / D in it is its porosity to this power (default: %(default)s)",
    )


def _add_folder_group(parser: Parser) -> None:
    group = parser.add_argument_group("what is kept while it runs")
    group.add_argument(
        "--folder",
        type=Path,
        help="for the series that ParaView opens, discharge.pvd, and the state to go on from",
    )
    group.add_argument("--resume", action="store_true", help="go on from the state in the folder")
    group.add_argument(
        "--ignore-memory",
        action="store_true",
        help="go on even when the estimated memory is larger than what is free",
    )


def _add_output_group(parser: Parser) -> None:
    add_json_option(parser)
    files = (
        ("csv", "write the curves, one row for each step; '-' prints them instead of text"),
        ("profiles", "write the profiles over depth at the end as comma-separated values"),
        ("closure", "write area and transport against the product, for the 1D model"),
        ("vtk", "write the end for ParaView: .vti"),
        ("plot", "draw a picture: .png, .pdf or .svg"),
        ("contact-sheet", "draw slices as the discharge goes on: .png, .pdf or .svg"),
        ("animation", "draw slices and the voltage as they change: .gif"),
    )
    for name, text in files:
        parser.add_argument(f"--{name}", type=Path, metavar="FILE", help=text)


def _area(text: str) -> float | str:
    if text in ("smooth", "voxel"):
        return text
    per_gram = text.endswith("m2/g")
    try:
        number = float(text.removesuffix("m2/g"))
    except ValueError:
        raise InputError(
            f"an area is smooth, voxel, a number in 1/m, or text in m2/g, found {text!r}"
        ) from None
    return text if per_gram else number


def _check_outputs(wanted: Outputs, options: argparse.Namespace) -> None:
    more = (options.profiles, options.closure, options.contact_sheet, options.animation)
    wanted.check(*more)
    for path in more:
        if path is not None:
            check_writable(path)
    if options.contact_sheet is not None:
        check_format(options.contact_sheet)
    if options.animation is not None:
        check_animation(options.animation)
    if options.resume and options.folder is None:
        raise InputError("--resume needs what a run keeps in a folder; give --folder")


def _write(wanted: Outputs, options: argparse.Namespace, found: ImageDischarge) -> None:
    data = {"twin": twin.__version__, "image": options.image, **found.to_dict()}
    written = write_text(wanted.json, lambda file: write_json(file, data))
    written += write_text(wanted.csv, lambda file: write_csv(file, found.rows()))
    written += write_text(options.profiles, lambda file: write_csv(file, found.profile_rows()))
    if options.closure is not None:
        written.append(found.closure.to_csv(options.closure))
    if wanted.plot is not None:
        found.plot(wanted.plot)
        written.append(wanted.plot)
    if options.contact_sheet is not None:
        found.contact_sheet(options.contact_sheet)
        written.append(options.contact_sheet)
    if options.animation is not None:
        written.append(found.animate(options.animation))
    if wanted.vtk is not None:
        written.append(found.to_vtk(wanted.vtk))
    if found.series is not None:
        written.append(found.series)
    if not wanted.printed:
        show(found, written)
