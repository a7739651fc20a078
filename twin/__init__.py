"""A segmented X-ray tomogram goes in, physics comes out.

Everything a user needs is a name of this module; `import twin` is the one import. The names are
loaded from their modules at first use, so that the import itself is light and changes nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from twin._siblings import check_siblings

if TYPE_CHECKING:
    from meshing.errors import InputError as InputError
    from meshing.volume import Volume as Volume
    from solvers.report import NotConverged as NotConverged
    from solvers.report import Solver as Solver
    from twin.results import Directions as Directions
    from twin.results import Tortuosity as Tortuosity
    from twin.tortuosity import NotPercolating as NotPercolating
    from twin.tortuosity import tortuosity as tortuosity

__version__ = "0.1.0"

# public name -> the module that defines it; the imports for type checkers say the same
_HOME = {
    "Directions": "twin.results",
    "InputError": "meshing.errors",
    "NotConverged": "solvers.report",
    "NotPercolating": "twin.tortuosity",
    "Solver": "solvers.report",
    "Tortuosity": "twin.results",
    "tortuosity": "twin.tortuosity",
    "Volume": "meshing.volume",
}

__all__ = ["__version__", *_HOME]

check_siblings()


class _Face(ModuleType):
    """The module `twin`, on which a public name is never hidden by the submodule that holds it."""

    def __setattr__(self, name: str, value: Any) -> None:
        # Loading twin/tortuosity.py makes Python bind `twin.tortuosity` to that submodule, while
        # `twin.tortuosity(...)` is what users call: the public thing of that name stays in place.
        if name in _HOME and isinstance(value, ModuleType):
            value = getattr(value, name)
        super().__setattr__(name, value)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value  # the next look-up finds it without coming here
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


sys.modules[__name__].__class__ = _Face
