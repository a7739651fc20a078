"""`twin report`: one page of HTML about an image."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

import twin
from twin.cli.image import add_image_options, read_image
from twin.cli.parser import Commands
from twin.files import check_writable
from twin.progress import steps_bar


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    text = "write one page of HTML with the pictures and the numbers of an image"
    parser = commands.add_parser("report", help=text, description=f"{text.capitalize()}.")
    add_image_options(parser)
    group = parser.add_argument_group("what is on the page")
    group.add_argument(
        "--pores", metavar="PHASE", help="the phase whose sizes are found (default: the first)"
    )
    group.add_argument(
        "--particles", metavar="PHASE", help="a phase to separate into particles (default: none)"
    )
    group.add_argument(
        "--transport",
        type=_names,
        default=(),
        metavar="PHASE,...",
        help="phases whose tortuosity factor is found along x, y and z (default: none)",
    )
    group.add_argument(
        "--no-rendering", dest="rendering", action="store_false", help="leave out the rendering"
    )
    group.add_argument("--title", help="the heading (default: the name of the image)")
    parser.add_argument(
        "-o", "--out", type=Path, required=True, metavar="FILE", help="the page, .html"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    check_writable(options.out)
    volume = read_image(options)
    with steps_bar(sys.stderr) as progress:
        page = twin.report(
            volume,
            options.out,
            pores=options.pores,
            particles=options.particles,
            transport=options.transport,
            rendering=options.rendering,
            title=options.title,
            source=options.image,
            command=shlex.join(["twin", *options.words]),
            progress=progress,
        )
    sys.stdout.write(f"wrote {page}\n")
    return 0


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))
