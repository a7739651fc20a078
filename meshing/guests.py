"""Packages that change settings of the whole process when they are imported or called."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

__all__ = ["unchanged_settings"]


@contextmanager
def unchanged_settings() -> Iterator[None]:
    """Import or call such a package, and put floating-point errors, warnings and logging back.

    Inside, what divides by zero or is not a number passes in silence, as these packages expect, and
    so do their imports of deprecated names: no warning of the user's program.

    Yields
    ------
    None

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.guests import unchanged_settings
    >>> before = np.geterr()
    >>> with unchanged_settings():
    ...     _ = np.seterr(all="ignore")  # what the guest does
    >>> np.geterr() == before
    True
    """
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            yield
        finally:
            root.setLevel(level)
            root.handlers[:] = handlers
