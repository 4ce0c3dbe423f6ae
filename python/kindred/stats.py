"""What matrices of distances say of groups of systems and of each other: the figures of the command ``kindred stats``.

    d = kindred.pairwise(systems, "dsa", delays=33, interval=6, rank=20)
    groups = kindred.stats.compare_groups(d, ["a", "a", "b", "b"])
    groups.permanova.p, groups.silhouette
    kindred.stats.correlate(d, kindred.pairwise(systems, "cka")).spearman.value

A matrix is a ``DistanceMatrix`` of one collection or a square array. The same arguments give the same figures, to the
bit.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple, Union

import numpy as np

from . import _core
from ._distances import DistanceMatrix
from ._systems import SystemsLike, as_systems

MatrixLike = Union[DistanceMatrix, Any]
"""A comparison of one collection, or a square array of distances."""


class PermutationTest(NamedTuple):
    """A permutation test: p, and q after Benjamini and Hochberg over the matrices of the call."""

    p: float
    q: float
    permutations: int
    exact: bool


class WithInterval(NamedTuple):
    """A figure with its bootstrap interval over systems; NaN where there is none."""

    value: float
    low: float
    high: float


class GroupComparison(NamedTuple):
    """How far groups of systems are apart under one metric (``kindred stats --labels``; docs/cli.md has the
    formulas)."""

    name: str
    systems: int
    groups: int
    left_out: List[int]
    pseudo_f: float
    r_squared: float
    permanova: PermutationTest
    within: WithInterval
    between: WithInterval
    difference: WithInterval
    ratio: WithInterval
    separation: PermutationTest
    silhouette: float
    accuracy: float
    largest_group: float
    intervals_from: int


class MatrixCorrelation(NamedTuple):
    """Whether two metrics order the same pairs alike (Mantel)."""

    first: str
    second: str
    systems: int
    left_out: List[int]
    pearson: WithInterval
    spearman: WithInterval
    pearson_test: PermutationTest
    spearman_test: PermutationTest


class Embedding(NamedTuple):
    """Coordinates by classical multidimensional scaling, systems x dimensions."""

    coordinates: np.ndarray
    eigenvalues: np.ndarray
    stress: float
    left_out: List[int]


class ShapeMean(NamedTuple):
    """The mean shape of recordings (samples x channels), and where each system lies about it."""

    mean: np.ndarray
    distances: np.ndarray
    coordinates: np.ndarray
    shares: np.ndarray
    variance: float
    iterations: int
    converged: bool


def _named(matrix: MatrixLike, name: str) -> Tuple[str, np.ndarray]:
    if isinstance(matrix, DistanceMatrix):
        if not matrix.symmetric:
            raise ValueError(f"{name}: rows against columns; statistics are of all pairs of one collection")
        return matrix.metric.split(",")[0] if name.isdigit() else name, np.ascontiguousarray(matrix.distances)
    values = np.ascontiguousarray(matrix, dtype=np.float64)
    if values.ndim != 2 or values.shape[0] != values.shape[1]:
        raise ValueError(f"matrix {name}: shape {values.shape}, expected a square of distances")
    return name, values


def _matrices(given: Any) -> Tuple[List[Tuple[str, np.ndarray]], bool]:
    """Names and values; whether one matrix alone was given."""
    if isinstance(given, Mapping):
        return [_named(matrix, str(name)) for name, matrix in given.items()], False
    if isinstance(given, DistanceMatrix) or np.ndim(given) == 2:
        return [_named(given, "0")], True
    found = [_named(matrix, str(place)) for place, matrix in enumerate(given)]
    names = [name for name, _ in found]
    apart = [name if names.count(name) == 1 else f"{name}[{place}]" for place, name in enumerate(names)]
    return [(name, values) for name, (_, values) in zip(apart, found)], False


def _labels(labels: Optional[Sequence[Any]], given: Any) -> List[str]:
    if labels is not None:
        return ["" if label is None else str(label) for label in labels]
    first = next(iter(given.values()), None) if isinstance(given, Mapping) else given
    if isinstance(first, (list, tuple)) and first:
        first = first[0]
    if isinstance(first, DistanceMatrix) and any(first.labels):
        return list(first.labels)
    raise ValueError("labels: none given, and the systems have none; pass one a system, None for a system without")


def _groups(found: Dict[str, Any]) -> GroupComparison:
    for test in ("permanova", "separation"):
        found[test] = PermutationTest(*found[test])
    for figure in ("within", "between", "difference", "ratio"):
        found[figure] = WithInterval(*found[figure])
    return GroupComparison(**found)


def _correlation(found: Dict[str, Any]) -> MatrixCorrelation:
    for kind in ("pearson", "spearman"):
        found[kind] = WithInterval(*found[kind])
        found[kind + "_test"] = PermutationTest(*found[kind + "_test"])
    return MatrixCorrelation(**found)


def compare_groups(
    matrices: Union[MatrixLike, Sequence[MatrixLike], Mapping[str, MatrixLike]],
    labels: Optional[Sequence[Any]] = None,
    *,
    permutations: int = 9999,
    resamples: int = 999,
    confidence: float = 0.95,
    neighbours: int = 1,
    seed: int = 0,
) -> Any:
    """The groups that ``labels`` make (one a system, None or "" for none; default: those of the systems) under each
    matrix: PERMANOVA, within against between, silhouette, accuracy of nearest neighbours. A ``GroupComparison`` of one
    matrix, a list of them of several, whose q values are over all."""
    given, one = _matrices(matrices)
    found = [_groups(g)
             for g in _core.compare_groups(given, _labels(labels, matrices), permutations, resamples, confidence,
                                           neighbours, seed)]
    return found[0] if one else found


def correlate(
    first: MatrixLike,
    second: MatrixLike,
    *,
    permutations: int = 9999,
    resamples: int = 999,
    confidence: float = 0.95,
    seed: int = 0,
) -> MatrixCorrelation:
    """Mantel test of two matrices of the same systems: correlations of their pairs, tested by relabelling systems."""
    given, _ = _matrices([first, second])
    return _correlation(_core.correlate(given, permutations, resamples, confidence, seed)[0])


def correlate_all(
    matrices: Union[Sequence[MatrixLike], Mapping[str, MatrixLike]],
    *,
    permutations: int = 9999,
    resamples: int = 999,
    confidence: float = 0.95,
    seed: int = 0,
) -> List[MatrixCorrelation]:
    """The same of every two of several matrices, with q values over all."""
    given, _ = _matrices(matrices)
    return [_correlation(c) for c in _core.correlate(given, permutations, resamples, confidence, seed)]


def embedding(matrix: MatrixLike, dimensions: int = 2) -> Embedding:
    """Coordinates whose distances resemble those of the matrix, by classical multidimensional scaling."""
    given, _ = _matrices([matrix])
    return Embedding(*_core.classical_mds(given, dimensions))


def shape_mean(
    systems: SystemsLike,
    *,
    unit_norm: bool = False,
    centre: bool = True,
    dimensions: int = 2,
    iterations: int = 1000,
    tolerance: float = 1e-12,
    threads: int = 0,
) -> ShapeMean:
    """The mean shape of recordings by alternating Procrustes alignment, and the systems' tangent coordinates about it
    (``kindred mean``)."""
    return ShapeMean(**_core.shape_mean(as_systems(systems), centre, unit_norm, min(dimensions, len(systems)),
                                        iterations, tolerance, threads))
