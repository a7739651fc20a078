"""What other battery programs take: a circuit of impedance.py, parameters of PyBaMM."""

from __future__ import annotations

import math
from typing import Literal, Protocol

from meshing.errors import InputError
from twin.spectrum_fit import TransmissionLineFit


class Transport(Protocol):
    """A result with a tortuosity factor, the porosity it belongs to, and a length."""

    @property
    def tortuosity_factor(self) -> float: ...
    @property
    def volume_fraction(self) -> float: ...
    @property
    def length(self) -> float: ...


def to_impedance_py(found: TransmissionLineFit) -> tuple[str, list[float]]:
    """A fitted transmission line as a circuit of impedance.py.

    ``CustomCircuit(circuit, initial_guess=values)`` of that package has the impedance that was
    fitted, in the unit of the spectrum, and refines it there, beside other elements. The line is
    its element TLMQ (R_ion, Q, gamma); with a charge-transfer resistance its element T; two
    electrodes of a symmetric cell are one line of 2 R_ion and Q/2.

    Parameters
    ----------
    found : TransmissionLineFit
        What `twin.fit_transmission_line` found.

    Returns
    -------
    circuit : str
        Such as ``"R0-TLMQ0"``.
    values : list of float
        Of its elements in their order.

    Raises
    ------
    InputError
        A constant-phase element with a charge-transfer resistance, or an electronic resistance,
        for which impedance.py has no line.

    References
    ----------
    Murbach et al., J. Open Source Softw. 5 (2020) 2349, doi:10.21105/joss.02349

    Examples
    --------
    >>> import numpy as np, twin
    >>> line = twin.transmission_line(np.geomspace(1, 1e5, 40), 2e-3, twin.Wall(10.0, 0.9))
    >>> circuit, values = twin.to_impedance_py(
    ...     twin.fit_transmission_line(line, series_resistance=False)
    ... )
    >>> circuit, [round(value, 6) for value in values]
    ('TLMQ0', [0.002, 10.0, 0.9])
    """
    if found.electronic_resistance > 0.0:
        raise InputError(
            "impedance.py has no transmission line with an electronic resistance that is known; "
            "fit without it"
        )
    count = 2.0 if found.cell == "symmetric" else 1.0
    resistance, wall = count * found.ionic_resistance, found.wall
    parts: list[tuple[str, list[float]]] = []
    if found.inductance > 0.0:
        parts.append(("L0", [found.inductance]))
    if found.series_resistance > 0.0:
        parts.append(("R0", [found.series_resistance]))
    if wall.blocks:
        parts.append(("TLMQ0", [resistance, wall.capacitance / count, wall.exponent]))
    elif wall.exponent == 1.0:
        line = found.ionic_resistance
        leak, delay = line * wall.conductance, line * wall.capacitance
        parts.append(("T0", [resistance, 0.0, leak, delay]))
    else:
        raise InputError(
            "impedance.py has no transmission line with a constant-phase element beside a "
            "charge-transfer resistance; fit one of them alone"
        )
    return "-".join(name for name, _ in parts), [value for _, values in parts for value in values]


def to_pybamm(
    result: Transport, electrode: Literal["positive", "negative"] = "positive"
) -> dict[str, float]:
    """Thickness, porosity and tortuosity factor of an electrode by the names of PyBaMM.

    PyBaMM takes the tortuosity factor where its model has the option
    ``{"transport efficiency": "tortuosity factor"}``; it then wants one of each domain, and
    multiplies conductivity and diffusivity of the electrolyte by porosity over tortuosity factor.
    So both numbers must come from the same result.

    Parameters
    ----------
    result : ElectrodeTortuosity or Tortuosity
        Of the pores, along the thickness. The electrode tortuosity factor is the one that belongs
        into a porous-electrode model (Nguyen et al.).
    electrode : str
        ``"positive"`` or ``"negative"``.

    Returns
    -------
    dict
        For ``ParameterValues.update(..., check_already_exists=False)``.

    Raises
    ------
    InputError
        Another electrode; pores without a finite tortuosity factor.

    References
    ----------
    Nguyen et al., npj Comput. Mater. 6 (2020) 123, doi:10.1038/s41524-020-00386-4

    Examples
    --------
    >>> import numpy as np, twin
    >>> pores = twin.Volume(np.ones((4, 4, 50), np.uint8), spacing="1um", phases={"pore": 1})
    >>> t = twin.tortuosity(pores, "pore", axis="z")
    >>> for name, value in twin.to_pybamm(t).items():
    ...     print(name, round(value, 6))
    Positive electrode thickness [m] 5e-05
    Positive electrode porosity 1.0
    Positive electrode tortuosity factor (electrolyte) 1.0
    """
    if electrode not in ("positive", "negative"):
        raise InputError(f"the electrode is 'positive' or 'negative', found {electrode!r}")
    if not math.isfinite(result.tortuosity_factor):
        raise InputError("the pores have no finite tortuosity factor; PyBaMM cannot use them")
    name = f"{electrode.capitalize()} electrode"
    return {
        f"{name} thickness [m]": result.length,
        f"{name} porosity": result.volume_fraction,
        f"{name} tortuosity factor (electrolyte)": result.tortuosity_factor,
    }
