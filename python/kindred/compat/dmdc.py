"""DMD with control on delay embeddings, with the names of dsa-metric's classes."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple

import numpy as np

from ._arrays import give, trials_of
from ._embedded import EmbeddedWithInputs, embed, inputs_of, require_finite, told_as
from .dmd import check_rank_options, rank_of

__all__ = ["DMDc"]

_RULES = ("rank", "rank_thresh", "rank_explained_variance")


class DMDc(EmbeddedWithInputs):
    """Dynamic mode decomposition with control, x(t+s) = A x(t) + B u(t), in double precision (Proctor, Brunton and Kutz
    2016, doi 10.1137/15M1013857).

    Rows of X are delay embeddings of the recording at t, rows of Y at t + steps_ahead, rows of U the inputs at t (their
    own embedding with ``n_control_delays`` above 1). With [X, U] = V S P^T cut to the input's rank and R the leading
    directions of Y, [A, B] = Y^T V (S / (S^2 + lamb)) P^T and ``A_v`` = R^T A R, ``B_v`` = R^T B. No row of Y belongs
    to another trial than its row of X. ``rank_*_input`` and ``rank_*_output`` are the rules of DMD, for [X, U] and for
    Y; without one the numerical rank.

    Parameters and attributes are those of dsa-metric's class; ``data`` and ``control_data`` have the same trials and
    steps.
    """

    def __init__(self, data: Any, control_data: Any = None, n_delays: int = 1, n_control_delays: int = 1,
                 delay_interval: int = 1, rank_input: Optional[int] = None, rank_thresh_input: Optional[float] = None,
                 rank_explained_variance_input: Optional[float] = None, rank_output: Optional[int] = None,
                 rank_thresh_output: Optional[float] = None, rank_explained_variance_output: Optional[float] = None,
                 lamb: float = 1e-8, device: Any = "cpu", verbose: bool = False, send_to_cpu: bool = False,
                 steps_ahead: int = 1):
        given = {"input": (rank_input, rank_thresh_input, rank_explained_variance_input),
                 "output": (rank_output, rank_thresh_output, rank_explained_variance_output)}
        for side, values in given.items():
            check_rank_options(**{f"{rule}_{side}": value for rule, value in zip(_RULES, values)})
        self._asked: Dict[str, Tuple[Any, Any, Any]] = given
        self.n_delays, self.n_control_delays = int(n_delays), int(n_control_delays)
        self.delay_interval, self.steps_ahead = int(delay_interval), int(steps_ahead)
        self.lamb, self.verbose, self.send_to_cpu = float(lamb), verbose, send_to_cpu
        self._device = device
        self._take_both(data, control_data)

    # ---- state -------------------------------------------------------------------------------------------------
    def _forget(self) -> None:
        self._factors: Dict[str, np.ndarray] = {}
        self._ranks: Dict[str, int] = {}
        self._operator: Optional[np.ndarray] = None
        self._input_matrix: Optional[np.ndarray] = None
        self._whole: Optional[Tuple[np.ndarray, np.ndarray]] = None

    def _is_fitted(self) -> bool:
        return self._operator is not None

    def _rank_of(self, side: str) -> Optional[int]:
        return self._ranks.get(side, self._asked[side][0])

    rank_input = property(lambda self: self._rank_of("input"),
                          doc="Rank of [X, U] in effect, before a fit the one asked for.")
    rank_output = property(lambda self: self._rank_of("output"),
                           doc="Rank of Y in effect, before a fit the one asked for.")
    rank = rank_input
    rank_thresh_input = property(lambda self: self._asked["input"][1])
    rank_explained_variance_input = property(lambda self: self._asked["input"][2])
    rank_thresh_output = property(lambda self: self._asked["output"][1])
    rank_explained_variance_output = property(lambda self: self._asked["output"][2])

    # ---- fit ---------------------------------------------------------------------------------------------------
    def _split(self, trials: List[np.ndarray], controls: List[np.ndarray]) -> List[Tuple[np.ndarray, np.ndarray]]:
        """Embedding and inputs of each trial, row by row of the same time."""
        out = []
        for trial, control in zip(trials, controls):
            h = embed(trial, self.n_delays, self.delay_interval)
            u = embed(control, self.n_control_delays, self.delay_interval)
            rows = min(len(h), len(u))
            out.append((h[len(h) - rows :], u[len(u) - rows :]))
        return out

    def compute_hankel(self, data: Any = None, control_data: Any = None,  # type: ignore[override]
                       n_delays: Optional[int] = None, delay_interval: Optional[int] = None) -> None:
        """The delay embedding in ``H``, and the inputs of its rows in ``Hu``."""
        self._replace(data, control_data)
        super().compute_hankel(None, n_delays, delay_interval)
        lost = (max(self.n_delays, self.n_control_delays) - 1) * self.delay_interval
        for k, control in enumerate(self._controls):
            if len(control) - lost <= self.steps_ahead:
                raise ValueError(f"The number of control delays is too large for the {len(control)} steps of trial {k}")
            require_finite(control, f"control_data: trial {k}")
        self._pairs = self._split(self._trials, self._controls)
        self._forget()

    def compute_svd(self) -> None:
        """The singular value decompositions of Omega = [X; U] (``Up``, ``Sp``, ``Vp``) and of Y
        (``Ur``, ``Sr``, ``Vr``)."""
        if not hasattr(self, "_pairs"):
            self.compute_hankel()
        s = self.steps_ahead
        x = np.concatenate([h[:-s] for h, _ in self._pairs])
        u = np.concatenate([c[:-s] for _, c in self._pairs])
        y = np.concatenate([h[s:] for h, _ in self._pairs])
        vp, sp, pt = np.linalg.svd(np.hstack([x, u]), full_matrices=False)
        vr, sr, rt = np.linalg.svd(y, full_matrices=False)
        self._factors = {"X": x.T, "Y": y.T, "Omega": np.hstack([x, u]).T, "Up": pt.T, "Sp": sp, "Vp": vp,
                         "Ur": rt.T, "Sr": sr, "Vr": vr, "Up1": pt.T[: x.shape[1]], "Up2": pt.T[x.shape[1] :]}

    def recalc_rank(self, rank_input: Optional[int] = None, rank_thresh_input: Optional[float] = None,
                    rank_explained_variance_input: Optional[float] = None, rank_output: Optional[int] = None,
                    rank_thresh_output: Optional[float] = None,
                    rank_explained_variance_output: Optional[float] = None) -> None:
        """Other ranks from the same factors; naming a rule of a side forgets the others of that side."""
        if not self._factors:
            self.compute_svd()
        given = {"input": (rank_input, rank_thresh_input, rank_explained_variance_input),
                 "output": (rank_output, rank_thresh_output, rank_explained_variance_output)}
        for side, values in given.items():
            check_rank_options(**{f"{rule}_{side}": value for rule, value in zip(_RULES, values)})
            if any(value is not None for value in values):
                self._asked[side] = values
            directions = self._factors["Up" if side == "input" else "Ur"]
            sigma = self._factors["Sp" if side == "input" else "Sr"]
            samples = self._factors["Y"].shape[1]
            self._ranks[side] = min(rank_of(sigma, max(directions.shape[0], samples), *self._asked[side]), len(sigma))

    def compute_dmdc(self, lamb: Optional[float] = None) -> None:
        """A and B of the embedding, and in the output's leading directions."""
        self.lamb = self.lamb if lamb is None else float(lamb)
        f, p, r = self._factors, self._ranks["input"], self._ranks["output"]
        sigma = f["Sp"][:p]
        weights = f["Y"] @ f["Vp"][:, :p] * (sigma / (sigma**2 + self.lamb))
        self._whole = (weights @ f["Up1"][:, :p].T, weights @ f["Up2"][:, :p].T)
        ur = f["Ur"][:, :r]
        self._operator, self._input_matrix = ur.T @ self._whole[0] @ ur, ur.T @ self._whole[1]

    def fit(self, data: Any = None, control_data: Any = None, n_delays: Optional[int] = None,
            delay_interval: Optional[int] = None, lamb: Optional[float] = None, device: Any = None,
            verbose: Optional[bool] = None) -> None:
        """Embeds, factors and regresses; an argument replaces what the constructor was given."""
        self._device = device if device is not None else self._device
        self.verbose = verbose if verbose is not None else self.verbose
        self.compute_hankel(data, control_data, n_delays, delay_interval)
        if self.verbose:
            print(f"read as {self.ntrials} trial(s) of {len(self._trials[0])} steps, {self.n} channels "
                  f"and {self.n_inputs} inputs")
        self.compute_svd()
        self.recalc_rank()
        self.compute_dmdc(lamb)

    # ---- what a fit leaves ---------------------------------------------------------------------------------------
    A_v = property(lambda self: None if self._operator is None else give(self._operator),
                   doc="A, r x r; None before a fit.")
    B_v = property(lambda self: None if self._input_matrix is None else give(self._input_matrix), doc="B, r x inputs.")
    A = A_tilde = A_v
    B = B_tilde = B_v
    A_havok_dmd = property(lambda self: None if self._whole is None else give(self._whole[0]),
                           doc="A of the embedding.")
    B_havok_dmd = property(lambda self: None if self._whole is None else give(self._whole[1]),
                           doc="B of the embedding.")

    def __getattr__(self, name: str) -> Any:
        if name in ("X", "Y", "Omega", "Up", "Sp", "Vp", "Up1", "Up2", "Ur", "Sr", "Vr"):
            return give(self._factors[name]) if self._factors else None
        for side, sigma in (("input", "Sp"), ("output", "Sr")):
            if name == f"cumulative_explained_variance_{side}":
                if not self._factors:
                    return None
                energy = np.cumsum(self._factors[sigma] ** 2)
                return give(energy / energy[-1])
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    @property
    def Hu(self) -> Any:
        """The inputs of the rows of the embedding, in the form of the data."""
        return told_as(self.data, [u for _, u in self._pairs]) if hasattr(self, "_pairs") else None

    # ---- use -----------------------------------------------------------------------------------------------------
    def predict(self, test_data: Any = None, control_data: Any = None, reseed: Optional[int] = None,
                full_return: bool = False) -> Any:
        """The data as the model predicts them from the inputs: every ``reseed``-th step from the data, the others from
        the prediction before (None: each from the data). The steps before the first prediction are copies."""
        if self._whole is None:
            raise ValueError("predict: fit first")
        data = self.data if test_data is None else test_data
        trials = trials_of(data, "test_data")
        controls = inputs_of(trials, self.control_data if control_data is None else control_data)
        a, b = self._whole
        s, every = self.steps_ahead, 1 if reseed is None else int(reseed)
        out: List[np.ndarray] = []
        embedded: List[np.ndarray] = []
        predicted: List[np.ndarray] = []
        for trial, (h, u) in zip(trials, self._split(trials, controls)):
            guess = h.copy()
            for t in range(s, len(h)):
                guess[t] = a @ (h[t - s] if t % every == 0 else guess[t - s]) + b @ u[t - s]
            told = trial.copy()
            told[len(trial) - len(h) :] = guess[:, : trial.shape[1]]
            for parts, part in ((out, told), (predicted, guess), (embedded, h)):
                parts.append(part)
        if not full_return:
            return told_as(data, out)
        return told_as(data, out), told_as(data, predicted), told_as(data, embedded)

    def _steps(self, data: Any, control_data: Any) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The embedded data before a step, and after it less what the inputs add, in the output's directions; and
        A_v."""
        assert self._whole is not None and self._operator is not None
        trials = trials_of(self.data if data is None else data, "data")
        controls = inputs_of(trials, self.control_data if control_data is None else control_data)
        ur, s = self._factors["Ur"][:, : len(self._operator)], self.steps_ahead
        pairs = self._split(trials, controls)
        return (np.concatenate([h[:-s] @ ur for h, _ in pairs]),
                np.concatenate([(h[s:] - u[:-s] @ self._whole[1].T) @ ur for h, u in pairs]), self._operator)
