"""One implicit time step of ions, electrons, salt, gas and deposit in a porous layer.

Finite volumes from the metal (first) through a separator and an electrode to a well-mixed gas
(last). Unknowns of a cell, and its equations in the same order:

ION       potential of the liquid [V]: ``i_right - i_left + J d = 0``; in the separator, where
          nothing reacts, ``i_left = I``
ELECTRON  potential of the solid [V]: ``u_i - u_(i-1) + (I - i_left) d' / sigma = 0``, which adds up
          to the charge balance of the solid; in the first electrode cell ``i_left = I``
SALT      concentration [mol/m3] in the pores, ``eps c`` conserved
GAS       concentration [mol/m3] of the dissolved gas, ``eps o`` conserved; in the last cell, the
          gas itself, what would be dissolved in equilibrium with it
DEPOSIT   volume fraction of the deposit; the porosity is eps0 less that

Fluxes between two cells are those of two half cells in series. The current of ions is
``-kappa g (dv - K d ln c)``; in an equation of an electrode cell beside the separator it is the
current I itself, so that every sum over cells is exact after any full Newton step.
"""

from __future__ import annotations

import math

from meshing.kernels import kernel

ION, ELECTRON, SALT, GAS, DEPOSIT = range(5)

# Where the numbers of the layer are.
(
    KAPPA, THERMODYNAMIC, D_SALT, SALT_PER_CHARGE, D_GAS, GAS_PER_CHARGE, VOLUME_PER_CHARGE, SIGMA,
    METAL_POTENTIAL, GAS_RESISTANCE, GAS_CAPACITY_INVERSE,
) = range(11)  # fmt: skip


@kernel
def per_volume(geometry, surface, by_surface, salt, gas, rate, slopes):
    """Turn a current per wall area into one per volume, and its derivatives by the unknowns.

    Parameters
    ----------
    geometry : (n, 3) area per volume a [1/m], its derivative by the deposit, film thickness.
    surface, by_surface : (n,) j [A/m2]; (n, 5) derivatives by overpotential, reduced salt, reduced
        gas, deposit and film thickness.
    salt, gas : the concentrations that reduce them [mol/m3].
    rate, slopes : (n,) a j [A/m3] and (n, 5) its derivatives. Since the deposit grows as a dl, the
        film thickness grows with it as 1 / a.
    """
    for i in range(len(surface)):
        a = geometry[i, 0]
        rate[i] = a * surface[i]
        slopes[i, ION] = -a * by_surface[i, 0]
        slopes[i, ELECTRON] = a * by_surface[i, 0]
        slopes[i, SALT] = a * by_surface[i, 1] / salt
        slopes[i, GAS] = a * by_surface[i, 2] / gas
        slopes[i, DEPOSIT] = geometry[i, 1] * surface[i] + a * by_surface[i, 3] + by_surface[i, 4]


@kernel
def conserved(y, widths, porosity, out):
    """What the time derivative acts on, per area: eps c d, eps o d, deposit d; 0 elsewhere."""
    n = len(y) - 1
    for i in range(n):
        eps = porosity[i] - y[i, DEPOSIT]
        out[i, ION] = 0.0
        out[i, ELECTRON] = 0.0
        out[i, SALT] = eps * y[i, SALT] * widths[i]
        out[i, GAS] = eps * y[i, GAS] * widths[i]
        out[i, DEPOSIT] = y[i, DEPOSIT] * widths[i]
    out[n, :] = 0.0
    out[n, GAS] = y[n, GAS]


@kernel
def _store(y, known, widths, porosity, residual, diagonal):
    """The stored amounts, less the known ones, in the residual and the diagonal blocks."""
    n = len(y) - 1
    for i in range(n):
        d = widths[i]
        eps = porosity[i] - y[i, DEPOSIT]
        for field in (SALT, GAS):
            residual[i, field] = eps * y[i, field] * d - known[i, field]
            diagonal[i, field, field] = eps * d
            diagonal[i, field, DEPOSIT] = -y[i, field] * d
        residual[i, DEPOSIT] = y[i, DEPOSIT] * d - known[i, DEPOSIT]
        diagonal[i, DEPOSIT, DEPOSIT] = d
    for field in range(5):
        residual[n, field] = y[n, field]
        diagonal[n, field, field] = 1.0
    residual[n, GAS] = y[n, GAS] - known[n, GAS]


