"""Comparisons and fits."""

from __future__ import annotations

import os
import re
import threading
import time
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple, Union

import numpy as np

from . import _core
from ._distances import DistanceMatrix
from ._metrics import Metric, MetricLike, as_metric
from ._operators import Operators, OperatorsLike, as_operators
from ._systems import Systems, SystemsLike, as_array, as_systems

Progress = Union[None, bool, Callable[[str, int, int], Any]]


def _bytes(memory: Union[int, str]) -> int:
    """A number of bytes, or a text such as "4G"."""
    if isinstance(memory, str):
        match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?)i?B?\s*", memory, re.IGNORECASE)
        if not match:
            raise ValueError(f"memory: '{memory}', expected a number of bytes such as 500M or 4G")
        return int(float(match[1]) * 1024 ** " KMGT".index(match[2].upper() or " "))
    if memory < 0:
        raise ValueError(f"memory: {memory}, expected a number of bytes")
    return int(memory)


class _Bar:
    """tqdm's bar, one a stage of the call."""

    def __init__(self) -> None:
        from tqdm.auto import tqdm

        self._make, self._stage = tqdm, ""
        self._bar: Any = None

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage != self._stage:
            self.close()
            self._stage, self._bar = stage, self._make(total=total, desc=stage, leave=False)
        self._bar.n = done
        self._bar.refresh() if done == total else self._bar.update(0)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()


def _reporter(progress: Progress) -> Tuple[Any, Callable[[], None]]:
    """What the library calls, and what ends it: nothing, the user's function, or tqdm's bar if there is one."""
    if callable(progress) and not isinstance(progress, bool):
        return progress, lambda: None
    if progress:
        try:
            bar = _Bar()
        except ImportError:
            return None, lambda: None
        return bar, bar.close
    return None, lambda: None


class Engine:
    """Runs comparisons on one device; owns its threads or streams and workspaces.

    Parameters
    ----------
    device : "auto", "cpu", "cuda" or "cuda:1"
        "auto" takes the first usable GPU, else the CPU.
    threads : int
        CPU threads; 0: as many as there are.
    memory : int or str
        Bytes of workspace, such as "4G"; 0: a quarter of what is free.

    One engine serves one thread at a time; two engines in two threads are independent.
    """

    def __init__(self, device: str = "auto", threads: int = 0, memory: Union[int, str] = 0):
        device = str(device)
        match = re.fullmatch(r"(auto|cpu|cuda)(?::(\d+))?", device)
        if not match or (match[2] and match[1] != "cuda"):
            raise ValueError(f"device: '{device}', expected auto, cpu, cuda or cuda:N")
        if int(threads) < 0:
            raise ValueError(f"threads: {threads}, expected 0 or more")
        number = int(match[2] or 0) if match[1] == "cuda" else int(threads)
        self._core = _core.Engine(match[1], number, _bytes(memory))

        self._settings = (device, threads, memory)

    def __reduce__(self) -> Any:
        return Engine, self._settings

    @property
    def device(self) -> str:
        """The kind and the name of the device."""
        return ": ".join(self._core.device())

    @property
    def _on_cuda(self) -> bool:
        return self._core.device()[0] == "cuda"

    def _call(self, method: str, progress: Progress, *arguments: Any) -> Any:
        report, close = _reporter(progress)
        try:
            return getattr(self._core, method)(*arguments, report)
        finally:
            close()


_engines = threading.local()


def _engine_of(engine: Optional[Engine], device: str, threads: int, memory: Union[int, str]) -> Engine:
    """The engine given, or this thread's own for these settings."""
    if engine is not None:
        if not isinstance(engine, Engine):
            raise TypeError(f"engine: {type(engine).__name__}, expected a kindred.Engine")
        return engine
    known: Dict[Any, Engine] = _engines.__dict__.setdefault("known", {})
    key = (str(device), threads, memory, os.getpid())
    if key not in known:
        known.clear()
        known[key] = Engine(device, threads, memory)
    return known[key]


