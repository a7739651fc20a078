"""A segmented X-ray tomogram goes in, physics comes out.

Everything a user needs is a name of this module; `import twin` is the one import. The names are
loaded from their modules at first use, so that the import itself is light and changes nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from twin._siblings import check_siblings

__version__ = "0.1.0"

# public name -> the module that defines it; the imports for type checkers say the same
_HOME: dict[str, str] = {}

__all__ = ["__version__", *_HOME]

check_siblings()


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value  # the next look-up finds it without coming here
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
