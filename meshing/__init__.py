"""Meshing knows images: volumes, file formats, and the voxels that carry an unknown."""
