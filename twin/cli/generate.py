"""`twin generate`: random electrodes and bodies that meet what they are to have."""

from __future__ import annotations

import argparse
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args

import twin
from meshing.generate import Generated, agglomerates, fibres, particle_electrode, spheres
from meshing.generate.electrodes import BinderKind
from meshing.units import format_length, length, spacing
from twin.cli.output import Outputs, add_json_option, show, write_text
from twin.cli.parser import Commands, Parser, converter, whole_numbers
from twin.files import write_json
from twin.tiff import check_tiff, write_tiff


@dataclass(frozen=True)
class Option:
    """An argument of a generator on the command line.

    Attributes
    ----------
    name : of the argument of the function.
    help : what it means.
    kind : ``"length"``, ``"number"``, ``"word"``, ``"yes"`` or ``"no"``.
    choices : the words there are.
    """

    name: str
    help: str
    kind: str = "number"
    choices: tuple[str, ...] | None = None


_SPREAD: Final = Option("size_spread", "standard deviation of the logarithm of the diameter")
_OVERLAP: Final = Option("overlap", "share of the distance of touching by which two may overlap")
_CHANCE: Final = Option("exact", "leave bodies as they are and the fraction to chance", "no")
_POINTING: Final = (
    Option("orientation", "where axes point: an axis as z or a plane as xy", "word"),
    Option("scatter", "standard deviation of the angles by which they leave it, in degrees"),
)

_KINDS: Final[dict[str, tuple[Callable[..., Generated], str, tuple[Option, ...]]]] = {
    "electrode": (
        particle_electrode,
        "particles, carbon-binder domain and pores",
        (
            Option("active_fraction", "volume fraction of AM"),
            Option("binder_fraction", "volume fraction of CBD"),
            Option("d50", "median diameter of the particles by volume", "length"),
            _SPREAD,
            Option("aspect_ratio", "length of a particle along its axis over its width"),
            *_POINTING,
            _OVERLAP,
            Option("binder", "how the CBD lies", "word", get_args(BinderKind)),
            Option("binder_length", "over what the noise of the CBD is smoothed", "length"),
        ),
    ),
    "spheres": (
        spheres,
        "spheres that overlap as chance has it, or not at all",
        (
            Option("diameter", "median diameter by volume", "length"),
            Option("fraction", "volume fraction of the spheres"),
            _SPREAD,
            Option("overlap", "pack them without overlap", "no"),
            _CHANCE,
        ),
    ),
    "fibres": (
        fibres,
        "straight fibres through each other",
        (
            Option("diameter", "diameter of the fibres", "length"),
            Option("porosity", "volume fraction of the pores"),
            Option("fibre_length", "length; right through the volume by default", "length"),
            *_POINTING,
            _CHANCE,
        ),
    ),
    "agglomerates": (
        agglomerates,
        "lumps of carbon spheres with binder, as of carbon black",
        (
            Option("carbon_fraction", "volume fraction of the carbon"),
            Option("binder_fraction", "volume fraction of the binder"),
            Option("diameter", "median diameter of the spheres by volume", "length"),
            _SPREAD,
            Option("agglomerate", "width of the agglomerates", "length"),
            Option("packing", "volume fraction of carbon in them"),
            _OVERLAP,
        ),
    ),
}


def add_to(commands: Commands) -> None:
    """Add the command, and one below it for each kind of volume, to the parser."""
    text = "make a random electrode, spheres, fibres or agglomerates with given fractions and sizes"
    parser = commands.add_parser("generate", help=text, description=f"{text.capitalize()}.")
    kinds = parser.add_subparsers(title="kinds", metavar="kind", dest="kind", required=True)
    for name, (function, about, options) in _KINDS.items():
        kind = kinds.add_parser(name, help=about, description=f"{about.capitalize()}.")
        _add_space(kind, function)
        group = kind.add_argument_group("what it is to have")
        for option in options:
            _add(group, option, inspect.signature(function).parameters[option.name].default)
        _add_outputs(kind)
        kind.set_defaults(run=run, function=function, names=[o.name for o in options])


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    wanted = Outputs(json=options.json, plot=options.plot)
    wanted.check()
    check_tiff(options.out)
    given = vars(options)
    names = ("shape", "spacing", "periodic", "seed", *options.names)
    made: Generated = options.function(**{name: given[name] for name in names if name in given})
    written = [write_tiff(made.volume, options.out)]
    data = {"twin": twin.__version__, "image": str(options.out), **made.to_dict()}
    written += write_text(wanted.json, lambda file: write_json(file, data))
    if wanted.plot is not None:
        twin.plot_slices(made.volume, wanted.plot)
        written.append(wanted.plot)
    if not wanted.printed:
        show(made, written)
    return 0


def _add_space(parser: Parser, function: Callable[..., Generated]) -> None:
    known = inspect.signature(function).parameters
    needed = known["shape"].default is inspect.Parameter.empty
    parser.add_argument(
        "--shape",
        type=converter(whole_numbers, "numbers"),
        metavar="N,N,N",
        required=needed,
        default=argparse.SUPPRESS,
        help="voxels along x, y, z" + ("" if needed else _default(known["shape"].default)),
    )
    parser.add_argument(
        "--spacing",
        type=converter(spacing, "spacing"),
        metavar="LENGTH",
        required=needed,
        default=argparse.SUPPRESS,
        help="edge of a voxel with its unit, as 50nm, or three as 20nm,5nm,5nm"
        + ("" if needed else _default(format_length(known["spacing"].default))),
    )
    parser.add_argument(
        "--periodic",
        action=argparse.BooleanOptionalAction,
        default=argparse.SUPPRESS,
        help="whether opposite faces fit together"
        + _default("yes" if known["periodic"].default else "no"),
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="seed of the random numbers (default: %(default)s)"
    )


def _add(group: argparse._ArgumentGroup, option: Option, default: Any) -> None:
    """Add an option; what is not given is left to the function."""
    flag = f"--{option.name.replace('_', '-')}"
    if option.kind == "no":
        group.add_argument(
            f"--no-{option.name}", dest=option.name, action="store_false",
            default=argparse.SUPPRESS, help=option.help,
        )  # fmt: skip
        return
    needed = default is inspect.Parameter.empty
    lengths = option.kind == "length"
    shown = format_length(default) if lengths and isinstance(default, float) else default
    how: dict[str, Any] = {"choices": option.choices}
    if lengths:
        how = {"type": converter(length, "length"), "metavar": "LENGTH"}
    elif option.kind == "number":
        how = {"type": float, "metavar": "NUMBER"}
    group.add_argument(
        flag,
        required=needed,
        default=argparse.SUPPRESS,
        help=option.help + ("" if needed or default is None else _default(shown)),
        **how,
    )


def _default(value: object) -> str:
    text = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return f" (default: {text})"


def _add_outputs(parser: Parser) -> None:
    parser.add_argument(
        "-o", "--out", type=Path, required=True, metavar="FILE", help="the image, a .tif file"
    )
    add_json_option(parser)
    parser.add_argument(
        "--plot", type=Path, metavar="FILE", help="draw three slices: .png, .pdf or .svg"
    )
