"""The numbers of a Li-O2 cell, each with its unit and its source."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from meshing.errors import InputError
from twin.lio2.constants import ATMOSPHERE, FARADAY, GAS_CONSTANT
from twin.lio2.laws import Growth, Structure, Transport, growth, transport_table

if TYPE_CHECKING:
    from meshing.volume import Volume

Film = Literal["tunnelling", "ohmic", "both", "none"]

#: Where a value comes from when a user changed it.
GIVEN: Final = "given by the user"


def _of(unit: str, meaning: str) -> dict[str, str]:
    return {"unit": unit, "meaning": meaning}


@dataclass(frozen=True)
class Parameters:
    """A Li-O2 cell: lithium foil, separator, porous carbon flooded with electrolyte, oxygen.

    Values are in SI units. `table` prints each with unit and source; values that nobody
    measured say "assumed". A set is made by `of`, from an image by `from_image`, or from another
    one by `replace`; a changed value is marked as given by the user.

    Attributes
    ----------
    name : name of the set.
    sources : where each value comes from.
    temperature : T [K].
    equilibrium_voltage : E0 [V], at the reference concentrations.
    cut_off_voltage : cell voltage at which a discharge ends [V].
    separator_thickness, separator_porosity, separator_tortuosity : [m], [-], tortuosity factor [-].
    cathode_thickness, porosity, tortuosity : [m], [-], tortuosity factor [-] without product.
    structure, radius : the law of area and film thickness, and its radius [m]: "fibres" and
        "spheres" that grow, "pores" that close, a `PowerArea` or an `AreaTable`.
    transport : "tortuosity", a power law through porosity and tortuosity factor; "Bruggeman",
        exponent 1.5; or a `TransportTable`.
    carbon_density : [kg/m3], of the solid.
    electronic_conductivity : of the porous carbon as a whole [S/m].
    salt_concentration, salt_diffusivity : [mol/m3], [m2/s].
    transference_number, thermodynamic_factor : of Li+ [-]; 1 + dln f / dln c [-].
    ionic_conductivity : of the electrolyte [S/m].
    oxygen_diffusivity : in the electrolyte [m2/s].
    oxygen_solubility : dissolved under 101325 Pa of O2 [mol/m3].
    oxygen_pressure : partial pressure of O2 above the electrolyte, at first [Pa].
    gas_transfer_coefficient : between gas and electrolyte [m/s]; inf where they are in equilibrium.
    gas_volume : of a closed volume of O2 over the cathode's area [m]; inf where O2 is supplied.
    electrons : per O2 [-].
    exchange_current_density : i0 [A/m2] of wall, at the reference concentrations.
    charge_transfer_coefficient, reverse_transfer_coefficient : alpha of the discharge and that of
        its reverse, per electron [-].
    lithium_order, oxygen_order : powers of the concentrations in the rate [-].
    reverse_rate : rate of the reverse reaction over that of the forward one at E0 [-]; 0 for an
        irreversible reaction.
    reverse_oxygen_order : power of the oxygen concentration in the reverse rate [-].
    reverse_seed : volume fraction of product at which its reverse rate is half; 0 where it does
        not depend on product [-].
    initial_product : volume fraction of product at the start [-], a trace with which a fresh cell
        has an equilibrium; 0 where the reverse does not depend on product.
    reference_salt, reference_oxygen : concentrations at which i0 and E0 hold [mol/m3].
    film : what the product does to electrons: "tunnelling", "ohmic", "both" or "none".
    tunnelling_thickness, tunnelling_width : the film at which half of the current passes, and over
        which its share falls [m].
    film_resistivity : [ohm m].
    lithium_exchange_current_density : of the foil [A/m2].
    product_density, product_molar_mass : of Li2O2 [kg/m3], [kg/mol].

    Examples
    --------
    >>> import twin
    >>> cell = twin.lio2.Parameters.of("Su2021_ch6")
    >>> cell.oxygen_diffusivity, cell.unit("oxygen_diffusivity")
    (7e-11, 'm2/s')
    >>> better = cell.replace(oxygen_diffusivity=3.5e-10)
    >>> better.sources["oxygen_diffusivity"]
    'given by the user'
    """

    name: str
    sources: Mapping[str, str]
    temperature: float = field(metadata=_of("K", "temperature"))
    equilibrium_voltage: float = field(metadata=_of("V", "equilibrium voltage"))
    cut_off_voltage: float = field(metadata=_of("V", "cut-off voltage"))
    separator_thickness: float = field(metadata=_of("m", "separator thickness"))
    separator_porosity: float = field(metadata=_of("-", "separator porosity"))
    separator_tortuosity: float = field(metadata=_of("-", "separator tortuosity factor"))
    cathode_thickness: float = field(metadata=_of("m", "cathode thickness"))
    porosity: float = field(metadata=_of("-", "porosity without product"))
    tortuosity: float = field(metadata=_of("-", "tortuosity factor without product"))
    structure: Structure = field(metadata=_of("", "law of the wall area"))
    radius: float = field(metadata=_of("m", "radius of fibres, spheres or pores"))
    transport: Transport = field(metadata=_of("", "law of D_eff / D"))
    carbon_density: float = field(metadata=_of("kg/m3", "density of the carbon"))
    electronic_conductivity: float = field(metadata=_of("S/m", "effective electronic conductivity"))
    salt_concentration: float = field(metadata=_of("mol/m3", "salt concentration"))
    salt_diffusivity: float = field(metadata=_of("m2/s", "salt diffusivity"))
    transference_number: float = field(metadata=_of("-", "transference number of Li+"))
    thermodynamic_factor: float = field(metadata=_of("-", "thermodynamic factor"))
    ionic_conductivity: float = field(metadata=_of("S/m", "ionic conductivity"))
    oxygen_diffusivity: float = field(metadata=_of("m2/s", "O2 diffusivity"))
    oxygen_solubility: float = field(metadata=_of("mol/m3", "O2 dissolved under 101325 Pa"))
    oxygen_pressure: float = field(metadata=_of("Pa", "O2 pressure"))
    gas_transfer_coefficient: float = field(metadata=_of("m/s", "gas-liquid transfer coefficient"))
    gas_volume: float = field(metadata=_of("m", "closed gas volume per area"))
    electrons: float = field(metadata=_of("-", "electrons per O2"))
    exchange_current_density: float = field(metadata=_of("A/m2", "exchange current density"))
    charge_transfer_coefficient: float = field(
        metadata=_of("-", "transfer coefficient of the discharge")
    )
    reverse_transfer_coefficient: float = field(
        metadata=_of("-", "transfer coefficient of the reverse")
    )
    lithium_order: float = field(metadata=_of("-", "order in Li+"))
    oxygen_order: float = field(metadata=_of("-", "order in O2"))
    reverse_rate: float = field(metadata=_of("-", "relative rate of the reverse reaction"))
    reverse_oxygen_order: float = field(metadata=_of("-", "order of the reverse in O2"))
    reverse_seed: float = field(metadata=_of("-", "product fraction that halves the reverse"))
    initial_product: float = field(metadata=_of("-", "product fraction at the start"))
    reference_salt: float = field(metadata=_of("mol/m3", "reference salt concentration"))
    reference_oxygen: float = field(metadata=_of("mol/m3", "reference O2 concentration"))
    film: Film = field(metadata=_of("", "what the film does to electrons"))
    tunnelling_thickness: float = field(metadata=_of("m", "film that half of the current passes"))
    tunnelling_width: float = field(metadata=_of("m", "width of the fall"))
    film_resistivity: float = field(metadata=_of("ohm m", "resistivity of the film"))
    lithium_exchange_current_density: float = field(
        metadata=_of("A/m2", "exchange current density of the foil")
    )
    product_density: float = field(metadata=_of("kg/m3", "density of Li2O2"))
    product_molar_mass: float = field(metadata=_of("kg/mol", "molar mass of Li2O2"))

    def __post_init__(self) -> None:
        object.__setattr__(self, "sources", MappingProxyType(dict(self.sources)))
        check(self)

    def __reduce__(self) -> tuple[Any, ...]:
        # A read-only view of a dictionary cannot be sent to another process.
        return _rebuild, ({**_values(self), "name": self.name, "sources": dict(self.sources)},)

    @classmethod
    def of(cls, name: str) -> Parameters:
        """A set of the library: "Su2021_ch6" or "after_Andrei2010".

        Raises
        ------
        InputError
            There is no set of that name.
        """
        from twin.lio2.sets import SETS

        if name not in SETS:
            raise InputError(
                f"there is no parameter set {name!r}; the sets are {', '.join(SETS)}"
                + _near(name, SETS)
            )
        rows = SETS[name]
        values: dict[str, Any] = {key: value for key, (value, _) in rows.items()}
        return cls(name=name, sources={key: source for key, (_, source) in rows.items()}, **values)

    @classmethod
    def from_image(
        cls,
        volume: Volume,
        pore: str = "pore",
        carbon: str | tuple[str, ...] | None = None,
        axis: str = "z",
        base: str | Parameters = "Su2021_ch6",
        **changes: Any,
    ) -> Parameters:
        """A set whose porosity, tortuosity factor and wall area are those of an image.

        Parameters
        ----------
        volume : the image of the cathode without product.
        pore : the phase that the electrolyte fills.
        carbon : the phase or phases on whose surface the product grows; all others by default.
        axis : the direction from separator to oxygen.
        base : the set, or the name of the set, of all other values.
        changes : other values to change, as for `replace`.

        Returns
        -------
        Parameters
            With the smooth area of the interface. The structure of the base decides how the area
            changes; its radius is the one that gives the area at the porosity of the image.

        Raises
        ------
        InputError
            Unknown phases, a pore phase that does not percolate, unknown names of values.
        """
        from twin.lio2.structure import measure

        start = base if isinstance(base, Parameters) else cls.of(base)
        found = measure(volume, pore, carbon, axis, start.replace(**changes).structure)
        # A user chooses the law of a structure, and the image its area.
        given = {name: value for name, value in changes.items() if name != "structure"}
        changed = start.replace(**{**changes, **found.values, **given})
        sources = {k: found.source for k in found.values if k not in given}
        return replace(changed, sources={**changed.sources, **sources})

    def replace(self, **changes: Any) -> Parameters:
        """Change values, by their names.

        Raises
        ------
        InputError
            A name that is none of a value, or a value that cannot be.
        """
        known = _values(self)
        for name in changes:
            if name not in known:
                raise InputError(f"there is no parameter {name!r}{_near(name, known)}")
        sources = {**self.sources, **dict.fromkeys(changes, GIVEN)}
        return replace(self, sources=sources, **changes)

    def unit(self, name: str) -> str:
        """The unit of a value."""
        return str(_field(name).metadata["unit"])

    def table(self) -> str:
        """All values with unit and source, one in each line."""
        lines = [f"{'parameter':33}{'value':>12}  {'unit':8}source"]
        for name, value in _values(self).items():
            source = self.sources.get(name, "")
            lines.append(f"{name:33}{_text(value):>12}  {self.unit(name):8}{source}".rstrip())
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Names and values; laws that are tables as text."""
        values: dict[str, Any] = {"set": self.name}
        for name, value in _values(self).items():
            values[name] = value if isinstance(value, int | float | str) else repr(value)
        return values

    @property
    def thermal_voltage(self) -> float:
        """RT / F [V]."""
        return GAS_CONSTANT * self.temperature / FARADAY

    @property
    def henry_constant(self) -> float:
        """Dissolved oxygen over its pressure [mol/(m3 Pa)]."""
        return self.oxygen_solubility / ATMOSPHERE

    @property
    def dissolved_oxygen(self) -> float:
        """In equilibrium with the gas at its first pressure [mol/m3]."""
        return self.henry_constant * self.oxygen_pressure

    @property
    def product_molar_volume(self) -> float:
        """Of Li2O2 [m3/mol]."""
        return self.product_molar_mass / self.product_density

    @property
    def carbon_loading(self) -> float:
        """Carbon per area of the cathode [kg/m2]."""
        return self.carbon_density * (1.0 - self.porosity) * self.cathode_thickness

    @property
    def growth(self) -> Growth:
        """The law of wall area and film thickness."""
        return growth(self.structure, self.porosity, self.radius)

    @property
    def specific_area(self) -> float:
        """Wall area per volume of the cathode, without product [1/m]."""
        import numpy as np

        return float(self.growth(np.zeros(1))[0, 0])

    @property
    def capacity_limit(self) -> float:
        """Charge that fills all pores with product [C/m2]."""
        volume = self.porosity * self.cathode_thickness
        return volume * self.electrons * FARADAY / self.product_molar_volume


