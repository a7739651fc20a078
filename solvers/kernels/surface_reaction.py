"""Current density of a reaction on a wall under a growing film, and its derivatives.

    j = S(l) i0 [ c^m o^p e^(-alpha f u) - r o^q g e^(beta f u) ],   u = eta + rho l j

with f = F / RT, reduced concentrations c and o, the share ``S = erfc((l - l_c) / l_w) / 2`` of the
electrons that pass the film, its ohmic drop ``rho l j``, and ``g = d / (d + seed)``, which keeps
what was never deposited from dissolving. j > 0 makes deposit and eta < 0 drives it. A power of c or
o other than 0 and 1 is smoothed near zero, ``o (o^2 + s^2)^((p - 1) / 2)``; so is the order 0 of o
on the way forward, where nothing reacts without oxygen.
"""

from __future__ import annotations

import math

import numpy as np
from numba import prange

from meshing.kernels import kernel, parallel

# Where the columns of the coefficients and of the derivatives are.
I0, ALPHA, BETA, ORDER_C, ORDER_O, REVERSE, REVERSE_O, SEED, L_C, L_W, RHO, F_RT, SMOOTH = range(13)
BY_ETA, BY_C, BY_O, BY_DEPOSIT, BY_FILM = range(5)


@kernel
def _power(o, p, smooth):
    """The power of o and its derivative."""
    if p == 0.0:
        return 1.0, 0.0
    return _vanishing(o, p, smooth)


@kernel
def _vanishing(o, p, smooth):
    """As `_power`, but 0 at o = 0 for any p."""
    if p == 1.0:
        return o, 1.0
    square = o * o + smooth * smooth
    core = square ** (0.5 * (p - 1.0))
    return o * core, core * (1.0 + (p - 1.0) * o * o / square)


@kernel
def _omega(y):
    """w with w + ln w = y: the Lambert function of e^y, which does not overflow."""
    w = math.exp(y) if y < -1.0 else (y - math.log(y) if y > 2.0 else 0.6 + 0.4 * y * 0.5)
    for _ in range(8):
        change = (w + math.log(w) - y) * w / (w + 1.0)
        w = w - change if change < w else 0.1 * w
        if abs(change) <= 1e-15 * w:
            break
    return w


@kernel
def _bound(rate, slope):
    """The j with j = rate e^(-slope j): what one direction alone would give."""
    if rate <= 0.0 or slope <= 0.0:
        return rate
    return _omega(math.log(rate * slope)) / slope


@kernel
def _through_film(forward, backward, a, b):
    """The j with j = forward e^(-a j) - backward e^(b j), by Newton's method in a bracket."""
    if a == 0.0:
        return forward - backward
    low, high = 0.0, 0.0
    if forward >= backward:
        high = _bound(forward, a)
        j = high
    else:
        low = -_bound(backward, b)
        j = low
    for _ in range(60):
        down, up = forward * math.exp(-a * j), backward * math.exp(b * j)
        miss = j - down + up
        if miss > 0.0:
            high = j
        else:
            low = j
        new = j - miss / (1.0 + a * down + b * up)
        if not low <= new <= high:
            new = 0.5 * (low + high)
        done = abs(new - j) <= 1e-15 * abs(new)
        j = new
        if done:
            break
    return j


@kernel
def surface_rate(eta, c, o, deposit, film, coefficients, rate, slopes):
    """Current density at many places.

    Parameters
    ----------
    eta : (n,) overpotential without the film's drop [V].
    c, o : (n,) reduced concentrations.
    deposit : (n,) volume fraction of the deposit.
    film : (n,) film thickness [m].
    coefficients : (13,) i0 [A/m2], alpha, beta, m, p, r, q, seed, l_c [m], l_w [m] (0: S = 1),
        rho [ohm m], f [1/V], smoothing of o.
    rate : (n,) j [A/m2].
    slopes : (n, 5) its derivatives by eta, c, o, deposit and film.
    """
    k = coefficients
    f, alpha, beta, rho = k[F_RT], k[ALPHA], k[BETA], k[RHO]
    for i in range(len(eta)):
        share, by_film = 1.0, 0.0
        if k[L_W] > 0.0:
            z = (film[i] - k[L_C]) / k[L_W]
            share = 0.5 * math.erfc(z)
            by_film = -math.exp(-z * z) / (k[L_W] * math.sqrt(math.pi))
        power_c, slope_c = _power(c[i], k[ORDER_C], k[SMOOTH])
        power_o, slope_o = _vanishing(o[i], k[ORDER_O], k[SMOOTH])
        reverse_o, slope_reverse = _power(o[i], k[REVERSE_O], k[SMOOTH])
        present, by_deposit = 1.0, 0.0
        if k[SEED] > 0.0:
            present = deposit[i] / (deposit[i] + k[SEED])
            by_deposit = k[SEED] / (deposit[i] + k[SEED]) ** 2
        down = k[I0] * math.exp(-alpha * f * eta[i])
        up = k[I0] * k[REVERSE] * math.exp(beta * f * eta[i])
        drop = rho * film[i]
        forward, backward = share * down * power_c * power_o, share * up * reverse_o * present
        # Below zero, where Newton's method may bring o, the rate goes on as a straight line.
        j = _through_film(max(forward, 0.0), backward, alpha * f * drop, beta * f * drop)
        # From here on both directions are those behind the drop.
        if drop != 0.0:
            down *= math.exp(-alpha * f * drop * j)
            up *= math.exp(beta * f * drop * j)
        bare = down * power_c * power_o - up * reverse_o * present
        forward = share * down * power_c * power_o
        back = f * share * beta * up * reverse_o * present
        yields = 1.0 / (1.0 + drop * (f * alpha * max(forward, 0.0) + back))
        steep = f * alpha * forward + back
        j += min(forward, 0.0) * yields
        rate[i] = j
        slopes[i, BY_ETA] = -steep * yields
        slopes[i, BY_C] = share * down * slope_c * power_o * yields
        slopes[i, BY_O] = share * (down * power_c * slope_o - up * slope_reverse * present) * yields
        slopes[i, BY_DEPOSIT] = -share * up * reverse_o * by_deposit * yields
        slopes[i, BY_FILM] = (by_film * bare - steep * rho * j) * yields


#: Places that one thread takes at a time.
PART = 4096


@parallel
def surface_rates(eta, c, o, deposit, film, coefficients, rate, slopes):
    """As `surface_rate`, for so many places that threads pay."""
    parts = (len(eta) + PART - 1) // PART
    for task in prange(parts):
        low = np.int64(task) * PART
        high = min(low + PART, len(eta))
        surface_rate(
            eta[low:high], c[low:high], o[low:high], deposit[low:high], film[low:high],
            coefficients, rate[low:high], slopes[low:high],
        )  # fmt: skip
