"""Seeded, deterministic volumes: electrodes, random bodies, and shapes with exact answers.

The same arguments give the same voxels. Lengths are in metres and are sampled at voxel centres, so
a volume of anisotropic voxels shows the same bodies as one of cubes.
"""

from meshing.generate.agglomerates import agglomerates
from meshing.generate.electrodes import particle_electrode
from meshing.generate.example import electrode
from meshing.generate.generated import Generated
from meshing.generate.noise import blobs
from meshing.generate.random_fibres import fibres
from meshing.generate.random_spheres import spheres
from meshing.generate.shapes import channels, checkerboard, layers, oblique_channels, sphere_array

__all__ = [
    "Generated",
    "agglomerates",
    "blobs",
    "channels",
    "checkerboard",
    "electrode",
    "fibres",
    "layers",
    "oblique_channels",
    "particle_electrode",
    "sphere_array",
    "spheres",
]
