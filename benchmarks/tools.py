"""Our solver and its peers behind one face: prepare, call, and the numbers of the answer.

Each peer runs with the settings that it has when nothing is said. Only `call` is timed: from an
array in memory to the answer. What a tool wants the array to look like is prepared before.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

import twin
from benchmarks.volumes import Image

FACES: Final = "outer faces, length N"
CENTRES: Final = "first and last voxel centres, length N - 1"

PADDED: Final = "full voxel to the separator; collector and sides charge too; length N + 2"

Numbers = dict[str, Any]

#: Conductivity of label 0, 1, 2, ...; 0 does not conduct.
Conductivities = tuple[float, ...]

#: One phase that conducts, label 1.
ONE_PHASE: Final = (0.0, 1.0)


@dataclass(frozen=True)
class Tool:
    """A way to get an effective diffusivity.

    Attributes
    ----------
    name : what tables call it.
    distribution : the installed package whose version is recorded.
    settings : in words.
    convention : where the two concentrations act; errors are compared within one convention.
    prepare : (labels, axis 0, 1 or 2, conductivities) -> what `call` takes.
    call : the whole call that is timed.
    numbers : what the answer says.
    """

    name: str
    distribution: str
    settings: str
    convention: str
    prepare: Callable[[Image, int, Conductivities], Any]
    call: Callable[[Any], Any]
    numbers: Callable[[Any], Numbers]


def _twin(tolerance: float) -> Callable[[tuple[Image, str, Conductivities]], Any]:
    def call(problem: tuple[Image, str, Conductivities]) -> Any:
        labels, axis, conductivities = problem
        volume = twin.Volume(labels, phases={str(i): i for i in range(len(conductivities))})
        solver = twin.Solver(tolerance=tolerance)
        if conductivities == ONE_PHASE:
            return twin.tortuosity(volume, "1", axis, solver=solver)
        values = {str(i): k for i, k in enumerate(conductivities)}
        return twin.conduction(volume, values, axis, solver=solver)

    return call


def _twin_numbers(t: Any) -> Numbers:
    return {
        "tortuosity_factor": t.tortuosity_factor,
        "relative_diffusivity": 1 / t.macmullin_number,
        "volume_fraction": t.mesh.volume_fraction,
        "percolating_fraction": t.percolating_fraction,
        "conducting_voxels": t.mesh.spanning_voxels,
        "percolates": t.percolates,
        "converged": t.report.converged if t.report else None,
        "iterations": t.iterations,
        "levels": len(t.report.unknowns) if t.report else 0,
        "flux_imbalance": t.flux_imbalance,
        "estimated_error": t.estimated_error,
        "seconds_compiling": t.seconds_compiling,
    }


def _taufactor(problem: tuple[Image, Conductivities]) -> Any:
    import taufactor

    image, conductivities = problem
    if conductivities == ONE_PHASE:
        solver = taufactor.Solver(image, device="cpu")
    else:
        values = {i: k for i, k in enumerate(conductivities, start=1) if k > 0}
        solver = taufactor.MultiPhaseSolver(image, cond=values, device="cpu")
    solver.solve(verbose=False)
    return solver, conductivities


def _taufactor_numbers(answer: Any) -> Numbers:
    """`Solver.tau` and the flux through its layers; arrays of one entry for a batch of one."""
    solver, conductivities = answer
    flows = np.asarray(solver.flux_1d, np.float64)[0]
    one_phase = conductivities == ONE_PHASE
    relative = solver.D_rel if one_phase else solver.D_eff / max(conductivities)
    return {
        "tortuosity_factor": float(np.ravel(solver.tau)[0]),
        "relative_diffusivity": float(np.ravel(relative)[0]),
        **({"volume_fraction": float(np.ravel(solver.VF)[0])} if one_phase else {}),
        "converged": bool(solver.converged),
        "iterations": int(solver.iter),
        "flux_imbalance": float(np.ptp(flows) / flows.mean()),
    }


def _electrode(tolerance: float) -> Callable[[tuple[Image, str, Conductivities]], Any]:
    def call(problem: tuple[Image, str, Conductivities]) -> Any:
        labels, axis, _ = problem
        volume = twin.Volume(labels, phases={"solid": 0, "pore": 1})
        return twin.electrode_tortuosity(volume, "pore", axis, solver=twin.Solver(tolerance))  # type: ignore[arg-type]

    return call


def _electrode_numbers(e: Any) -> Numbers:
    return {
        "tortuosity_factor": e.tortuosity_factor,
        "relative_diffusivity": 1 / e.macmullin_number,
        "volume_fraction": e.volume_fraction,
        "conducting_voxels": e.mesh.active_voxels,
        "converged": e.report.converged,
        "iterations": e.iterations,
        "flux_imbalance": e.imbalance,
        "estimated_error": e.estimated_error,
        "seconds_compiling": e.seconds_compiling,
    }


def _spectrum(problem: tuple[Image, str, Conductivities]) -> Any:
    labels, axis, _ = problem
    volume = twin.Volume(labels, spacing="50nm", phases={"solid": 0, "pore": 1})
    return twin.impedance(volume, "pore", axis)  # type: ignore[arg-type]


def _spectrum_numbers(z: Any) -> Numbers:
    return {
        **_electrode_numbers(z.electrode),
        "iterations": sum(report.iterations for report in z.reduced.reports),
        "solves": z.solves,
        "frequencies": len(z.frequency),
        "estimated_error": z.estimated_error,
        "seconds_compiling": z.seconds_compiling,
    }


def _taufactor_electrode(problem: tuple[Image, Conductivities]) -> Any:
    import taufactor

    solver = taufactor.ElectrodeSolver(problem[0], device="cpu")
    solver.solve(verbose=False)
    return solver


def _taufactor_electrode_numbers(solver: Any) -> Numbers:
    tau = float(np.real(np.ravel(solver.tau_e)[0]))
    return {
        "tortuosity_factor": tau,
        "relative_diffusivity": float(solver.VF) / tau,
        "volume_fraction": float(solver.VF),
        "converged": bool(solver.converged),
        "iterations": int(solver.iter),
    }


def _porespy(**settings: float) -> Callable[[tuple[NDArray[np.bool_], int]], Any]:
    def call(problem: tuple[NDArray[np.bool_], int]) -> Any:
        from porespy.simulations import tortuosity_fd

        image, axis = problem
        return tortuosity_fd(image, axis=axis, **settings), axis

    return call


def _porespy_numbers(answer: Any) -> Numbers:
    """PoreSpy's tau has the porosity without closed pores; D_eff has not, and is compared."""
    result, axis = answer
    concentration = np.moveaxis(result.im_conc, axis, 0)
    open_ = np.moveaxis(result.im, axis, 0)
    flows = np.array([
        ((concentration[i] - concentration[i + 1]) * (open_[i] & open_[i + 1])).sum()
        for i in range(len(open_) - 1)
    ])  # fmt: skip
    return {
        "tortuosity_factor": float(result.tortuosity),
        "relative_diffusivity": 1 / float(result.formation_factor),
        "volume_fraction": float(result.original_porosity),
        "percolating_fraction": float(result.effective_porosity / result.original_porosity),
        "converged": bool(result.converged),
        "flux_imbalance": float(np.ptp(flows) / flows.mean()),
    }


