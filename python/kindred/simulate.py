"""Seeded recordings of systems whose dynamics are known: the same numbers, to the bit, on every machine.

Each function returns a float64 array of trials x steps x channels. ``stream`` is a sub-stream of the seed: systems with
equal streams share their starts.
"""

from __future__ import annotations

from typing import Sequence

import numpy as np

from . import _core

__all__ = ["lorenz", "van_der_pol", "linear", "ring_attractor", "line_attractor"]


def lorenz(rho: float = 28, sigma: float = 10, beta: float = 2.667, *, step: float = 0.01, trials: int = 200,
           steps: int = 200, scaled: bool = True, seed: int = 0, stream: int = 0) -> np.ndarray:
    """The Lorenz system by explicit Euler steps from starts uniform in [0, 1)^3 (the defaults of arXiv 2410.24070);
    ``scaled``: each trial to [0, 1] by its own minimum and maximum."""
    return _core.lorenz(rho, sigma, beta, step, trials, steps, scaled, seed, stream)


def van_der_pol(mu: float = 1, speed: float = 1, *, step: float = 0.1, trials: int = 50, steps: int = 200,
                seed: int = 0, stream: int = 0) -> np.ndarray:
    """The van der Pol oscillator, x' = speed y, y' = speed (mu (1 - x^2) y - x), by fourth-order Runge-Kutta steps."""
    return _core.van_der_pol(mu, speed, step, trials, steps, seed, stream)


def linear(modes: Sequence[complex], condition: float = 1, *, trials: int = 50, steps: int = 200, seed: int = 0,
           stream: int = 0) -> np.ndarray:
    """A linear system with one pair of eigenvalues a +- i b for every mode a + i b, seen through a random basis of the
    given condition number; normal starts. 2 channels a mode."""
    return _core.linear([complex(mode) for mode in modes], condition, trials, steps, seed, stream)


def ring_attractor(pull: float = 2, drive: float = 1, *, step: float = 0.05, trials: int = 50, steps: int = 200,
                   seed: int = 0, stream: int = 0) -> np.ndarray:
    """A ring of fixed points that integrates a random velocity (an Ornstein-Uhlenbeck process of deviation
    ``drive``)."""
    return _core.ring(pull, drive, step, trials, steps, seed, stream)


def line_attractor(pull: float = 2, drive: float = 1, *, step: float = 0.05, trials: int = 50, steps: int = 200,
                   seed: int = 0, stream: int = 0) -> np.ndarray:
    """A segment of fixed points that integrates a random velocity."""
    return _core.line_attractor(pull, drive, step, trials, steps, seed, stream)