def check(p: Parameters) -> None:
    """Refuse values that cannot be, one sentence each."""
    for name, value in _values(p).items():
        if _field(name).type == "float":
            _check_number(name, value)
    for name in ("porosity", "separator_porosity"):
        if not 0.0 < getattr(p, name) < 1.0:
            raise InputError(f"{name} is a fraction between 0 and 1, found {getattr(p, name):g}")
    for name in ("tortuosity", "separator_tortuosity"):
        if getattr(p, name) < 1.0:
            raise InputError(
                f"{name} is a tortuosity factor, eps D / D_eff, and at least 1, found "
                f"{getattr(p, name):g}; D_eff / D is its inverse times the porosity"
            )
    if p.cut_off_voltage >= p.equilibrium_voltage:
        raise InputError(
            f"the cut-off of {p.cut_off_voltage:g} V is not below the equilibrium voltage of "
            f"{p.equilibrium_voltage:g} V, so there is nothing to discharge; lower it"
        )
    if p.transference_number >= 1.0:
        raise InputError(
            f"transference_number is below 1, found {p.transference_number:g}; salt that does not "
            "diffuse is outside of this model"
        )
    if p.film not in ("tunnelling", "ohmic", "both", "none"):
        raise InputError(
            f"there is no film law {p.film!r}; use 'tunnelling', 'ohmic', 'both' or 'none'"
        )
    if p.film in ("ohmic", "both") and p.film_resistivity == 0.0:
        raise InputError(f"film is {p.film!r}, but film_resistivity is 0; give it in ohm m")
    if p.reverse_rate * p.reverse_seed > 0.0 and p.initial_product == 0.0:
        raise InputError(
            "a reverse reaction that needs product has no equilibrium in a cell without any; give "
            "initial_product a trace, such as 1e-9, or set reverse_seed or reverse_rate to 0"
        )
    if p.initial_product >= p.porosity:
        raise InputError(
            f"initial_product of {p.initial_product:g} fills the porosity of {p.porosity:g}; give "
            "less"
        )
    growth(p.structure, p.porosity, p.radius)
    transport_table(p.transport, p.porosity, p.tortuosity)


