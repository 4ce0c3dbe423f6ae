"""How well operators predict what they were not fitted to, and the choice of delays and rank by it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple, Union

import numpy as np

from . import _core
from ._engine import _PREPROCESS, Engine, Progress, _engine_of, _reporter, _sides
from ._metrics import Metric
from ._systems import SystemsLike, as_systems


def _hold_out(text: str) -> Tuple[bool, float]:
    match = re.fullmatch(r"(trials|time):([0-9.eE+-]+)", str(text))
    try:
        share = float(match[2]) if match else 0.0
    except ValueError:
        share = 0.0
    if match is None or not 0 < share < 1:
        raise ValueError(f"hold_out: '{text}', expected trials:SHARE or time:SHARE, with a share above 0 and below 1")
    return match[1] == "time", share


def _numbers(values: Any, argument: str) -> List[int]:
    found = [int(v) for v in np.atleast_1d(np.asarray(values))]
    if not found or min(found) < 1:
        raise ValueError(f"{argument}: {values!r}, expected whole numbers from 1")
    return sorted(set(found))


def _reseed(value: int) -> int:
    if int(value) < 0:
        raise ValueError(f"reseed: {value}, expected 0 or more")
    return int(value)


def _prepared(systems: Any, steps: Dict[str, Any], worker: Engine, metric: Metric, layout: str,
              control: Any = None) -> Any:
    return _sides(worker, systems, None, metric, steps, layout, None, None, control)[0]


def _split(parameters: Dict[str, Any]) -> Tuple[Dict[str, Any], Dict[str, Any]]:
    """Steps of the preparation, and the parameters of the fit."""
    steps = {key: value for key, value in parameters.items() if key in _PREPROCESS and value is not None}
    return steps, {key: value for key, value in parameters.items() if key not in _PREPROCESS}


class Prediction(NamedTuple):
    """The prediction of one system: dicts of ``mae``, ``mse``, ``nmse``, ``mase``, ``r2``, ``correlation``, ``aic``."""

    name: str
    facts: Dict[str, Any]  #: of the fit
    one_step: Dict[str, float]  #: every step from the recorded past
    reseeded: Dict[str, float]  #: from predictions in between
    values: List[np.ndarray]  #: predicted trials, steps x channels, if they were asked for


def predict(systems: SystemsLike, *, rank: Union[int, str] = 0, hold_out: str = "trials:0.2", reseed: int = 10,
            values: bool = False, control: Optional[SystemsLike] = None, layout: str = "auto",
            engine: Optional[Engine] = None, progress: Progress = True, **parameters: Any) -> List[Prediction]:
    """How operators fitted to a part of each system predict the rest of it, one ``Prediction`` a system.

    ``hold_out`` is what is predicted: the last trials ("trials:0.2") or the end of each ("time:0.2"). A chain of
    predictions starts from the record again at every ``reseed``-th row (1: every step; 0: never). ``delays``,
    ``interval``, ``steps_ahead``, ``regression``, ``ridge`` and ``control`` are as in ``fit``, and what was held out is
    predicted with its own inputs, x(t+1) = A x(t) + B u(t); steps of the preparation as in ``preprocess``.
    """
    steps, fit = _split(parameters)
    metric = Metric("spectral", rank=rank, **fit)
    time, share = _hold_out(hold_out)
    worker = _engine_of(engine, "auto", 0, 0)
    core = _prepared(systems, steps, worker, metric, layout, control)
    report, close = _reporter(progress)
    try:
        found = _core.predict(worker._core, core, metric._core, time, share, _reseed(reseed), bool(values), report)
    finally:
        close()
    return [Prediction(name, *one) for name, one in zip(core.names(), found)]


@dataclass(frozen=True)
class Sweep:
    """Held-out prediction at every point of a grid. ``points`` are dicts with ``delays``, ``interval``, ``rank``,
    ``feasible``, and the figures ``one_step`` and ``reseeded``, means over the systems."""

    points: List[Dict[str, Any]]
    best: Dict[str, Any]  #: the point of least error
    recommended: Dict[str, Any]  #: the smallest model within one standard error, or ``tolerance``, of it
    best_error: float
    recommended_error: float
    skip: int  #: steps of each held-out trial that no point scores
    left_out: Dict[str, str]  #: systems that cannot be fitted at all, with the reason; the points are over the others

    @property
    def parameters(self) -> Dict[str, int]:
        """The recommended point as keywords: ``kindred.pairwise(systems, **sweep.parameters)``."""
        return {key: self.recommended[key] for key in ("delays", "interval", "rank")}

    def table(self, figure: str = "nmse",
              kind: str = "reseeded") -> Tuple[np.ndarray, List[Tuple[int, int]], List[int]]:
        """A figure as an array of (interval, delays) x ranks, NaN where infeasible, with the values of both axes."""
        windows = list(dict.fromkeys((p["interval"], p["delays"]) for p in self.points))
        ranks = list(dict.fromkeys(p["rank"] for p in self.points))
        values = np.array([p[kind][figure] for p in self.points]).reshape(len(windows), len(ranks))
        return values, windows, ranks


def sweep(systems: SystemsLike, *, rank: Sequence[int], delays: Union[int, Sequence[int]] = 1,
          interval: Union[int, Sequence[int]] = 1, hold_out: str = "trials:0.2", reseed: int = 10,
          tolerance: float = 0.01, journal: Union[None, str, "os.PathLike[str]"] = None,
          control: Optional[SystemsLike] = None, layout: str = "auto", engine: Optional[Engine] = None,
          progress: Progress = True, **parameters: Any) -> Sweep:
    """Delays, interval and rank by how well they predict what was held out; every combination is tried.

    ``hold_out``, ``reseed`` and ``control`` are as in ``predict``; ``steps_ahead``, ``regression`` and ``ridge`` as in
    ``fit``.
    ``tolerance`` is the share of the variance by which a smaller model may predict worse than the best and be
    recommended all the same; 0: one standard error alone. ``journal`` is a file that keeps finished points, so that a
    killed sweep goes on. ``Sweep.parameters`` are those to use.
    """
    steps, fit = _split(parameters)
    grid = [_numbers(delays, "delays"), _numbers(interval, "interval"), _numbers(rank, "rank")]
    metric = Metric("spectral", **fit)
    time, share = _hold_out(hold_out)
    worker = _engine_of(engine, "auto", 0, 0)
    core = _prepared(systems, steps, worker, metric, layout, control)
    report, close = _reporter(progress)
    try:
        points, best, chosen, best_error, chosen_error, skip, left_out = _core.sweep(
            worker._core, core, metric._core, grid, time, share, _reseed(reseed), float(tolerance),
            None if journal is None else os.fspath(journal), report)
    finally:
        close()
    return Sweep(points, points[best], points[chosen], best_error, chosen_error, skip, left_out)


def starting_point(systems: SystemsLike, *, layout: str = "auto") -> Tuple[int, int]:
    """q* and r* (fastDSA): delays from the correlation time and the period, and a rank. Where a sweep may start."""
    return _core.starting_point(as_systems(systems, layout=layout))


class Eigenfunctions(NamedTuple):
    """The eigenfunctions of one system's operator along its recording."""

    name: str
    facts: Dict[str, Any]
    eigenvalues: np.ndarray  #: complex, largest modulus first
    residuals: np.ndarray  #: how far each eigenfunction is from being multiplied by its eigenvalue
    trials: List[np.ndarray]  #: rows x rank, complex; row s belongs to step s + (delays - 1) interval


def eigenfunctions(systems: SystemsLike, *, rank: Union[int, str] = 0, layout: str = "auto",
                   engine: Optional[Engine] = None,
                   progress: Progress = True, **parameters: Any) -> List[Eigenfunctions]:
    """Eigenfunctions phi of the operators that ``fit`` gives, along the recordings: phi(t + steps ahead) = mu phi(t) as
    closely as the residual says. The mean of |phi|^2 over all rows is 1."""
    steps, fit = _split(parameters)
    metric = Metric("spectral", rank=rank, **fit)
    worker = _engine_of(engine, "auto", 0, 0)
    core = _prepared(systems, steps, worker, metric, layout)
    report, close = _reporter(progress)
    try:
        found = _core.eigenfunctions(worker._core, core, metric._core, report)
    finally:
        close()
    return [Eigenfunctions(name, *one) for name, one in zip(core.names(), found)]
