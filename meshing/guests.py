"""Packages that change settings of the whole process when they are imported or called."""

from __future__ import annotations

import logging
import random
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

__all__ = ["unchanged_settings"]


@contextmanager
def unchanged_settings() -> Iterator[None]:
    """Import or call such a package, and put the settings of the process back afterwards.

    These are NumPy's floating-point errors, the filters of warnings, the root logger, and the state
    of Python's random numbers, some of which PoreSpy's imports draw.

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
    drawn = random.getstate()
    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            yield
        finally:
            root.setLevel(level)
            root.handlers[:] = handlers
            random.setstate(drawn)
