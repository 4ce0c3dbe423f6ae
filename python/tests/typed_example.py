"""Checked by mypy in test_types.py: what a script may write, and the types that it gets."""

from typing import Dict, List, Tuple

import numpy as np

import kindred
from kindred import compat

systems: Dict[str, np.ndarray] = {name: kindred.simulate.lorenz(rho) for name, rho in (("a", 5.0), ("b", 28.0))}

d = kindred.pairwise(systems, "dsa", delays=33, interval=6, rank=10)
matrix: np.ndarray = d.distances
bounds: np.ndarray = np.asarray(d.lower_bound)
names: List[str] = d.names
shape: Tuple[int, int] = d.shape
d.report("report.html", title="A page")

metric: kindred.Metric = kindred.CKA(score="similarity")
similar: kindred.DistanceMatrix = kindred.cross(systems, list(systems.values()), metric, threads=2, memory="1G",
                                                progress=None)

operators: kindred.Operators = kindred.fit(systems, delays=3, rank=2)
one: kindred.Operator = operators[0]
found = kindred.align(one, operators["b"], score="euclidean")
distance: float = found.distance
basis: np.ndarray = found.C

same: float = compat.stats.mse(matrix, matrix)
model = compat.DSA(systems["a"], systems["b"], n_delays=3, rank=2, score_method="angular")


def told(stage: str, done: int, total: int) -> None:
    print(stage, done, total)


kindred.pairwise(systems, progress=told)
kindred.pairwise(7)  # type: ignore[arg-type]
kindred.pairwise(systems, threads="two")  # type: ignore[arg-type]
d.report(3.5)  # type: ignore[arg-type]
