"""Other tools set global state when they are imported; here it is put back after each test."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator

import numpy as np
import pytest


@pytest.fixture(autouse=True)
def peers_leave_no_trace() -> Iterator[None]:
    """Floating-point errors and warnings inside a peer are its own; its loggers are taken off."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    root.handlers[:], root.level = handlers, level
