"""Zarr: one array of a store, read by chunks; OME-NGFF says which and how large its voxels are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from meshing.formats.image import Image, Request, Steps, choose_array, metres

__all__ = ["open_zarr"]


@contextmanager
def open_zarr(request: Request) -> Iterator[Image]:
    """Open an array of a Zarr store; array axes are those of the array.

    Without a name, the full resolution of an OME-NGFF image is taken, else the only array that can
    hold labels. Spacing is that of OME-NGFF.
    """
    import zarr

    node: Any = zarr.open(str(request.path), mode="r")
    if hasattr(node, "dtype"):
        yield Image(node)
        return
    scales = _multiscales(node.attrs)
    members = sorted(node.members(None))
    found = {name: (item.shape, item.dtype) for name, item in members if hasattr(item, "dtype")}
    first = scales["datasets"][0]["path"] if scales and "datasets" in scales else None
    name = choose_array(found, request.dataset or first, request.path)
    yield Image(node[name], _spacing(scales, name))


def _multiscales(attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    """First image of OME-NGFF: version 0.4 keeps it at the top, 0.5 under "ome"."""
    images = attributes.get("ome", attributes).get("multiscales", [{}])
    image: Mapping[str, Any] = images[0]
    return image


def _spacing(scales: Mapping[str, Any], name: str) -> Steps | None:
    axes = scales.get("axes", [])
    for dataset in scales.get("datasets", []):
        for transformation in dataset.get("coordinateTransformations", []):
            if dataset["path"] == name and transformation["type"] == "scale":
                steps = transformation["scale"]
                return tuple(
                    metres(float(step), str(axis.get("unit", "")))
                    for step, axis in zip(steps, axes, strict=True)
                )
    return None