@kernel
def _react(i, d, step, numbers, rate, slopes, residual, diagonal):
    residual[i, ION] += rate[i] * d
    residual[i, SALT] += step * numbers[SALT_PER_CHARGE] * rate[i] * d
    residual[i, GAS] += step * numbers[GAS_PER_CHARGE] * rate[i] * d
    residual[i, DEPOSIT] -= step * numbers[VOLUME_PER_CHARGE] * rate[i] * d
    for j in range(5):
        slope = slopes[i, j] * d
        diagonal[i, ION, j] += slope
        diagonal[i, SALT, j] += step * numbers[SALT_PER_CHARGE] * slope
        diagonal[i, GAS, j] += step * numbers[GAS_PER_CHARGE] * slope
        diagonal[i, DEPOSIT, j] -= step * numbers[VOLUME_PER_CHARGE] * slope


@kernel
def _diffuse(field, weight, i, g, by_left, by_right, y, residual, lower, diagonal, upper):
    """A flux -weight g (right - left) out of cell i into cell i + 1."""
    drop = y[i, field] - y[i + 1, field]
    residual[i, field] += weight * g * drop
    residual[i + 1, field] -= weight * g * drop
    diagonal[i, field, field] += weight * g
    upper[i, field, field] -= weight * g
    lower[i + 1, field, field] -= weight * g
    diagonal[i + 1, field, field] += weight * g
    diagonal[i, field, DEPOSIT] += weight * drop * by_left
    upper[i, field, DEPOSIT] += weight * drop * by_right
    lower[i + 1, field, DEPOSIT] -= weight * drop * by_left
    diagonal[i + 1, field, DEPOSIT] -= weight * drop * by_right


@kernel
def _add_current(row, cell, side, weight, i, current, slopes, residual, lower, diagonal, upper):
    """Weight times the current between i and i + 1 in an equation of one of the two cells."""
    residual[cell, row] += weight * current
    for j in range(5):
        if side == 0:  # the equation of cell i
            diagonal[i, row, j] += weight * slopes[0, j]
            upper[i, row, j] += weight * slopes[1, j]
        else:
            lower[i + 1, row, j] += weight * slopes[0, j]
            diagonal[i + 1, row, j] += weight * slopes[1, j]


@kernel
def _ion_current(i, g, by_left, by_right, y, numbers, slopes):
    """Current from cell i to i + 1 and its derivatives by the unknowns of both."""
    kappa, K = numbers[KAPPA], numbers[THERMODYNAMIC]
    force = y[i, ION] - y[i + 1, ION] - K * math.log(y[i, SALT] / y[i + 1, SALT])
    slopes[:] = 0.0
    slopes[0, ION] = kappa * g
    slopes[1, ION] = -kappa * g
    slopes[0, SALT] = -kappa * g * K / y[i, SALT]
    slopes[1, SALT] = kappa * g * K / y[i + 1, SALT]
    slopes[0, DEPOSIT] = kappa * force * by_left
    slopes[1, DEPOSIT] = kappa * force * by_right
    return kappa * g * force


@kernel
def _charge_face(
    i, first, current, step_current, slopes, widths, numbers, residual, lower, diagonal, upper
):
    """The current between cells i and i + 1 in the equations of both."""
    if i + 1 <= first:  # a face of the separator, through which the whole current goes
        row = ION if i + 1 < first else ELECTRON
        _add_current(row, i + 1, 1, 1.0, i, current, slopes, residual, lower, diagonal, upper)
        residual[i + 1, row] -= step_current
        if i + 1 == first:
            residual[first, ION] -= step_current
        return
    _add_current(ION, i, 0, 1.0, i, current, slopes, residual, lower, diagonal, upper)
    _add_current(ION, i + 1, 1, -1.0, i, current, slopes, residual, lower, diagonal, upper)
    resistance = 0.5 * (widths[i] + widths[i + 1]) / numbers[SIGMA]
    _add_current(
        ELECTRON, i + 1, 1, -resistance, i, current, slopes, residual, lower, diagonal, upper
    )


@kernel
def _metal(y, current, ratio, widths, step, numbers, residual, diagonal):
    """The face of the metal: the current goes in, and with it what salt the anions do not carry."""
    g = 2.0 * ratio[0, 0] / widths[0]
    salt = numbers[SALT_PER_CHARGE] * current
    residual[0, SALT] -= step * salt
    extra = salt / (numbers[D_SALT] * g)
    kappa, K = numbers[KAPPA], numbers[THERMODYNAMIC]
    drop = numbers[METAL_POTENTIAL] - y[0, ION] - K * math.log((y[0, SALT] + extra) / y[0, SALT])
    residual[0, ION] += kappa * g * drop - current
    diagonal[0, ION, ION] -= kappa * g
    diagonal[0, ION, SALT] += kappa * g * K * (1.0 / y[0, SALT] - 1.0 / (y[0, SALT] + extra))


