"""Tables of the options of a command, from the parser of the command line itself."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


def parser_of(command: str) -> argparse.ArgumentParser:
    """The parser of a command, or of a question of it: "sweep tortuosity"."""
    from twin.cli import build_parser

    parser: argparse.ArgumentParser = build_parser()
    for word in command.split():
        (choices,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
        parser = choices.choices[word]
    parser.format_help()  # some options are added at the first use
    return parser


def rows(parser: argparse.ArgumentParser) -> Iterator[str]:
    formatter = parser._get_formatter()
    for group in parser._action_groups:
        actions = [a for a in group._group_actions if not isinstance(a, argparse._HelpAction)]
        if not actions:
            continue
        title = group.title or ""
        yield f"**{title[:1].upper()}{title[1:]}**"
        yield ""
        for action in actions:
            yield f"`{formatter._format_action_invocation(action)}`"
            yield f": {formatter._expand_help(action)}"
            yield ""


class Options(SphinxDirective):
    """The usage line and the options of one command."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        parser = parser_of(self.arguments[0])
        usage = parser.format_usage().removeprefix("usage: ").rstrip()
        box = nodes.container(classes=["options"])
        self.state.nested_parse(StringList(list(rows(parser)), source="parser"), 0, box)
        return [nodes.literal_block(usage, usage, language="none"), box]


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("command-options", Options)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
