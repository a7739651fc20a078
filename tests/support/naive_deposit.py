"""Films, voxels that close, and basins, voxel by voxel in plain Python, slow and easy to read."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product

import numpy as np

from solvers.closing import CLOSES
from solvers.deposit import CLOSED, FULL, PORE, POROUS, Deposit

Voxel = tuple[int, int, int]


@dataclass
class Face:
    area: float
    base: float
    volume: float
    carbon: Voxel

    @property
    def thickness(self) -> float:
        return self.base + self.volume / self.area


@dataclass
class Naive:
    """Films only. `faces` maps (voxel, side) to what is there; side 6 is a voxel's inside."""

    kind: np.ndarray
    spacing: tuple[float, float, float]
    wraps: tuple[bool, bool, bool]
    porosity: float
    faces: dict[tuple[Voxel, int], Face] = field(default_factory=dict)
    product: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.kind = self.kind.copy()
        self.product = np.zeros(self.kind.shape)

    @classmethod
    def of(cls, deposit: Deposit) -> Naive:
        naive = cls(deposit.kind, deposit.spacing, deposit.wraps, deposit.porous)
        sites = deposit.sites
        for s in range(len(sites)):
            here, carbon = (naive.place(i) for i in (sites.voxel[s], sites.carbon[s]))
            naive.faces[here, int(sites.side[s])] = Face(float(sites.area[s]), 0.0, 0.0, carbon)
        return naive

    def place(self, flat: int) -> Voxel:
        x, y, z = (int(i) for i in np.unravel_index(flat, self.kind.shape))
        return x, y, z

    def beside(self, voxel: Voxel, side: int) -> Voxel | None:
        there = list(voxel)
        axis = side // 2
        there[axis] += 1 if side % 2 else -1
        n = self.kind.shape[axis]
        if self.wraps[axis]:
            there[axis] %= n
        return (there[0], there[1], there[2]) if 0 <= there[axis] < n else None

    def room(self, voxel: Voxel) -> float:
        nano = self.kind[voxel] in (POROUS, FULL)
        return float(np.prod(self.spacing)) * (self.porosity if nano else 1.0)

    def is_open(self, voxel: Voxel | None) -> bool:
        return voxel is not None and self.kind[voxel] in (PORE, POROUS)

    def face_area(self, side: int) -> float:
        return float(np.prod(self.spacing)) / self.spacing[side // 2]

    def grow(self, film: np.ndarray) -> None:
        for (key, face), made in zip(sorted(self.faces.items(), key=first), film, strict=True):
            face.volume += made
            self.product[key[0]] += made
        while True:
            voxels = list(product(*(range(n) for n in self.kind.shape)))
            full = [v for v in voxels if self.is_open(v) and self.is_full(v)]
            if not full:
                return
            self.close(full)

    def is_full(self, voxel: Voxel) -> bool:
        return bool(self.product[voxel] >= CLOSES * self.room(voxel))

    def close(self, full: list[Voxel]) -> None:
        for voxel in full:
            self.kind[voxel] = CLOSED if self.kind[voxel] == PORE else FULL
        given = np.zeros(self.kind.shape)
        new: dict[tuple[Voxel, int], Face] = {}
        for voxel in full:
            ways = [(s, self.beside(voxel, s)) for s in range(6)]
            ways = [(s, other) for s, other in ways if self.is_open(other)]
            excess = max(0.0, self.product[voxel] - self.room(voxel))
            keep = 1.0
            if ways and excess:
                keep = self.room(voxel) / self.product[voxel]
                self.product[voxel] -= excess
            for side, other in ways:
                given[other] += excess / len(ways)
                back = self.behind(voxel, side, keep)
                if back is not None and self.kind[other] == PORE:
                    back.volume = excess / len(ways)
                    new[other, side ^ 1] = back
        self.product += given
        self.faces = {key: f for key, f in (self.faces | new).items() if self.is_open(key[0])}

    def behind(self, voxel: Voxel, side: int, keep: float) -> Face | None:
        """What lies behind a voxel that closes, seen through a side; None without sites."""
        own = {s: self.faces[voxel, s] for s in range(6) if (voxel, s) in self.faces}
        if not own or self.kind[voxel] != CLOSED:
            return None
        ratio = sum(f.area for f in own.values()) / sum(self.face_area(s) for s in own)
        volumes = [f.volume for f in own.values()]
        weights = volumes if sum(volumes) > 0 else [f.area for f in own.values()]
        thickness = [f.base + keep * f.volume / f.area for f in own.values()]
        mean = float(np.average(thickness, weights=weights))
        nearest = min(own, key=lambda s: (own[s].base, -own[s].volume, s))
        return Face(self.face_area(side) * ratio, mean, 0.0, own[nearest].carbon)


@dataclass
class NaiveBasins:
    """Which nucleus each open voxel belongs to, and how far it is."""

    is_open: np.ndarray
    spacing: tuple[float, float, float]
    wraps: tuple[bool, bool, bool]
    centres: list[Voxel]

    def around(self, voxel: Voxel) -> list[Voxel]:
        """Open neighbours."""
        found = []
        for axis, step in product(range(3), (-1, 1)):
            there, n = list(voxel), self.is_open.shape[axis]
            there[axis] += step
            if self.wraps[axis]:
                there[axis] %= n
            if 0 <= there[axis] < n and self.is_open[tuple(there)]:
                found.append((there[0], there[1], there[2]))
        return found

    def connected(self, start: Voxel, inside: set[Voxel]) -> set[Voxel]:
        """What neighbours of the set lead to."""
        found, new = {start}, {start}
        while new:
            new = {w for v in new for w in self.around(v) if w in inside} - found
            found |= new
        return found

    def square(self, voxel: Voxel, i: int) -> float:
        """Squared distance from a nucleus, the edges in multiples of the shortest."""
        total = 0.0
        for axis, (a, b) in enumerate(zip(voxel, self.centres[i], strict=True)):
            apart = abs(a - b)
            if self.wraps[axis]:
                apart = min(apart, self.is_open.shape[axis] - apart)
            total += (apart * (self.spacing[axis] / min(self.spacing))) ** 2
        return total

    def find(self) -> dict[Voxel, int]:
        """The nearest nucleus of voxels that it is connected with; others by the fewest steps."""
        voxels = [v for v in product(*(range(n) for n in self.is_open.shape)) if self.is_open[v]]
        numbers = range(len(self.centres))
        nearest = {v: min(numbers, key=lambda i, v=v: (self.square(v, i), i)) for v in voxels}
        basin = {}
        for i in numbers:
            mine = {v for v in voxels if nearest[v] == i}
            basin.update(dict.fromkeys(self.connected(self.centres[i], mine), i))
        while True:
            beside = {v: {basin[w] for w in self.around(v) if w in basin} for v in voxels}
            reached = {v: names for v, names in beside.items() if names and v not in basin}
            if not reached:
                return basin
            for v, names in reached.items():
                basin[v] = min(names, key=lambda i, v=v: (self.square(v, i), i))

    def pores(self) -> np.ndarray:
        """The number of the connected pore of each open voxel, -1 elsewhere."""
        number, count = np.full(self.is_open.shape, -1), 0
        everywhere = {v for v in product(*(range(n) for n in number.shape)) if self.is_open[v]}
        for v in sorted(everywhere):
            if number[v] < 0:
                for w in self.connected(v, everywhere):
                    number[w] = count
                count += 1
        return number


def first(item: tuple[tuple[Voxel, int], Face]) -> tuple[Voxel, int]:
    return item[0]
