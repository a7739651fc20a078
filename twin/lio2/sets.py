"""The parameter sets of the library: value and source of every number, in SI units.

A set carries the name of a paper only where the numbers were read in it. `Su2021_ch6` has what the
thesis gives; `after_Andrei2010` was rebuilt from public re-implementations, since the table of the
paper itself was not at hand, and says so in its name and its sources.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

Row = tuple[Any, str]

_THESIS: Final = "Z. Su, Towards greener chemistry of battery, thesis 2021"
_CHAPTER: Final = f"{_THESIS}, chapter 6.2"
_JIANG: Final = (
    "github.com/purpuraRana/lithium-air-pybamm, after doi:10.1016/j.jpowsour.2020.227821"
)
_CODE: Final = (
    "github.com/bradwellsb/lithium-air-battery-sim, after Andrei et al. 2010, "
    "J. Electrochem. Soc. 157 A1287; cgs in the code"
)

_SU2021: Final[Mapping[str, Row]] = {
    "temperature": (298.15, "assumed"),
    "equilibrium_voltage": (2.96, _THESIS),
    "cut_off_voltage": (2.0, "assumed; the thesis's cells end at 1.8 and 2.3 V"),
    "separator_thickness": (25e-6, _JIANG),
    "separator_porosity": (0.5, _JIANG),
    "separator_tortuosity": (0.5**-0.5, "Bruggeman exponent 1.5 at that porosity, assumed"),
    "cathode_thickness": (150e-6, _CHAPTER),
    "porosity": (0.83, _CHAPTER),
    "tortuosity": (1.15, _CHAPTER),
    "structure": ("fibres", "carbon nanotubes; overlapping random fibres, assumed"),
    "radius": (8.75e-9, f"middle of the diameters of 5 to 30 nm in {_THESIS}"),
    "transport": ("tortuosity", "a power law through porosity and tortuosity factor, assumed"),
    "carbon_density": (1900.0, f"{_THESIS}, table ST1"),
    "electronic_conductivity": (100.0, f"assumed; 120 S/m in {_CODE}"),
    "salt_concentration": (1000.0, "assumed"),
    "salt_diffusivity": (2e-10, "assumed"),
    "transference_number": (0.4, "assumed"),
    "thermodynamic_factor": (1.0, "assumed"),
    "ionic_conductivity": (0.3, "assumed; 0.272 S/m in github.com/coresresearch/BatCan"),
    "oxygen_diffusivity": (7e-11, _CHAPTER),
    "oxygen_solubility": (3.72, _CHAPTER),
    "oxygen_pressure": (101325.0, "assumed; the thesis says constant"),
    "gas_transfer_coefficient": (math.inf, "assumed: gas and electrolyte in equilibrium"),
    "gas_volume": (math.inf, f"constant pressure, {_CHAPTER}"),
    "electrons": (2.0, "2 Li+ + 2 e- + O2 -> Li2O2"),
    "exchange_current_density": (1.5e-5, "assumed: a plateau of 2.66 V at 2.4 A/m2"),
    "charge_transfer_coefficient": (0.5, "assumed: one electron in the slowest step"),
    "reverse_transfer_coefficient": (1.5, "electrons less the coefficient of the discharge"),
    "lithium_order": (1.0, "assumed"),
    "oxygen_order": (1.0, "assumed"),
    "reverse_rate": (1.0, "E0 holds at the reference concentrations"),
    "reverse_oxygen_order": (0.0, "the reverse reaction consumes product"),
    "reverse_seed": (1e-4, "assumed, small"),
    "initial_product": (1e-9, "assumed, a trace"),
    "reference_salt": (1000.0, "assumed"),
    "reference_oxygen": (3.72, "assumed: solubility of the base case"),
    "film": ("tunnelling", "Viswanathan et al. 2011, J. Chem. Phys. 135, 214704"),
    "tunnelling_thickness": (
        7e-9,
        f"{_JIANG}; 5 to 10 nm in Viswanathan et al. 2011, J. Chem. Phys. 135, 214704",
    ),
    "tunnelling_width": (2e-9, _JIANG),
    "film_resistivity": (0.0, "none beside tunnelling"),
    "lithium_exchange_current_density": (10.0, "assumed"),
    "product_density": (2310.0, f"{_THESIS}, table ST1"),
    "product_molar_mass": (45.88e-3, f"{_THESIS}, table ST1"),
}

_ANDREI: Final[Mapping[str, Row]] = {
    **_SU2021,
    "temperature": (290.11, f"RT / F = 25 mV in {_CODE}"),
    "equilibrium_voltage": (2.95, _CODE),
    "separator_thickness": (25e-6, "assumed; the code has no separator"),
    "separator_porosity": (0.5, "assumed; the code has no separator"),
    "cathode_thickness": (750e-6, _CODE),
    "porosity": (0.75, _CODE),
    "tortuosity": (0.75**-0.5, "Bruggeman exponent 1.5, assumed; the code has D_eff = D"),
    "structure": ("pores", f"a = 2 sqrt(eps eps0) / r0 in {_CODE}"),
    "radius": (20e-9, f"{_CODE}; 20e-7 cm in a second code, 2e-6 cm in the first"),
    "transport": ("Bruggeman", "assumed; the code has D_eff = D"),
    "carbon_density": (2260.0, _CODE),
    "electronic_conductivity": (120.0, _CODE),
    "salt_concentration": (1000.0, _CODE),
    "salt_diffusivity": (1e-9, _CODE),
    "transference_number": (0.25, _CODE),
    "thermodynamic_factor": (0.5, f"RT / F (1 - t+) instead of twice that in {_CODE}"),
    "ionic_conductivity": (1.24, _CODE),
    "oxygen_diffusivity": (7e-10, _CODE),
    "oxygen_solubility": (3.26, _CODE),
    "exchange_current_density": (5.536e-7, f"F k c of k = 1.76e-10 cm/s in {_CODE}"),
    "reverse_transfer_coefficient": (0.5, _CODE),
    "lithium_order": (0.0, _CODE),
    "reverse_oxygen_order": (1.0, f"hyperbolic sine in {_CODE}"),
    "reverse_seed": (0.0, f"hyperbolic sine in {_CODE}"),
    "initial_product": (0.0, _CODE),
    "reference_oxygen": (3.26, _CODE),
    "film": ("none", _CODE),
    "lithium_exchange_current_density": (12.54, f"F times 1.3e-8 mol/(cm2 s) in {_CODE}"),
    "product_density": (2140.0, _CODE),
    "product_molar_mass": (45.88e-3, _CODE),
}

#: The sets by name.
SETS: Final[Mapping[str, Mapping[str, Row]]] = {
    "Su2021_ch6": _SU2021,
    "after_Andrei2010": _ANDREI,
}
