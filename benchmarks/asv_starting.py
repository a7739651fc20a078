"""asv: what a user waits for before the first solve begins."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent

_FIRST_SOLVE = """
from benchmarks.tools import ONE_PHASE, TOOLS
from benchmarks.volumes import one_blobs
tool = TOOLS["twin"]
print(tool.call(tool.prepare(one_blobs(32, 0.7), 0, ONE_PHASE)).seconds_compiling)
"""


class Starting:
    """Import, and compilation without a cache on disk."""

    timeout = 600.0

    def timeraw_import_twin(self) -> str:
        return "import twin"

    def track_seconds_compiling(self) -> float:
        """Of the first solve on a computer, when no kernel is on disk."""
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                [sys.executable, "-c", _benchmarks_importable() + _FIRST_SOLVE],
                env={**os.environ, "NUMBA_CACHE_DIR": folder},
                capture_output=True, text=True, check=True,
            )  # fmt: skip
        return float(done.stdout)

    track_seconds_compiling.unit = "seconds"  # type: ignore[attr-defined]


def _benchmarks_importable() -> str:
    """Code that finds this package where it lies, and `twin` where it is installed."""
    return f"""
import importlib.util, sys
spec = importlib.util.spec_from_file_location(
    "benchmarks", {str(_HERE / "__init__.py")!r},
    submodule_search_locations=[{str(_HERE)!r}],
)
sys.modules["benchmarks"] = importlib.util.module_from_spec(spec)
"""
