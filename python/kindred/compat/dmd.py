"""DMD on delay embeddings, with the names of dsa-metric's class."""

from __future__ import annotations

import warnings
from typing import Any, Dict, List, Optional, Tuple

import numpy as np

from .. import _engine
from .._errors import InvalidData
from ._arrays import embed_signal_torch, give, trials_of
from ._embedded import Embedded, device_of, embed, told_as

__all__ = ["DMD", "device_of", "embed_signal_torch"]

_RANK_OPTIONS = ("rank", "rank_thresh", "rank_explained_variance")


def check_rank_options(**options: Any) -> None:
    """At most one of them."""
    given = [name for name, value in options.items() if value is not None]
    if len(given) > 1:
        raise ValueError(f"More than one rank parameter was provided. Give one of {', '.join(given)}")


def rank_of(sigma: np.ndarray, columns: int, rank: Optional[int], threshold: Optional[float],
            variance: Optional[float]) -> int:
    """The rank that the options ask for, at most the number of singular values and of columns."""
    most = min(len(sigma), columns)
    if threshold is not None:
        return min(max(1, int((sigma > threshold).sum())), most)
    if variance is not None:
        share = np.cumsum(sigma**2) / np.sum(sigma**2)
        return min(1 + int((share < variance).sum()), most)
    if rank is None:
        return min(numerical_rank(sigma, columns), most)
    return min(int(rank), most)


def numerical_rank(sigma: np.ndarray, size: int) -> int:
    """Directions that are more than rounding: sigma > size * eps * sigma_1."""
    return max(1, int((sigma > size * np.finfo(float).eps * sigma[0]).sum())) if len(sigma) and sigma[0] > 0 else 1