#: Values that may be zero; all others are greater.
_MAY_BE_ZERO: Final = frozenset({
    "transference_number", "lithium_order", "oxygen_order", "reverse_rate", "reverse_oxygen_order",
    "reverse_seed", "film_resistivity", "initial_product",
})  # fmt: skip
_MAY_BE_INFINITE: Final = frozenset({"gas_transfer_coefficient", "gas_volume"})


def _check_number(name: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{name} is a number in SI units, found {value!r}")
    least = "at least 0" if name in _MAY_BE_ZERO else "greater than 0"
    low = value >= 0.0 if name in _MAY_BE_ZERO else value > 0.0
    if not (low and (math.isfinite(value) or name in _MAY_BE_INFINITE)):
        unit = _field(name).metadata["unit"]
        raise InputError(f"{name} must be a number {least}, found {value:g} {unit}".rstrip(" -"))


def _values(p: Parameters) -> dict[str, Any]:
    return {f.name: getattr(p, f.name) for f in fields(p) if "unit" in f.metadata}


def _field(name: str) -> Any:
    return next(f for f in fields(Parameters) if f.name == name)


def _rebuild(values: dict[str, Any]) -> Parameters:
    return Parameters(**values)


def _text(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, int | float) else str(value)


def _near(name: str, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    return f"; did you mean {' or '.join(near)}?" if near else ""
