"""Seeded, deterministic volumes: electrodes, random bodies, and shapes with exact answers.

The same arguments give the same voxels. Lengths are in metres and are sampled at voxel centres, so
a volume of anisotropic voxels shows the same bodies as one of cubes.
"""

from meshing.generate.example import electrode
from meshing.generate.noise import blobs
from meshing.generate.shapes import channels, checkerboard, layers, oblique_channels, sphere_array

__all__ = [
    "blobs",
    "channels",
    "checkerboard",
    "electrode",
    "layers",
    "oblique_channels",
    "sphere_array",
]