class DMD(Embedded):
    """Dynamic mode decomposition of a delay embedding (HAVOK), in double precision.

    Parameters and attributes are those of dsa-metric's class. After ``fit``: ``A_v`` (r x r, x(t+1) = A x(t) in the
    coordinates of the leading directions), ``A_havok_dmd`` (the same in the embedding's coordinates), ``H``, ``U``,
    ``S``, ``V``, ``rank`` and ``cumulative_explained_variance``.
    """

    def __init__(self, data: Any = None, n_delays: int = 1, delay_interval: int = 1, rank: Optional[int] = None,
                 rank_thresh: Optional[float] = None, rank_explained_variance: Optional[float] = None,
                 reduced_rank_reg: bool = False, lamb: float = 1e-8, device: Any = "cpu", verbose: bool = False,
                 send_to_cpu: bool = False, steps_ahead: int = 1):
        check_rank_options(rank=rank, rank_thresh=rank_thresh, rank_explained_variance=rank_explained_variance)
        self.n_delays, self.delay_interval, self.steps_ahead = int(n_delays), int(delay_interval), int(steps_ahead)
        self._asked = rank
        self.rank_thresh, self.rank_explained_variance = rank_thresh, rank_explained_variance
        self.reduced_rank_reg, self.lamb = reduced_rank_reg, float(lamb)
        self.verbose, self.send_to_cpu = verbose, send_to_cpu
        self._device = device
        self._forget()
        if data is not None:
            self._take(data)

    # ---- state -------------------------------------------------------------------------------------------------
    def _forget(self) -> None:
        self._operator: Optional[np.ndarray] = None
        self._factors: Optional[Dict[str, np.ndarray]] = None
        self._rank: Optional[int] = None

    def _is_fitted(self) -> bool:
        return self._operator is not None

    @property
    def rank(self) -> Optional[int]:
        """The rank in effect after a fit, before it the rank asked for."""
        return self._asked if self._rank is None else self._rank

    # ---- fit ---------------------------------------------------------------------------------------------------
    def compute_svd(self) -> None:
        """The singular value decomposition of the embedding, in ``U``, ``S`` and ``V``."""
        if not hasattr(self, "_blocks"):
            self.compute_hankel()
        v, sigma, ut = np.linalg.svd(np.concatenate(self._blocks), full_matrices=False)
        self._factors = {"V": v, "S": sigma, "U": ut.T}
        energy = np.cumsum(sigma**2)
        self._share = energy / energy[-1] if energy[-1] > 0 else np.ones_like(energy)

    def recalc_rank(self, rank: Optional[int] = None, rank_thresh: Optional[float] = None,
                    rank_explained_variance: Optional[float] = None) -> None:
        """Another rank from the same factors; naming one rule forgets the others."""
        given = (rank, rank_thresh, rank_explained_variance)
        check_rank_options(**dict(zip(_RANK_OPTIONS, given)))
        if any(value is not None for value in given):
            self._asked, self.rank_thresh, self.rank_explained_variance = given
        if self._factors is None:
            self.compute_svd()
        assert self._factors is not None
        sigma = self._eigenvalues if self.reduced_rank_reg and hasattr(self, "_eigenvalues") else self._factors["S"]
        self._rank = rank_of(sigma, self._factors["U"].shape[0], self._asked, self.rank_thresh,
                             self.rank_explained_variance)
        numerical = numerical_rank(self._factors["S"], max(self._factors["V"].shape[0], self._factors["U"].shape[0]))
        if self._rank > numerical:
            warnings.warn(
                f"rank {self._rank} is above the numerical rank {numerical} of the embedded data: the trailing "
                "directions are noise of rounding",
                stacklevel=3,
            )

    def _transitions(self, columns: int) -> Tuple[np.ndarray, np.ndarray]:
        """V- and V+: rows before and after a step, no pair across trials."""
        assert self._factors is not None
        v, minus, plus, at = self._factors["V"][:, :columns], [], [], 0
        for block in self._blocks:
            part = v[at : at + len(block)]
            minus.append(part[: -self.steps_ahead])
            plus.append(part[self.steps_ahead :])
            at += len(block)
        return np.concatenate(minus), np.concatenate(plus)

    def compute_havok_dmd(self, lamb: Optional[float] = None) -> None:
        """Principal-component regression: A = ((V-^T V- + lamb I)^-1 V-^T V+)^T."""
        self.lamb = self.lamb if lamb is None else float(lamb)
        minus, plus = self._transitions(self._rank or 0)
        gram = minus.T @ minus + self.lamb * np.eye(minus.shape[1])
        self._operator = np.linalg.solve(gram, minus.T @ plus).T

    def compute_reduced_rank_regression(self, lamb: Optional[float] = None) -> None:
        """Reduced-rank regression over all directions; ``A_v`` is p x p of rank r, in the row convention."""
        self.lamb = self.lamb if lamb is None else float(lamb)
        assert self._factors is not None
        p = len(self._factors["S"])
        minus, plus = self._transitions(p)
        b = np.linalg.solve(minus.T @ minus + self.lamb * np.eye(p), minus.T @ plus)
        moment = plus.T @ minus @ b
        values, vectors = np.linalg.eigh((moment + moment.T) / 2)
        self._eigenvalues = np.clip(values[::-1], 0, None)
        self.recalc_rank()
        leading = vectors[:, ::-1][:, : self._rank]
        self.proj_mat = give(leading @ leading.T)
        self._operator = b @ leading @ leading.T

    def fit(self, data: Any = None, n_delays: Optional[int] = None, delay_interval: Optional[int] = None,
            rank: Optional[int] = None, rank_thresh: Optional[float] = None,
            rank_explained_variance: Optional[float] = None, lamb: Optional[float] = None, device: Any = None,
            verbose: Optional[bool] = None, steps_ahead: Optional[int] = None) -> None:
        """Embeds, factors and regresses; an argument replaces what the constructor was given."""
        self.steps_ahead = int(steps_ahead) if steps_ahead is not None else self.steps_ahead
        self._device = device if device is not None else self._device
        self.verbose = verbose if verbose is not None else self.verbose
        self.lamb = float(lamb) if lamb is not None else self.lamb
        if data is not None:
            self._take(data)
        if self.data is None:
            raise ValueError("no data: pass them to DMD(...) or to fit(...)")
        if self.verbose:
            print(f"read as {self.ntrials} trial(s) of {len(self._trials[0])} steps and {self.n} channels")
        self.compute_hankel(None, n_delays, delay_interval)
        self.compute_svd()
        if hasattr(self, "_eigenvalues"):
            del self._eigenvalues
        if self.reduced_rank_reg:
            given = (rank, rank_thresh, rank_explained_variance)
            if any(value is not None for value in given):
                self._asked, self.rank_thresh, self.rank_explained_variance = given
            self.compute_reduced_rank_regression()
        else:
            self.recalc_rank(rank, rank_thresh, rank_explained_variance)
            self.compute_havok_dmd()

    def _needs_factors(self) -> bool:
        """Whether the engine alone cannot choose the rank or the regression."""
        return self.reduced_rank_reg or self.rank_thresh is not None or self.rank_explained_variance is not None

    def _adopt(self, operator: np.ndarray) -> None:
        """An operator that the engine fitted together with those of other systems."""
        self._operator, self._rank = np.array(operator), operator.shape[0]

    def _dense(self) -> Dict[str, np.ndarray]:
        """The factors behind an adopted operator, and the operator in their coordinates."""
        if self._factors is None:
            self.compute_hankel()
            self.compute_svd()
            if self._rank is not None:
                self.compute_havok_dmd()
        assert self._factors is not None
        return self._factors

    # ---- what a fit leaves ---------------------------------------------------------------------------------------
    def _factor(self, name: str) -> Any:
        if self._operator is None and self._factors is None:
            return None
        return give(self._dense()[name])

    U = property(lambda self: self._factor("U"), doc="Directions of the embedding, columns x p.")
    S = property(lambda self: self._factor("S"), doc="Singular values of the embedding.")
    V = property(lambda self: self._factor("V"), doc="Coordinates of the embedding's rows, rows x p.")
    S_mat = property(lambda self: None if self.S is None else give(np.diag(self._dense()["S"])))
    S_mat_inv = property(lambda self: None if self.S is None else give(np.diag(1 / self._dense()["S"])))

    @property
    def A_v(self) -> Any:
        """The operator, r x r; None before a fit."""
        return None if self._operator is None else give(self._operator)

    A = A_v

    @property
    def cumulative_explained_variance(self) -> Any:
        return None if self.S is None else give(self._share)

    @property
    def Vt_minus(self) -> Any:
        return None if self.V is None else give(self._transitions(self._rank or len(self._dense()["S"]))[0])

    @property
    def Vt_plus(self) -> Any:
        return None if self.V is None else give(self._transitions(self._rank or len(self._dense()["S"]))[1])

    def _full(self) -> np.ndarray:
        factors = self._dense()
        assert self._operator is not None
        r = self._operator.shape[0]
        u, s = factors["U"][:, :r], factors["S"][:r]
        a = self._operator.T if self.reduced_rank_reg else self._operator
        return (u * s) @ a @ (u / s).T

    @property
    def A_havok_dmd(self) -> Any:
        """The operator in the embedding's coordinates, columns x columns."""
        return None if self._operator is None else give(self._full())

    # ---- use -----------------------------------------------------------------------------------------------------
    def predict(self, test_data: Any = None, reseed: Optional[int] = None, full_return: bool = False) -> Any:
        """The data as the model predicts them: every ``reseed``-th step from the data, the others from the prediction
        before (None: each from the data). The first (n_delays - 1) * delay_interval + steps_ahead steps are copies."""
        if self._operator is None:
            raise ValueError("predict: fit first")
        data = self.data if test_data is None else test_data
        trials, full, s = trials_of(data, "test_data"), self._full(), self.steps_ahead
        every = 1 if reseed is None else int(reseed)
        out, embedded, predicted = [], [], []
        for trial in trials:
            h = embed(trial, self.n_delays, self.delay_interval)
            guess = h.copy()
            for t in range(s, len(h)):
                guess[t] = full @ (h[t - s] if t % every == 0 else guess[t - s])
            told = trial.copy()
            told[len(trial) - len(h) :] = guess[:, : self.n]
            out.append(told)
            embedded.append(h)
            predicted.append(guess)
        if not full_return:
            return told_as(data, out)
        return told_as(data, out), told_as(data, predicted), told_as(data, embedded)

    def _steps(self, data: Any, _control: Any) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The embedded data before and after a step in the coordinates of the operator, and the operator."""
        factors = self._dense()
        assert self._operator is not None
        r = len(self._operator)
        u, s = factors["U"][:, :r], factors["S"][:r]
        blocks = [embed(trial, self.n_delays, self.delay_interval) @ u / s
                  for trial in trials_of(self.data if data is None else data, "data")]
        return (np.concatenate([h[: -self.steps_ahead] for h in blocks]),
                np.concatenate([h[self.steps_ahead :] for h in blocks]), self._operator)

    def project_onto_modes(self) -> Any:
        """Eigenvalues, the eigenfunctions along the data, and the data that they belong to."""
        if self._operator is None:
            raise ValueError("project_onto_modes: fit first")
        v = self._dense()["V"]
        values, vectors = np.linalg.eig(self._operator)
        along = np.linalg.solve(vectors, v[:, : len(values)].T.astype(complex)).T
        rows = [len(block) for block in self._blocks]
        parts = np.split(along, np.cumsum(rows)[:-1])
        kept = [trial[len(trial) - n :] for trial, n in zip(self._trials, rows)]
        if len(set(rows)) == 1:
            return give(values), give(np.stack(parts)), give(np.stack(kept))
        return give(values), [give(p) for p in parts], [give(k) for k in kept]

def fit_all(dmds: List[Any], device: str, verbose: bool) -> None:
    """Fits many at once: those that differ in their data alone share a call of the engine."""
    groups: Dict[Any, List[DMD]] = {}
    for dmd in dmds:
        if type(dmd) is not DMD or dmd._needs_factors():
            dmd.fit()
            continue
        key = (dmd.n_delays, dmd.delay_interval, dmd._asked, dmd.steps_ahead, dmd.lamb)
        groups.setdefault(key, []).append(dmd)
    for (delays, interval, rank, steps_ahead, ridge), members in groups.items():
        columns = [min(delays * dmd.n, sum(dmd._rows())) for dmd in members]
        wanted = [0 if rank is None else min(int(rank), most) for most in columns]
        for r in sorted(set(wanted)):
            part = [dmd for dmd, w in zip(members, wanted) if w == r]
            operators = _engine.fit([dmd._trials for dmd in part], delays=delays, interval=interval, rank=r,
                                    steps_ahead=steps_ahead, ridge=ridge, device=device, progress=verbose)
            for dmd, operator in zip(part, operators):
                if operator.facts["status"] == "failed":
                    raise InvalidData(f"an operator could not be fitted: {operator.facts['detail']}")
                dmd._adopt(operator)
