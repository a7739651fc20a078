"""The HTML of a report: text, tables and pictures that need no other file and no network."""

from __future__ import annotations

import base64
import io
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from twin.files import write_json

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Dots per inch of the pictures: fine enough for print, small enough for mail.
_DOTS: Final = 160

#: Longer texts than this have a line of their own.
_LINE: Final = 40
_LONG: Final = ' class="long"'


@dataclass(frozen=True)
class Section:
    """A part of a report.

    Attributes
    ----------
    title : its heading.
    body : HTML.
    """

    title: str
    body: str


@dataclass(frozen=True)
class Page:
    """A whole report.

    Attributes
    ----------
    title : what it is about.
    lead : HTML above the sections.
    sections : the parts, in order.
    numbers : all numbers, to take away.
    """

    title: str
    lead: str
    sections: Sequence[Section]
    numbers: Mapping[str, Any]

    def html(self) -> str:
        """The text of the file."""
        named = [(f"part-{number}", part) for number, part in enumerate(self.sections, 1)]
        links = "".join(f'<a href="#{key}">{escape(part.title)}</a>' for key, part in named)
        parts = "\n".join(
            f'<section id="{key}"><h2>{escape(part.title)}</h2>\n{part.body}</section>'
            for key, part in named
        )
        style = Path(__file__).with_name("report.css").read_text(encoding="utf-8")
        return (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            '<link rel="icon" href="data:,">\n'
            f"<title>{escape(self.title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
            f"<header>\n<h1>{escape(self.title)}</h1>\n{self.lead}</header>\n"
            f"<nav>{links}{_download(self.numbers)}</nav>\n<main>\n{parts}\n</main>\n"
            "</body>\n</html>\n"
        )


def paragraph(text: str, kind: str = "") -> str:
    """A paragraph of plain text; a kind sets it off."""
    return f'<p class="{kind}">{escape(text)}</p>\n' if kind else f"<p>{escape(text)}</p>\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], caption: str = "") -> str:
    """A table whose first column names its rows."""
    cells = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>\n"
        for row in rows
    )
    above = f"<caption>{escape(caption)}</caption>" if caption else ""
    return (
        f'<div class="wide"><table>{above}<thead><tr>{cells}</tr></thead>\n'
        f"<tbody>\n{body}</tbody></table></div>\n"
    )


def picture(figure: Figure, words: str, caption: str = "") -> str:
    """A figure of matplotlib inside the page."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=_DOTS)
    return image(file.getvalue(), words, caption)


def image(png: bytes, words: str, caption: str = "", kind: str = "") -> str:
    """A picture inside the page: its bytes as PNG, and words for who does not see it."""
    below = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    shape = f' class="{kind}"' if kind else ""
    code = base64.b64encode(png).decode("ascii")
    return (
        f'<figure{shape}><img alt="{escape(words)}" src="data:image/png;base64,{code}">'
        f"{below}</figure>\n"
    )


def facts(pairs: Mapping[str, str]) -> str:
    """Names and what they stand for; what is long has a line of its own."""
    items = "".join(
        f"<div{_LONG if len(value) > _LINE else ''}><dt>{escape(name)}</dt>"
        f"<dd>{escape(value)}</dd></div>"
        for name, value in pairs.items()
    )
    return f"<dl>{items}</dl>\n"


def number(value: float, digits: int = 4) -> str:
    """A number for people: a dash for none, a sign for an infinite one."""
    if math.isnan(value):
        return "–"
    return "∞" if math.isinf(value) else f"{value:.{digits}g}"


def percent(share: float) -> str:
    """A share for people."""
    return "–" if math.isnan(share) else f"{100 * share:.1f} %"


def share_bar(shares: Mapping[str, tuple[float, str]]) -> str:
    """A bar divided among names, each with its share and its colour."""
    parts = "".join(
        f'<span style="flex-grow:{share:.6f};background:{colour}"></span>'
        for share, colour in shares.values()
    )
    legend = "".join(
        f'<li><i style="background:{colour}"></i>{escape(name)} <b>{100 * share:.2f} %</b></li>'
        for name, (share, colour) in shares.items()
    )
    return f'<div class="bar" aria-hidden="true">{parts}</div>\n<ul class="legend">{legend}</ul>\n'


def _download(numbers: Mapping[str, Any]) -> str:
    text = io.StringIO()
    write_json(text, json.loads(json.dumps(numbers, default=str)))
    code = base64.b64encode(text.getvalue().encode()).decode("ascii")
    return (
        f'<a class="numbers" download="report.json" href="data:application/json;base64,{code}">'
        "Numbers as JSON</a>"
    )
