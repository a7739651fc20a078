"""What phases and interfaces carry along each axis, as tables of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twin.tables import text_table

if TYPE_CHECKING:
    from twin.conduction_results import Conduction
    from twin.directions import Directions


def phase_table(directions: Directions[Conduction]) -> str:
    """What each phase carries along each axis, as text."""
    first = next(iter(directions))
    words = first.transport
    head = ["phase", "eps"]
    rows = [[name, f"{eps:#.6g}"] for name, eps in first.volume_fractions.items()]
    for c in directions:
        columns = (
            ("percolating", c.percolating_fractions),
            (words.flow, c.share),
            (words.loss, c.heat_share),
        )
        head += [f"{name} {c.axis}" for name, _ in columns]
        for row in rows:
            row += [f"{values[row[0]]:#.4g}" for _, values in columns]
    return text_table(head, rows)


def interface_table(directions: Directions[Conduction]) -> str:
    """What crosses the interfaces along each axis, as text; empty where there is none."""
    first = next(iter(directions))
    words, pairs = first.transport, list(first.interface_share)
    resistance = first.conductors.contact_resistance
    head = ["interface", f"resistance [{words.resistance_unit}]"]
    rows = [[f"{a}:{b}", f"{resistance.get((a, b), 0.0):g}"] for a, b in pairs]
    for c in directions:
        head += [f"{words.flow} {c.axis}", f"{words.loss} {c.axis}"]
        for row, pair in zip(rows, pairs, strict=True):
            row += [f"{c.interface_share[pair]:#.4g}", f"{c.interface_heat_share[pair]:#.4g}"]
    return text_table(head, rows) if rows else ""


def plane_table(directions: Directions[Conduction]) -> str:
    """Through-plane and in-plane conductivity, whichever axis is through the plane, as text."""
    words = next(iter(directions)).transport
    symbol, unit = words.conductivity_symbol, words.conductivity_unit
    head = ["plane across", f"{symbol} through [{unit}]", f"{symbol} in plane [{unit}]", "ratio"]
    planes = [directions.planes(c.axis) for c in directions]
    rows = [
        [p.axis, *(f"{value:#.6g}" for value in (p.through_plane, p.in_plane, p.ratio))]
        for p in planes
    ]
    return text_table(head, rows)