_PREPROCESS = tuple(_core.preprocess_fields())


def _fields(steps: Dict[str, Any]) -> List[Tuple[str, str]]:
    """Steps of the preparation as the library reads them."""
    return [(key, ("no", "yes")[bool(value)] if isinstance(value, (bool, np.bool_)) else str(value))
            for key, value in steps.items()]


def _is_operators(values: Any) -> bool:
    return isinstance(values, Operators)


def _in_order(control: Any, systems: Any) -> Any:
    """The inputs in the order of the systems, where both are told apart by name."""
    if not isinstance(control, Mapping) or not isinstance(systems, Mapping):
        return control
    for name in systems:
        if name not in control:
            raise ValueError(f"control: no inputs of system '{name}', only of {', '.join(map(repr, control))}")
    for name in control:
        if name not in systems:
            known = ", ".join(map(repr, systems))
            raise ValueError(f"control: inputs of '{name}', which is none of the systems {known}")
    return {name: control[name] for name in systems}


def _sides(engine: Engine, rows: Any, columns: Any, metric: Metric, steps: Dict[str, Any], layout: str, names: Any,
           labels: Any, control: Any = None) -> Tuple[Any, Any]:
    """The core's collections of rows and columns (None without), prepared as asked."""
    if _is_operators(rows):
        if steps or names is not None or labels is not None or control is not None:
            raise TypeError("operators have names already, cannot be preprocessed, and take no inputs")
        return as_operators(rows), None if columns is None else as_operators(columns, "columns")
    on_device = engine._on_cuda and metric.of_operators() and not steps and control is None
    first = as_systems(rows, "systems" if columns is None else "rows", names, labels, layout, on_device)
    second = None if columns is None else as_systems(columns, "columns", None, None, layout, on_device)
    if control is not None:
        first = first.with_inputs(as_systems(_in_order(control, rows), "control", layout=layout))
    if steps or first.own_steps() or (second is not None and second.own_steps()):
        if second is not None and steps.get("common_basis"):
            raise ValueError("common_basis: for the systems of one collection")
        first = engine._core.preprocess(first, _fields(steps))
        second = None if second is None else engine._core.preprocess(second, _fields(steps))
    return first, second


def _labels_of(core: Any) -> List[str]:
    return [core.label(i) for i in range(len(core))] if isinstance(core, _core.OperatorSet) else core.labels()


def _compare(rows: Any, columns: Any, metric: MetricLike, names: Any, labels: Any, layout: str, device: str,
             threads: int, memory: Union[int, str], engine: Optional[Engine], journal: Any, progress: Progress,
             parameters: Dict[str, Any], control: Any = None) -> DistanceMatrix:
    steps = {key: parameters.pop(key) for key in _PREPROCESS if parameters.get(key) is not None}
    wanted = as_metric(metric, parameters)
    worker = _engine_of(engine, device, threads, memory)
    first, second = _sides(worker, rows, columns, wanted, steps, layout, names, labels, control)
    journal = None if journal is None else os.fspath(journal)
    report, close = _reporter(progress)
    try:
        core = worker._core.compare(first, second, wanted._core, report, journal)
    finally:
        close()
    sides = (_labels_of(first), _labels_of(first if second is None else second))
    return DistanceMatrix(core, wanted, sides, second is None)


