"""`import twin` loads nothing heavy and changes nothing.

No time is asserted (a busy machine is not an error): the heavy packages are asserted to be absent,
and the time itself is a benchmark.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

import twin

HEAVY = [
    "dask",
    "distributed",
    "fipy",
    "h5py",
    "loky",
    "matplotlib",
    "meshio",
    "numba",
    "numpy",
    "openpnm",
    "pandas",
    "porespy",
    "pyarrow",
    "pyvista",
    "scipy",
    "skimage",
    "tifffile",
    "vtkmodules",
    "zarr",
]

STATE = """
import decimal, json, locale, logging, os, random, signal, sys, threading, warnings
# numba and scipy add warning filters of their own when they are loaded: that is not our doing
import matplotlib, numba, numpy as np, scipy.sparse.linalg

def state():
    return {
        "floating-point errors": np.geterr(),
        "print options": {k: str(v) for k, v in np.get_printoptions().items()},
        "numpy random state": str(np.random.get_state()),
        "python random state": str(random.getstate()),
        "root log handlers": [str(h) for h in logging.getLogger().handlers],
        "root log level": logging.getLogger().level,
        "warning filters": [str(f) for f in warnings.filters],
        "locale": locale.setlocale(locale.LC_ALL),
        "environment": dict(os.environ),
        "folder": os.getcwd(),
        "import path": list(sys.path),
        "excepthook": str(sys.excepthook),
        "thread excepthook": str(threading.excepthook),
        "interrupt": str(signal.getsignal(signal.SIGINT)),
        "recursion limit": sys.getrecursionlimit(),
        "decimal context": str(decimal.getcontext()),
        "matplotlib settings": {k: str(v) for k, v in matplotlib.rcParams.copy().items()},
    }

before = state()
{action}
after = state()
print(json.dumps({name: [before[name], after[name]]
                  for name in before if before[name] != after[name]}))
"""

TOUCH_EVERY_NAME = "import twin\nfor name in twin.__all__: getattr(twin, name)"


def fresh(code: str) -> str:
    """What `code` prints in an interpreter of its own, which finds the same twin as this one."""
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=Path(twin.__file__).parents[1],
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def changed_by(action: str) -> dict[str, list[object]]:
    changes: dict[str, list[object]] = json.loads(fresh(STATE.replace("{action}", action)))
    return changes


@pytest.mark.parametrize("package", HEAVY)
def test_the_heavy_package_is_one_that_could_be_loaded(package: str) -> None:
    assert importlib.util.find_spec(package) is not None


def test_import_loads_no_heavy_package() -> None:
    loaded = fresh("import sys, twin; print(*sorted({n.split('.')[0] for n in sys.modules}))")
    assert not set(HEAVY) & set(loaded.split())


def test_help_of_the_module_is_light_too() -> None:
    loaded = fresh("import sys, twin; dir(twin); print(*{n.split('.')[0] for n in sys.modules})")
    assert not set(HEAVY) & set(loaded.split())


@pytest.mark.parametrize("action", ["import twin", TOUCH_EVERY_NAME], ids=["import", "every name"])
def test_import_changes_no_global_state(action: str) -> None:
    assert changed_by(action) == {}


@pytest.mark.parametrize(
    ("action", "name"),
    [
        ("np.seterr(all='ignore')", "floating-point errors"),
        ("logging.basicConfig()", "root log handlers"),
        ("warnings.simplefilter('ignore')", "warning filters"),
        ("os.environ['TWIN'] = '1'", "environment"),
        ("matplotlib.rcParams['font.size'] = 3", "matplotlib settings"),
    ],
)
def test_a_change_of_global_state_is_seen(action: str, name: str) -> None:
    assert name in changed_by(action)


@pytest.mark.parametrize(
    "first",
    ["", "import twin.tortuosity", "from twin.conduction import conduction"],
)
def test_a_submodule_never_hides_the_function_of_its_name(first: str) -> None:
    shown = fresh(
        f"{first}\nimport twin; print(twin.tortuosity.__name__, twin.conduction.__name__)"
    )
    assert shown.split() == ["tortuosity", "conduction"]
