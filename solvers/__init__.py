"""Finite-volume solvers on voxel meshes."""
