"""The distance of two operators, with the names of dsa-metric's classes."""

from __future__ import annotations

import warnings
from typing import Any, List, Optional, Tuple

import numpy as np

from .. import _engine
from ._arrays import give, matrix_of
from ._transport import spectra_distance
from .control import ControllabilitySimilarityTransformDist

__all__ = ["ControllabilitySimilarityTransformDist", "SimilarityTransformDist"]

SCORES = ("angular", "euclidean", "wasserstein")


def check_score(score_method: Any) -> str:
    if score_method not in SCORES:
        raise ValueError(f"score_method must be one of {', '.join(SCORES)}; got {score_method!r}")
    return str(score_method)


def spectrum_of(operand: Any, where: str) -> np.ndarray:
    """Eigenvalues: of a matrix, or a complex one-dimensional array that holds them already."""
    array = matrix_of(operand, where)
    if array.ndim == 1:
        if array.dtype.kind != "c":
            raise IndexError(f"{where}: one real axis; eigenvalues are a complex array, an operator is a square matrix")
        return array
    return np.linalg.eigvals(_square(array, where)).astype(np.complex128)


def _square(array: np.ndarray, where: str) -> np.ndarray:
    if array.ndim != 2 or array.shape[0] != array.shape[1] or not array.size:
        raise AssertionError(f"{where}: {array.shape}, expected a square matrix")
    if array.dtype.kind == "c":
        raise TypeError(f"{where}: complex values; operators are real")
    if not np.isfinite(array).all():
        raise ValueError(f"{where}: a value is not finite")
    return array


class SimilarityTransformDist:
    """The distance of two operators under the best orthogonal change of basis, or of their spectra.

    ``iters``, ``lr``, ``eps`` and ``rescale_wasserstein`` are taken and have no effect: the search ends when the
    minimum has been found. After ``fit``: ``A``, ``B``, ``C_star`` (A ~ C B C^T, or the transport plan), ``losses``.
    """

    def __init__(self, iters: int = 200, score_method: str = "angular", lr: float = 0.01, device: Any = "cpu",
                 verbose: bool = False, eps: float = 1e-5, rescale_wasserstein: bool = False, compare: str = "state",
                 differentiable: bool = False, sinkhorn_reg: float = 0.1, *, group: str = "orthogonal",
                 effort: str = "default"):
        if differentiable:
            raise NotImplementedError(
                "differentiable=True: kindred computes the exact minimum, which has no gradient here")
        self.score_method = check_score(score_method)
        self.iters, self.lr, self.eps, self.verbose = iters, lr, eps, verbose
        self.rescale_wasserstein, self.compare, self.sinkhorn_reg = rescale_wasserstein, compare, sinkhorn_reg
        self.device, self._group, self._effort = device, group, effort
        self.A: Any = None
        self.B: Any = None
        self.C_star: Any = None
        self.losses: List[float] = []
        self.sim_net: Any = None

    @staticmethod
    def _operands(a: Any, b: Any) -> Tuple[Any, Any]:
        return getattr(a, "A_v", a), getattr(b, "A_v", b)

    def fit(self, A: Any, B: Any, iters: Optional[int] = None, lr: Optional[float] = None,
            score_method: Optional[str] = None, wasserstein_weightings: Any = None) -> None:
        """Finds the change of basis, or the transport plan."""
        method = self.score_method if score_method is None else check_score(score_method)
        if wasserstein_weightings is not None:
            raise NotImplementedError("wasserstein_weightings: only uniform weights are supported")
        a, b = self._operands(A, B)
        self.A, self.B = (give(matrix_of(x, name)) for x, name in ((a, "A"), (b, "B")))
        if method == "wasserstein":
            self.score_star, plan, cost = _padded_wasserstein(a, b)
            self.M = give(cost)
            norms = np.linalg.norm(plan, axis=1, keepdims=True)
            self.C_star = give(plan / np.where(norms > 0, norms, 1))
            self.losses = [self.score_star]
            return
        left, right = (_square(matrix_of(x, name), name) for x, name in ((a, "A"), (b, "B")))
        found = _engine.align(left, right, score="euclidean", group=self._group, effort=self._effort)
        self.C_star, self.losses = give(found.C), [found.distance**2]
        self._found = found

    def score(self, A: Any = None, B: Any = None, score_method: Optional[str] = None) -> Any:
        """The distance at the change of basis that ``fit`` found, of these operands or of those of the fit."""
        method = self.score_method if score_method is None else check_score(score_method)
        if self.C_star is None:
            raise ValueError("score: fit first")
        if method == "wasserstein":
            return self.score_star if A is None else _padded_wasserstein(*self._operands(A, B))[0]
        if A is None and B is None:
            distance = self._found.distance
        else:
            a, b = (matrix_of(x, name) for x, name in zip(self._operands(A if A is not None else self.A,
                                                                         B if B is not None else self.B), "AB"))
            c = matrix_of(self.C_star, "C_star")
            distance = float(np.linalg.norm(a / np.linalg.norm(a) - c @ (b / np.linalg.norm(b)) @ c.T))
        return _as_score(distance, method)

    def fit_score(self, A: Any, B: Any, iters: Optional[int] = None, lr: Optional[float] = None,
                  score_method: Optional[str] = None, wasserstein_weightings: Any = None) -> Any:
        """``fit`` and ``score``. Operators of unequal size are compared by their spectra, with a warning."""
        method = self.score_method if score_method is None else check_score(score_method)
        a, b = (matrix_of(x, name) for x, name in zip(self._operands(A, B), "AB"))
        if method != "wasserstein" and _square(a, "A").shape != _square(b, "B").shape:
            warn_of_shapes(f"A is {a.shape[0]} x {a.shape[0]}, B is {b.shape[0]} x {b.shape[0]}")
            method = "wasserstein"
        self.fit(a, b, iters, lr, method, wasserstein_weightings)
        return self.score(score_method=method)


def warn_of_shapes(which: str) -> None:
    warnings.warn(f"shapes are not aligned, resorting to wasserstein distance over eig: {which}", UserWarning,
                  stacklevel=4)


def _as_score(euclidean: float, method: str) -> Any:
    return np.float64(2 * np.arcsin(min(1.0, euclidean / 2))) if method == "angular" else float(euclidean)


def _padded_wasserstein(a: Any, b: Any) -> Tuple[float, np.ndarray, np.ndarray]:
    """Of matrices of unequal size, the smaller spectrum is padded with zeros; spectra given as such share their
    mass."""
    mu, nu = spectrum_of(a, "A"), spectrum_of(b, "B")
    if np.ndim(matrix_of(a, "A")) != np.ndim(matrix_of(b, "B")):
        raise ValueError("A and B: one holds eigenvalues and the other an operator")
    if np.ndim(matrix_of(a, "A")) == 2 and len(mu) != len(nu):
        size = max(len(mu), len(nu))
        mu, nu = np.pad(mu, (0, size - len(mu))), np.pad(nu, (0, size - len(nu)))
    return spectra_distance(mu, nu)
