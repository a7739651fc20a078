"""A discharge in an image put together by hand: its numbers hang together; nothing is solved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import twin
from solvers.deposit import CARBON, CLOSED, PORE, Deposit, begin
from solvers.sites import Sites
from twin.lio2.constants import FARADAY
from twin.lio2.image_album import Album, Cut, Plane
from twin.lio2.image_files import Series, film_thickness
from twin.lio2.image_results import TABLE, TRANSPORT, ImageDischarge
from twin.lio2.image_verdict import ImageVerdict
from twin.lio2.parameters import Parameters

CURRENT = 2.4
SETTINGS: dict[str, Any] = {
    "current_density": CURRENT, "pore": "pore", "carbon": ["carbon"], "axis": "z",
    "oxygen": "high", "separator": "low", "solution_share": 0.25, "seed": 0,
    "electrons": "uniform",
}  # fmt: skip


def image(shape: tuple[int, int, int] = (12, 10, 16)) -> twin.Volume:
    """Carbon lumps in pores that reach both faces."""
    x, y, z = np.meshgrid(*(np.arange(n) for n in shape), indexing="ij")
    wave = np.sin(0.7 * x) + np.sin(0.9 * y) + np.sin(0.6 * z)
    labels = (wave > 0.9).astype(np.uint8)
    return twin.Volume(labels, spacing="25nm", phases={"pore": 0, "carbon": 1})


def fresh(volume: twin.Volume) -> Deposit:
    """No product yet, four particles to come."""
    kind = np.where(volume.labels == 1, CARBON, PORE).astype(np.uint8)
    return begin(kind, volume.spacing, 2, area="voxel")


def grown(start: Deposit, share: float) -> Deposit:
    """Product beside the carbon, more of it towards the O2; some voxels are full."""
    sites, shape = start.sites, start.kind.shape
    beside = np.zeros(start.kind.size, bool)
    beside[sites.voxel] = True
    depth = (np.arange(shape[2]) + 1.0) / shape[2]
    film = np.where(beside.reshape(shape), (1.3 * share * depth)[None, None, :], 0.0)
    film = np.minimum(film, 1.0)
    kind = np.where(film >= 1.0, np.uint8(CLOSED), start.kind)
    open_ = kind.ravel()[sites.voxel] == PORE
    per_voxel = np.bincount(sites.voxel, minlength=kind.size)[sites.voxel]
    volume = film.ravel()[sites.voxel] * start.voxel_volume / per_voxel
    left = Sites(sites.voxel[open_], sites.carbon[open_], sites.side[open_], sites.area[open_],
                 sites.base[open_], volume[open_])  # fmt: skip
    return replace(start, kind=kind, film=film, sites=left)


def fields(deposit: Deposit) -> dict[str, np.ndarray]:
    """O2 that falls towards the separator, and a reaction with it."""
    depth = (np.arange(deposit.kind.shape[2]) + 1.0) / deposit.kind.shape[2]
    open_ = deposit.kind == PORE
    oxygen = np.where(open_, 3.72 * depth[None, None, :] ** 2, 0.0)
    return {
        "oxygen": oxygen,
        "reaction_rate": 1e5 * oxygen,
        "film_thickness": film_thickness(deposit),
    }


def discharge(folder: Path | None = None, steps: int = 6) -> ImageDischarge:
    """A discharge of the image, with its series where a folder is given."""
    volume, p = image(), Parameters.of("Su2021_ch6")
    start = fresh(volume)
    states = [grown(start, share) for share in np.linspace(0.0, 1.0, steps)]
    products = np.array([s.theta.sum() * s.voxel_volume for s in states])
    table = _table(volume, p, states, products)
    series = Series(folder) if folder else None
    for time, state in zip(table["time"], states, strict=True):
        series = series.add(time, volume, state, fields(state)) if series else None
    losses = {name: float(table[f"loss_{name}"][-1]) for name in _LOSSES}
    return ImageDischarge(
        volume=volume, parameters=p, settings=SETTINGS, table=table,
        transport=_transport(start, table), final=states[-1], fields=fields(states[-1]),
        layers=_layers(volume, states[-1]), album=_album(volume, states),
        verdict=ImageVerdict("the voltage fell to the cut-off of 2 V", losses),
        charge_balance=0.0, series=series.path if series else None,
    )  # fmt: skip


_LOSSES = {"oxygen": 0.3, "film": 0.15, "area": 0.08, "electrolyte": 0.01, "electrons": 0.0}


def _table(volume: Any, p: Parameters, states: list[Deposit], products: Any) -> dict[str, Any]:
    n = len(states)
    face = volume.shape[0] * volume.shape[1] * volume.spacing[0] * volume.spacing[1]
    charge = products * p.electrons * FARADAY / p.product_molar_volume
    share = np.linspace(0.0, 1.0, n)
    room = np.count_nonzero(states[0].kind == PORE) * states[0].voxel_volume
    film = [np.average(s.sites.thickness, weights=s.sites.area) for s in states]
    area = np.array([s.sites.area.sum() for s in states])
    table = {name: np.zeros(n) for name in TABLE}
    table |= {f"loss_{name}": size * share**2 for name, size in _LOSSES.items()}
    lost = sum(table[f"loss_{name}"] for name in _LOSSES)
    return table | {
        "capacity": charge / face, "charge": charge, "time": charge / face / CURRENT,
        "voltage": 2.66 - lost, "overpotential": 0.3 + lost, "product": products,
        "filling": products / room, "coverage": share, "bare_area": area * (1.0 - share),
        "covered_area": area * share, "thickness": np.array(film),
        "largest_thickness": np.array([s.sites.thickness.max() for s in states]),
        "largest_particle": 1e-22 * share, "oxygen_accessible": 1.0 - 0.1 * share,
        "separator_accessible": 1.0 - 0.1 * share, "accessible": 1.0 - 0.2 * share,
        "trapped": 0.05 * share, "oxygen": 3.0 - share, "oxygen_imbalance": 1e-12 * share,
        "solves": np.arange(1.0, n + 1.0),
    }  # fmt: skip


def _transport(start: Deposit, table: dict[str, Any]) -> dict[str, Any]:
    filling, whole = table["filling"], start.kind.size * start.voxel_volume
    porosity = np.count_nonzero(start.kind == PORE) / start.kind.size * (1.0 - filling)
    diffusivity = porosity**1.8
    diffusivity[-1] = 0.0  # the last row has no path
    with np.errstate(divide="ignore"):
        tortuosity = porosity / diffusivity
    area = (table["bare_area"] + table["covered_area"]) / whole
    drops = np.full_like(filling, 1e-3), np.full_like(filling, 1e-5), np.zeros_like(filling)
    columns = (filling, table["capacity"], porosity, diffusivity, tortuosity, area,
               table["coverage"], table["accessible"], *drops)  # fmt: skip
    return dict(zip(TRANSPORT, columns, strict=True))


def _album(volume: Any, states: list[Deposit]) -> Album:
    plane = Plane.of(volume, 2)
    cuts = (
        Cut(
            k, plane.cut(state.kind), plane.cut(np.where(state.kind >= PORE, state.theta, np.nan)),
            *(plane.cut(np.where(state.kind == PORE, values, np.nan))
              for values in fields(state).values()),
        )
        for k, state in enumerate(states)
    )  # fmt: skip
    return Album(plane, tuple(cuts))


def _layers(volume: Any, deposit: Deposit) -> dict[str, Any]:
    means = {
        name: np.where(np.isfinite(f), f, 0.0).mean((0, 1)) for name, f in fields(deposit).items()
    }
    product = deposit.theta.mean((0, 1))
    room = (deposit.kind >= PORE).mean((0, 1))
    return {
        "position": (np.arange(volume.shape[2]) + 0.5) * volume.spacing[2],
        "porosity": room - product, "product": product, "oxygen": means["oxygen"],
        "reaction": means["reaction_rate"], "thickness": means["film_thickness"],
    }  # fmt: skip
