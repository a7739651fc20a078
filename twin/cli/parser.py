"""The parser of the command line, whose complaints are one sentence."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import NoReturn, TypeAlias, TypeVar

import twin
from meshing.errors import InputError

T = TypeVar("T")


class Parser(argparse.ArgumentParser):
    """A parser that raises `InputError` where argparse would print its usage and leave."""

    def error(self, message: str) -> NoReturn:
        """Raise the complaint as one sentence that ends with where help is."""
        raise InputError(f"{message}; see '{self.prog} --help'")


Commands: TypeAlias = "argparse._SubParsersAction[Parser]"


def top_parser() -> tuple[Parser, Commands]:
    """Make the parser of `twin` itself, and the place where commands are added.

    Examples
    --------
    >>> from twin.cli.parser import top_parser
    >>> parser, commands = top_parser()
    >>> parser.prog
    'twin'
    """
    parser = Parser(
        prog="twin",
        description="A segmented X-ray tomogram goes in, physics comes out.",
        epilog="Exit codes: 0 done; 1 the physics says no (a phase does not percolate, a solve "
        "did not converge); 2 wrong usage or input; 130 interrupted.",
    )
    parser.add_argument("--version", action="version", version=f"twin {twin.__version__}")
    commands = parser.add_subparsers(
        title="commands", metavar="command", dest="command", required=True
    )
    return parser, commands


def converter(convert: Callable[[str], T], name: str) -> Callable[[str], T]:
    """Make a function of text fit for argparse, which would swallow the sentence of an InputError.

    Examples
    --------
    >>> from meshing.units import spacing
    >>> from twin.cli.parser import converter
    >>> converter(spacing, "spacing")("50nm")
    (5e-08, 5e-08, 5e-08)
    """

    def run(text: str) -> T:
        try:
            return convert(text)
        except InputError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    run.__name__ = name
    return run


def phases(text: str) -> dict[str, tuple[int, ...]]:
    """Names and labels of phases, as in ``pore=0,AM=1,CBD=2`` or ``pore=0,solid=1+2``.

    Raises
    ------
    InputError
        When a part is not a name and whole numbers, or a name comes twice.

    Examples
    --------
    >>> from twin.cli.parser import phases
    >>> phases("pore=0,solid=1+2")
    {'pore': (0,), 'solid': (1, 2)}
    """
    found: dict[str, tuple[int, ...]] = {}
    for part in text.split(","):
        name, _, labels = (piece.strip() for piece in part.partition("="))
        if not name or name in found:
            raise InputError(f"phases are given once each as pore=0,AM=1, found {text!r}")
        try:
            found[name] = tuple(int(label) for label in labels.split("+"))
        except ValueError:
            raise InputError(
                f"the label of phase {name!r} must be a whole number (several as 1+2), found "
                f"{labels!r}; give phases as pore=0,AM=1"
            ) from None
    return found


def whole_numbers(text: str) -> tuple[int, ...]:
    """Whole numbers with commas between them.

    Examples
    --------
    >>> from twin.cli.parser import whole_numbers
    >>> whole_numbers("200,300,400")
    (200, 300, 400)
    """
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise InputError(
            f"whole numbers with commas between them are needed, found {text!r}"
        ) from None
