"""The stored numbers of the study of the carbon-binder domain, computed again where that is quick.

`docs/studies/carbon_binder.py` made them; the CBD alone along one axis is solved here again.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

import twin

pytestmark = pytest.mark.real

STUDY = Path(__file__).resolve().parents[2] / "docs" / "studies" / "carbon_binder.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("carbon_binder", STUDY)
    module = importlib.util.module_from_spec(spec)
    sys.modules["carbon_binder"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules["carbon_binder"]


def test_the_binder_of_the_nmc_cathode_along_x(script, shared_data):
    stored = json.loads(script.RECORD.read_text(encoding="utf-8"))["nmc_cbd"]["axes"]["x"]
    volume = script.NMC.read(shared_data / "volumes")
    c = twin.conduction(volume, {"CBD": script.CBD}, axis="x", solver=script.FIELDS)
    assert c.effective_conductivity == pytest.approx(stored["effective_conductivity"], rel=1e-6)
    assert c.tortuosity_factor == pytest.approx(stored["tortuosity_factor"], rel=1e-6)
    assert c.percolating_fractions == pytest.approx(stored["percolating_fractions"], rel=1e-12)
    parts, paths = twin.flux_partition(c), twin.flux_partition(c, None)
    flux = stored["flux"]
    assert script.classes(parts) == pytest.approx(flux["2 % of the maximum"], abs=1e-5)
    assert script.classes(paths) == pytest.approx(flux["on no path"], abs=1e-12)
    spread = parts.distribution
    assert spread.coefficient_of_variation == pytest.approx(
        flux["coefficient_of_variation"], rel=1e-4
    )
    assert spread.maximum / spread.mean == pytest.approx(flux["maximum_over_mean"], rel=1e-4)