def pairwise(
    systems: Union[SystemsLike, Operators],
    metric: MetricLike = "dsa",
    *,
    names: Optional[Sequence[str]] = None,
    labels: Optional[Sequence[str]] = None,
    control: Optional[SystemsLike] = None,
    layout: str = "auto",
    device: str = "auto",
    threads: int = 0,
    memory: Union[int, str] = 0,
    engine: Optional[Engine] = None,
    journal: Union[None, str, "os.PathLike[str]"] = None,
    progress: Progress = True,
    **parameters: Any,
) -> DistanceMatrix:
    """Distances between all pairs of one collection of systems.

    Parameters
    ----------
    systems : dict {name: recording}, sequence of recordings, or what ``fit`` or ``load`` returned
        A recording is an array of time x channels or trials x time x channels, or a list of trials (time x channels) of
        any lengths: NumPy, torch (CPU or CUDA), CuPy, xarray, pandas, or anything with ``__array__``, ``__dlpack__`` or
        ``__cuda_array_interface__``. float32 and float64 are used where they lie; other real types are converted.
    metric : str or Metric
        A name such as "dsa", "spectral", "cka", "procrustes" (``kindred.metric_names()``), or an object such as
        ``kindred.DSA(delays=33, interval=6, rank=20)``.
    **parameters
        Of the metric, named as on the command line: ``delays``, ``interval``, ``rank``, ``score``, ``effort``,
        ``normalized`` ...; and of the preparation of recordings, as in ``preprocess``.
    names, labels : sequences of str
        Of the systems, where they are not a dict; groups for the report.
    control : like ``systems``
        Inputs u that act on the systems, one recording of inputs for each of them, in the same steps and, where not
        both are dicts, in the same order: the metrics of operators then compare the A of x(t+1) = A x(t) + B u(t).
    layout : str
        Order of an array's axes: "auto" (trials,) time, channels; or such as "channels,time".
    device, threads, memory, engine
        Where to compute: see ``Engine``. Without an engine each thread keeps one.
    journal : path
        A file that keeps finished pairs, so that a killed run goes on.
    progress : bool or callable
        True: a tqdm bar where tqdm is installed. A function is called with (stage, done, total); what it raises ends
        the call.

    Returns
    -------
    DistanceMatrix
        Symmetric to the bit, zero diagonal; a pair that cannot be computed is NaN with status "failed".

    Raises
    ------
    ValueError, TypeError, kindred.Error
        With a message that names the argument, the system and the value. KeyboardInterrupt ends the call within a tile.
    """
    return _compare(systems, None, metric, names, labels, layout, device, threads, memory, engine, journal, progress,
                    parameters, control)


def cross(
    rows: Union[SystemsLike, Operators],
    columns: Union[SystemsLike, Operators],
    metric: MetricLike = "dsa",
    *,
    layout: str = "auto",
    device: str = "auto",
    threads: int = 0,
    memory: Union[int, str] = 0,
    engine: Optional[Engine] = None,
    journal: Union[None, str, "os.PathLike[str]"] = None,
    progress: Progress = True,
    **parameters: Any,
) -> DistanceMatrix:
    """Distances of every system of ``rows`` against every one of ``columns``; else as ``pairwise``."""
    if _is_operators(rows) != _is_operators(columns):
        raise TypeError("rows and columns: one holds operators and the other recordings; fit both")
    if columns is None:
        raise TypeError("columns: None, expected systems; pairwise compares all pairs of one collection")
    return _compare(rows, columns, metric, None, None, layout, device, threads, memory, engine, journal, progress,
                    parameters)