def _named_axis(
    labels: Image, axis: int, conductivities: Conductivities
) -> tuple[Image, str, Conductivities]:
    return labels, "xyz"[axis], conductivities


def _driven_first(
    labels: Image, axis: int, conductivities: Conductivities
) -> tuple[Image, Conductivities]:
    """The driven axis first; of several phases, label 0 is one like another and becomes 1."""
    image = np.ascontiguousarray(np.moveaxis(labels, axis, 0))
    if conductivities == ONE_PHASE:
        return image, conductivities
    conducts = np.array([0 if k == 0 else i for i, k in enumerate(conductivities, start=1)])
    return conducts.astype(image.dtype)[image], conductivities


def _as_bool(
    labels: Image, axis: int, conductivities: Conductivities
) -> tuple[NDArray[np.bool_], int]:
    if conductivities != ONE_PHASE:
        raise ValueError(f"PoreSpy solves for one conductivity, found {conductivities}")
    return labels.astype(bool), axis


_DEFAULT: Final = twin.Solver().tolerance
_TIGHT: Final = 1e-11
_PORESPY_TIGHT: Final = 1e-10

TOOLS: Final = {
    tool.name: tool
    for tool in (
        Tool(
            "twin", "twin", f"default (tolerance {_DEFAULT:g})", FACES,
            _named_axis, _twin(_DEFAULT), _twin_numbers,
        ),
        Tool(
            "twin-reference", "twin", f"double precision, tolerance {_TIGHT:g}", FACES,
            _named_axis, _twin(_TIGHT), _twin_numbers,
        ),
        Tool(
            "taufactor", "taufactor", "default (conv_crit 1e-2), CPU", FACES,
            _driven_first, _taufactor, _taufactor_numbers,
        ),
        Tool(
            "twin-electrode", "twin", f"electrode_tortuosity, default ({_DEFAULT:g})", FACES,
            _named_axis, _electrode(_DEFAULT), _electrode_numbers,
        ),
        Tool(
            "twin-electrode-reference", "twin", f"electrode_tortuosity, {_TIGHT:g}", FACES,
            _named_axis, _electrode(_TIGHT), _electrode_numbers,
        ),
        Tool(
            "twin-spectrum", "twin", "impedance, 60 frequencies, default (1e-4)", FACES,
            _named_axis, _spectrum, _spectrum_numbers,
        ),
        Tool(
            "taufactor-electrode", "taufactor", "ElectrodeSolver, default, CPU", PADDED,
            _driven_first, _taufactor_electrode, _taufactor_electrode_numbers,
        ),
        Tool(
            "porespy", "porespy", "tortuosity_fd, default (ftol 1e-3)", CENTRES,
            _as_bool, _porespy(), _porespy_numbers,
        ),
        Tool(
            "porespy-reference", "porespy", f"tortuosity_fd, tol {_PORESPY_TIGHT:g}", CENTRES,
            _as_bool, _porespy(tol=_PORESPY_TIGHT), _porespy_numbers,
        ),
    )
}  # fmt: skip

#: The tight answer that a tool is compared with: of its own convention.
REFERENCES: Final = {
    "twin": "twin-reference", "taufactor": "twin-reference", "porespy": "porespy-reference",
    "twin-electrode": "twin-electrode-reference", "taufactor-electrode": "twin-electrode-reference",
}  # fmt: skip


def relative_error(found: Numbers, reference: Numbers) -> float:
    """Relative error of D_eff; nan where the reference is closed."""
    exact = reference["relative_diffusivity"]
    return abs(found["relative_diffusivity"] / exact - 1) if exact else math.nan