@kernel
def _gas_side(y, ratio, widths, step, numbers, residual, lower, diagonal, upper):
    """Between the last cell and the gas: half a cell of liquid and the transfer in series."""
    i = len(y) - 2
    half = 0.5 * widths[i] / (numbers[D_GAS] * ratio[i, 0])
    g = 1.0 / (half + numbers[GAS_RESISTANCE])
    by_deposit = g * g * half * ratio[i, 1] / ratio[i, 0]
    drop = y[i, GAS] - y[i + 1, GAS]
    residual[i, GAS] += step * g * drop
    diagonal[i, GAS, GAS] += step * g
    upper[i, GAS, GAS] -= step * g
    diagonal[i, GAS, DEPOSIT] += step * drop * by_deposit
    into = step * numbers[GAS_CAPACITY_INVERSE]
    residual[i + 1, GAS] -= into * g * drop
    diagonal[i + 1, GAS, GAS] += into * g
    lower[i + 1, GAS, GAS] -= into * g
    lower[i + 1, GAS, DEPOSIT] -= into * drop * by_deposit


@kernel
def assemble(
    y, known, step, current, first, widths, porosity, numbers, ratio, rate, slopes, currents,
    residual, lower, diagonal, upper,
):  # fmt: skip
    """Equations of one implicit step, ``m(y) - known = step f(y)``, and their derivatives.

    Parameters
    ----------
    y : (n + 1, 5) unknowns of the cells, and of the gas.
    known : (n + 1, 5) what `conserved` is made up of at earlier times.
    step : coefficient of the rates of change [s]; 0 gives consistent potentials alone.
    current : applied current density I [A/m2], positive from the metal into the liquid.
    first : the first cell of the electrode, at least 1.
    widths, porosity : (n,) of the cells [m] and without deposit [-].
    numbers : (11,) conductivity of the liquid [S/m], K [V], diffusivity of the salt [m2/s], salt,
        gas and volume per charge [mol/C, mol/C, m3/C], conductivity of the solid [S/m], potential
        of the liquid at the metal [V], resistance of the gas's transfer [s/m], inverse of the gas's
        capacity [1/m].
    ratio : (n, 2) D_eff / D and its derivative by the deposit.
    rate, slopes : (n,) J [A/m3] and (n, 5) its derivatives by the unknowns of the cell.
    currents : (2, 5) work space.
    residual : (n + 1, 5).
    lower, diagonal, upper : (n + 1, 5, 5) derivatives by the unknowns of the cell before, the cell
        itself and the cell after.
    """
    n = len(y) - 1
    lower[:] = 0.0
    diagonal[:] = 0.0
    upper[:] = 0.0
    residual[:] = 0.0
    _store(y, known, widths, porosity, residual, diagonal)
    for i in range(first):  # nothing deposits there, and there are no electrons
        residual[i, ELECTRON] = y[i, ELECTRON]
        diagonal[i, ELECTRON, ELECTRON] = 1.0
    for i in range(first, n):
        _react(i, widths[i], step, numbers, rate, slopes, residual, diagonal)
    _metal(y, current, ratio, widths, step, numbers, residual, diagonal)
    for i in range(n - 1):
        left, right = 0.5 * widths[i] / ratio[i, 0], 0.5 * widths[i + 1] / ratio[i + 1, 0]
        g = 1.0 / (left + right)
        by_left = g * g * left * ratio[i, 1] / ratio[i, 0]
        by_right = g * g * right * ratio[i + 1, 1] / ratio[i + 1, 0]
        for field, D in ((SALT, numbers[D_SALT]), (GAS, numbers[D_GAS])):
            _diffuse(field, step * D, i, g, by_left, by_right, y, residual, lower, diagonal, upper)
        ions = _ion_current(i, g, by_left, by_right, y, numbers, currents)
        _charge_face(
            i, first, ions, current, currents, widths, numbers, residual, lower, diagonal, upper
        )
    _gas_side(y, ratio, widths, step, numbers, residual, lower, diagonal, upper)
    for i in range(first + 1, n):
        resistance = 0.5 * (widths[i - 1] + widths[i]) / numbers[SIGMA]
        residual[i, ELECTRON] += y[i, ELECTRON] - y[i - 1, ELECTRON] + resistance * current
        diagonal[i, ELECTRON, ELECTRON] += 1.0
        lower[i, ELECTRON, ELECTRON] -= 1.0
