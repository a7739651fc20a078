"""Segmented images and the meshes made of their voxels."""

from meshing.errors import InputError
from meshing.volume import Volume

__all__ = ["InputError", "Volume"]
