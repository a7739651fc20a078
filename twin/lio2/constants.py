"""Constants of nature, CODATA 2018, exact (https://physics.nist.gov/cuu/Constants/)."""

from __future__ import annotations

from typing import Final

#: Charge of a mole of electrons [C/mol].
FARADAY: Final = 96485.33212

#: Molar gas constant [J/(mol K)].
GAS_CONSTANT: Final = 8.314462618

#: Standard atmosphere [Pa].
ATMOSPHERE: Final = 101325.0

#: Charge of one milliampere-hour [C].
MILLIAMPERE_HOUR: Final = 3.6
