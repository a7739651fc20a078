"""The command line, `twin info|tortuosity|...`, in the words of the Python functions.

Exit codes: 0 done; 1 the physics says no (a phase does not percolate, a solve did not converge);
2 wrong usage or input; 130 interrupted. Errors are one sentence on the standard error stream.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from meshing.errors import InputError
from solvers.report import NotConverged

if TYPE_CHECKING:
    from twin.cli.parser import Parser

DONE, PHYSICS_SAYS_NO, WRONG_INPUT, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    arguments : the words after `twin`; those of the process by default.

    Returns
    -------
    int
        The exit code.

    Examples
    --------
    >>> from twin.cli import main
    >>> main(["--version"])
    twin 0.1.0
    0
    """
    try:
        return _run(arguments)
    except InputError as error:
        return _fail(str(error), WRONG_INPUT)
    except NotConverged as error:
        return _fail(str(error), PHYSICS_SAYS_NO)
    except MemoryError:
        return _fail(
            "there is not enough memory for this volume; crop or rebin it, or use a larger machine",
            WRONG_INPUT,
        )
    except KeyboardInterrupt:
        return _fail("interrupted; no file was left half-written", INTERRUPTED)
    except BrokenPipeError:
        return _reader_left()
    except OSError as error:
        return _fail(str(error), WRONG_INPUT)


def build_parser() -> Parser:
    """The parser of all commands, from which the documentation takes its tables of options.

    Examples
    --------
    >>> from twin.cli import build_parser
    >>> build_parser().prog
    'twin'
    """
    # Here and not above, so that Ctrl-C while they load is answered like any other.
    from twin.cli import (
        characterize,
        conduction,
        demo,
        electrode,
        generate,
        impedance,
        info,
        lio2,
        lio2_image,
        particles,
        pores,
        report,
        representative,
        segmentation_uncertainty,
        sweep,
        tortuosity,
    )
    from twin.cli.parser import top_parser

    parser, commands = top_parser()
    looks = (info, characterize, particles, pores)
    solves = (tortuosity, conduction, electrode, impedance, lio2, lio2_image, sweep)
    studies = (representative, segmentation_uncertainty)
    for command in (*looks, *solves, *studies, report, generate, demo):
        command.add_to(commands)
    return parser


def _run(arguments: Sequence[str] | None) -> int:
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        options = build_parser().parse_args(words)
    except SystemExit:  # argparse has shown the help or the version; errors are InputError here
        return DONE
    options.words = words  # what a report says that was typed
    code: int = options.run(options)
    sys.stdout.flush()  # a reader that left is met here, and not while Python shuts down
    return code


def _fail(sentence: str, code: int) -> int:
    sys.stderr.write(f"error: {sentence}\n")
    return code


def _reader_left() -> int:
    """Who read our output (`| head`) has seen enough: end in silence."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return DONE
