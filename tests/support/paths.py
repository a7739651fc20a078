"""Voxels on a path between the two driven faces, by NetworkX; nothing of the package's own."""

from __future__ import annotations

import networkx
import numpy as np
from numpy.typing import NDArray


def on_a_path(conducts: NDArray[np.bool_], axis: int, periodic: bool) -> NDArray[np.bool_]:
    """Which voxels share a block with the edge that joins the two driven faces."""
    blocks = networkx.biconnected_components(_graph(conducts, axis, periodic))
    block = next(block for block in blocks if {"low", "high"} <= block)
    out = np.zeros_like(conducts)
    for voxel in block - {"low", "high"}:
        out[voxel] = True
    return out


def _graph(conducts: NDArray[np.bool_], axis: int, periodic: bool) -> networkx.Graph:
    graph = networkx.Graph([("low", "high")])
    for here in map(tuple, np.argwhere(conducts).tolist()):
        graph.add_node(here)
        if here[axis] == 0:
            graph.add_edge("low", here)
        if here[axis] == conducts.shape[axis] - 1:
            graph.add_edge("high", here)
        for a in range(3):
            there = list(here)
            there[a] += 1
            if there[a] == conducts.shape[a] and (not periodic or a == axis):
                continue
            there[a] %= conducts.shape[a]
            if conducts[tuple(there)] and tuple(there) != here:
                graph.add_edge(here, tuple(there))
    return graph
