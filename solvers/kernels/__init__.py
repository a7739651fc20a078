"""Numba kernels of the solvers: arrays and scalars in, output last."""
