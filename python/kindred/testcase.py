"""Does a metric find what is there? Systems whose relations are known, and what a metric makes of them
(docs/testcases.md)."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence, Union

from . import _core, _engine
from ._metrics import Metric, MetricLike, as_metric
from ._systems import Systems

__all__ = ["names", "run", "systems"]


def names() -> Dict[str, str]:
    """The cases, with their titles."""
    return dict(_core.testcase_names())


def systems(name: str, seed: int = 0) -> Systems:
    """The systems of a case, for a metric of your own."""
    return Systems(_core.testcase_systems(name, seed))


def run(name: str, metrics: Union[MetricLike, Sequence[MetricLike],
                                  Mapping[str, MetricLike]] = ("dsa", "cka", "procrustes"), *, seeds: int = 5,
        first_seed: int = 0, permutations: int = 1999, engine: Optional[_engine.Engine] = None,
        progress: _engine.Progress = True) -> List[Dict[str, Any]]:
    """Runs a case: a list of its views, each a dict with ``view``, ``statement``, ``question``, ``groups`` and, under
    ``metrics``, a dict a metric with the groups' means and standard errors, ratio, slope, p, q and verdict.

    The delays and ranks of metrics of operators are the case's own.
    """
    if isinstance(metrics, (str, Metric)):
        metrics = [metrics]
    named = dict(metrics) if isinstance(metrics, Mapping) else {
        metric if isinstance(metric, str) else metric.name: metric for metric in metrics}
    cores = [(label, as_metric(metric, {})._core) for label, metric in named.items()]
    report, close = _engine._reporter(progress)
    try:
        return _core.testcase_run(
            _engine._engine_of(engine, "auto", 0, 0)._core, name, cores, int(seeds), int(first_seed), int(permutations),
            report)
    finally:
        close()
