"""The words and units of what is conducted: electrons, ions, heat or a dissolved species."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Final, Literal

from meshing.errors import InputError

TransportName = Literal["electronic", "ionic", "thermal", "diffusive"]


@dataclass(frozen=True)
class Transport:
    """What the quantities of steady conduction are called, and their units.

    The equation is the same for all: flux = - conductivity * gradient of the potential, and no flux
    is lost. Fields are for a unit difference of the potential between the driven faces.

    Attributes
    ----------
    name : how the transport is chosen.
    conductivity, conductivity_symbol, conductivity_unit : the property of the phases.
    potential, potential_symbol, potential_unit : what drives the flux.
    flux, flux_symbol, flux_unit : what flows, per area and time.
    flow : what flows, in short.
    loss : what the flow spends in a volume, flux times gradient.
    resistance_unit : of a contact resistance.

    Examples
    --------
    >>> import numpy as np, twin
    >>> copper = twin.Volume(np.ones((4, 4, 4), np.uint8), "1um", {"Cu": 1})
    >>> c = twin.conduction(copper, {"Cu": 401.0}, transport="thermal")
    >>> c.transport.flux, c.transport.flux_unit
    ('heat flux', 'W/m2')
    """

    name: TransportName
    conductivity: str
    conductivity_symbol: str
    conductivity_unit: str
    potential: str
    potential_symbol: str
    potential_unit: str
    flux: str
    flux_symbol: str
    flux_unit: str
    flow: str
    loss: str
    resistance_unit: str


TRANSPORTS: Final = (
    Transport(
        name="electronic",
        conductivity="electronic conductivity",
        conductivity_symbol="σ",
        conductivity_unit="S/m",
        potential="potential",
        potential_symbol="φ",
        potential_unit="V",
        flux="current density",
        flux_symbol="j",
        flux_unit="A/m2",
        flow="current",
        loss="Joule heat",
        resistance_unit="Ohm m2",
    ),
    Transport(
        name="ionic",
        conductivity="ionic conductivity",
        conductivity_symbol="κ",
        conductivity_unit="S/m",
        potential="potential",
        potential_symbol="φ",
        potential_unit="V",
        flux="current density",
        flux_symbol="j",
        flux_unit="A/m2",
        flow="current",
        loss="Joule heat",
        resistance_unit="Ohm m2",
    ),
    Transport(
        name="thermal",
        conductivity="thermal conductivity",
        conductivity_symbol="λ",
        conductivity_unit="W/(m K)",
        potential="temperature",
        potential_symbol="T",
        potential_unit="K",
        flux="heat flux",
        flux_symbol="q",
        flux_unit="W/m2",
        flow="heat flow",
        loss="dissipation",
        resistance_unit="m2 K/W",
    ),
    Transport(
        name="diffusive",
        conductivity="diffusivity",
        conductivity_symbol="D",
        conductivity_unit="m2/s",
        potential="concentration",
        potential_symbol="c",
        potential_unit="mol/m3",
        flux="molar flux",
        flux_symbol="J",
        flux_unit="mol/(m2 s)",
        flow="molar flow",
        loss="dissipation",
        resistance_unit="s/m",
    ),
)


def transport_of(name: str) -> Transport:
    """The words and units of a transport.

    Raises
    ------
    InputError
        When there is no such transport; the sentence lists them and the nearest one.

    Examples
    --------
    >>> from twin.transport import transport_of
    >>> transport_of("ionic").conductivity_unit
    'S/m'
    """
    known = {transport.name: transport for transport in TRANSPORTS}
    for transport in TRANSPORTS:
        if transport.name == name:
            return transport
    near = difflib.get_close_matches(str(name), known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise InputError(f"there is no transport {name!r}; use {', '.join(map(repr, known))}{hint}")
