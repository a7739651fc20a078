"""`twin info`: what an image holds."""

from __future__ import annotations

import argparse

import twin
from twin.cli.image import add_image_options, read_image
from twin.cli.output import Outputs, add_json_option, show, write_text
from twin.cli.parser import Commands
from twin.files import write_json


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    text = "print shape, spacing, labels and phases, and how each phase percolates"
    parser = commands.add_parser("info", help=text, description=f"{text.capitalize()}.")
    add_image_options(parser)
    add_json_option(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    wanted = Outputs(json=options.json)
    wanted.check()
    found = twin.info(read_image(options))
    data = {"twin": twin.__version__, "image": options.image, **found.to_dict()}
    written = write_text(wanted.json, lambda file: write_json(file, data))
    if not wanted.printed:
        show(found, written)
    return 0