def fit(
    systems: SystemsLike,
    *,
    rank: Union[int, str, Sequence[int]] = 0,
    names: Optional[Sequence[str]] = None,
    labels: Optional[Sequence[str]] = None,
    control: Optional[SystemsLike] = None,
    basis: bool = False,
    layout: str = "auto",
    device: str = "auto",
    threads: int = 0,
    memory: Union[int, str] = 0,
    engine: Optional[Engine] = None,
    progress: Progress = True,
    **parameters: Any,
) -> Any:
    """DMD operators of recordings, one a system: delay embedding, principal components, regression.

    ``rank`` is one number (0: each system's numerical rank), a rule such as "variance:0.99" or "svht", or several
    numbers, whose operators come from one factorisation; then a list of ``Operators`` is returned, one a rank.
    ``delays``, ``interval``, ``steps_ahead``, ``regression``, ``ridge``, ``rank_shared``, ``rank_excess`` and ``dt``
    are as on the command line; the other arguments as in ``pairwise``. With ``control``, ``Operator.B``
    is the input matrix; with ``basis``, ``Operator.basis`` and ``Operator.sigma`` are the coordinates of the states in
    the embedding and its singular values.
    """
    steps = {key: parameters.pop(key) for key in _PREPROCESS if parameters.get(key) is not None}
    several = not np.isscalar(rank)
    metric = Metric("spectral", rank=0 if several else rank, **parameters)
    worker = _engine_of(engine, device, threads, memory)
    core, _ = _sides(worker, systems, None, metric, steps, layout, names, labels, control)
    ranks = [int(r) for r in rank] if several else []  # type: ignore[union-attr]
    if several and not ranks:
        raise ValueError("rank: an empty list")
    report, close = _reporter(progress)
    try:
        fitted = [Operators(one) for one in worker._core.fit(core, metric._core, ranks, basis, report)]
    finally:
        close()
    return fitted if several else fitted[0]


def preprocess(systems: SystemsLike, *, layout: str = "auto", engine: Optional[Engine] = None, **steps: Any) -> Systems:
    """Recordings prepared for comparison, in float64, by these steps in this order:

    ``nan`` ("error", "drop", "interpolate" with ``largest_gap``), ``bin`` (steps; ``bin_by`` "mean" or "sum",
    ``bin_overlap``), ``smooth`` (standard deviation of a Gaussian filter in samples; ``causal``), ``every`` (keep one
    in so many), ``resample`` (steps), ``trial_average``, ``scaling`` ("none", "centre", "zscore", "zscore-trial",
    "unit-trial"), ``components`` (a number or "variance:0.99"; ``common_basis``). ``Systems.gaps`` says what was
    missing.
    """
    unknown = [key for key in steps if key not in _PREPROCESS]
    if unknown:
        raise TypeError(f"'{unknown[0]}' is no step of the preparation; it takes {', '.join(_PREPROCESS)}")
    worker = _engine_of(engine, "auto", 0, 0)
    return Systems(worker._core.preprocess(as_systems(systems, layout=layout), _fields(steps)))


class Alignment(NamedTuple):
    """How two operators compare, and the change of basis that aligns them."""

    distance: float  #: in the metric's unit
    lower_bound: float  #: proven: no change of basis gives less
    status: str  #: exact, certified, converged, iteration_limit, failed
    C: np.ndarray  #: r x r orthogonal, A ~ C B C^T
    aligned: np.ndarray  #: C B C^T


def align(a: np.ndarray, b: np.ndarray, *, engine: Optional[Engine] = None, **parameters: Any) -> Alignment:
    """The orthogonal change of basis C that best aligns operator b with operator a: min ||A - C B C^T||_F over the
    group.

    Parameters are those of ``kindred.DSA``: ``score``, ``effort``, ``precision``, ``group``, ``normalize``,
    ``zero_pad``, ``certify``, ``seed``.
    """
    metric = Metric("dsa", **parameters)
    worker = _engine_of(engine, "auto", 0, 0)
    both = as_operators([a, b], "a, b", ["a", "b"])
    return Alignment(*worker._core.align(both, metric._core))


def compare_operators(a: np.ndarray, b: np.ndarray, metric: MetricLike = "dsa", *, engine: Optional[Engine] = None,
                      **parameters: Any) -> float:
    """The distance of two operators (square matrices, or vectors of eigenvalues) by a metric of operators."""
    wanted = as_metric(metric, parameters)
    worker = _engine_of(engine, "auto", 0, 0)
    one, other = as_operators([a], "a", ["a"]), as_operators([b], "b", ["b"])
    return float(worker._core.compare(one, other, wanted._core, None, None).distances()[0, 0])
