"""Subspace identification with control, with the names of dsa-metric's classes."""

from __future__ import annotations

import warnings
from typing import Any, Dict, List, Optional, Tuple

import numpy as np

from .._errors import InvalidData
from ._arrays import Array, trials_of
from ._embedded import EmbeddedWithInputs, inputs_of, require_finite

__all__ = ["OnlineKalman", "SubspaceDMDc"]

ENERGY = 0.999  # share of the squared singular values that is kept where no rank is given
SMALLEST = 1e-10  # directions of the past at or below this share of the largest are rounding, as in kindred.fit
RIDGE = 1e-6  # of the filter's covariances, in the units of the states squared


class SubspaceDMDc(EmbeddedWithInputs):
    """Subspace identification, x(t+1) = A x(t) + B u(t), y(t) = C x(t), in double precision, for systems of which the
    channels y show a part (Van Overschee and De Moor 1994, doi 10.1016/0005-1098(94)90230-5; Verhaegen 1994,
    doi 10.1016/0005-1098(94)90229-1).

    At step t = d ... T - d - 1 of a trial, d = ``n_delays``, Z holds the inputs and then the outputs of
    t - d ... t - 1, U_f and Y_f the inputs and outputs of t ... t + d - 1, one column a step, trials side by side. With
    K the coefficients of Z in the least squares of Y_f on [Z; U_f], O = K Z = U S V^T (``backend="n4sid"``), or
    U S V^T = K Z less what U_f explains of Z (``backend="custom"``). States are ``X_hat`` = S^-1/2 U^T K Z, of n4sid
    S^1/2 V^T; ``C_v`` the first rows of ``Gamma_hat`` = U S^1/2; and [A, B] = X+ W^T (W W^T + lamb I)^-1, W = [X; u],
    of steps and their successors within trials. ``rank=None`` keeps 99.9 % of the sum of S^2.

    ``data`` and ``control_data`` have the same trials and steps (trials x steps x channels, steps x channels, or a list
    of those); trials of at most 2 d steps are left out, with a warning where they are more than half.
    ``kindred.fit(..., regression="n4sid")`` is the same in coordinates in which the states are orthonormal. Cost: about
    2 q^2 a step and d^3 (channels + inputs)^3, q = 2 d (channels + inputs).

    After ``fit``: ``A_v`` = ``A`` (r x r), ``B_v`` = ``B`` (r x inputs), ``C_v`` = ``C`` (channels x r), NumPy arrays
    as in dsa-metric, and ``info``: "singular_values_O", "rank_used", "Gamma_hat", "X_hat" (r x steps), "R_hat",
    "Q_hat", "S_hat" (covariances of y - C x, of x(t+1) - A x - B u, and of both), "noise_covariance", "valid_trials",
    "T_per_trial", "T_total", "trial_lengths", "n_trials_total", "n_trials_used", "f".
    """

    steps_ahead = 1
    delay_interval = 1

    def __init__(self, data: Any, control_data: Any = None, n_delays: int = 1, rank: Optional[int] = None,
                 lamb: float = 1e-8, device: Any = "cpu", verbose: bool = False, send_to_cpu: bool = False,
                 backend: str = "n4sid"):
        if backend not in ("n4sid", "custom"):
            raise ValueError(f"backend: {backend!r}, expected n4sid or custom")
        self.n_delays, self.rank, self.lamb = int(n_delays), None if rank is None else int(rank), float(lamb)
        if self.n_delays < 1:
            raise ValueError(f"n_delays: {n_delays}, expected 1 or more")
        if self.rank is not None and self.rank < 1:
            raise ValueError(f"rank: {rank}, expected 1 or more")
        self.verbose, self.send_to_cpu, self.backend, self._device = verbose, send_to_cpu, backend, device
        self._take_both(data, control_data)

    def _forget(self) -> None:
        self.A_v: Optional[np.ndarray] = None
        self.B_v: Optional[np.ndarray] = None
        self.C_v: Optional[np.ndarray] = None
        self.info: Any = None

    A = property(lambda self: self.A_v, doc="A, r x r; None before a fit.")
    B = property(lambda self: self.B_v, doc="B, r x inputs.")
    C = property(lambda self: self.C_v, doc="C, channels x r.")

    def _is_fitted(self) -> bool:
        return self.A_v is not None

    # ---- fit ---------------------------------------------------------------------------------------------------
    def fit(self, data: Any = None, control_data: Any = None) -> None:
        """Identifies the system; data given here replace those of the constructor."""
        self._replace(data, control_data)
        for what, trials in (("data", self._trials), ("control_data", self._controls)):
            for k, trial in enumerate(trials):
                require_finite(trial, f"{what}: trial {k}")
        if self.verbose:
            print(f"read as {self.ntrials} trial(s) of {len(self._trials[0])} steps, {self.n} channels "
                  f"and {self.n_inputs} inputs")
        valid = self._valid()
        past, future_u, future_y = (np.concatenate(parts, axis=1) for parts in zip(*(self._windows(k) for k in valid)))
        states, gamma, sigma = self._states(past, future_u, future_y)
        counts = [len(self._trials[k]) - 2 * self.n_delays for k in valid]
        x, after, u, y = self._aligned(states, valid, counts)
        self.A_v, self.B_v = (part.view(Array) for part in self._regression(x, after, u))
        self.C_v = np.array(gamma[: self.n]).view(Array)
        self.info = {"singular_values_O": sigma, "rank_used": len(states), "Gamma_hat": gamma, "f": self.n_delays,
                     "n_trials_total": self.ntrials, "n_trials_used": len(valid), "valid_trials": valid,
                     "T_per_trial": counts, "T_total": sum(counts),
                     "trial_lengths": [len(trial) for trial in self._trials],
                     **self._noise(x, after, u, y), "X_hat": states}

    def _valid(self) -> List[int]:
        """The trials that hold a window."""
        valid = [k for k, trial in enumerate(self._trials) if len(trial) > 2 * self.n_delays]
        if not valid:
            raise ValueError(
                f"No trials have sufficient time points for given number of delays: {self.n_delays} delays need more "
                f"than {2 * self.n_delays} steps, the longest trial has {max(map(len, self._trials))}")
        if len(valid) < self.ntrials // 2:
            warnings.warn(
                f"Only {len(valid)} out of {self.ntrials} trials have sufficient time points relative to the number of "
                "delays. Consider reducing it.", UserWarning, stacklevel=4)
        if max(len(self._trials[k]) for k in valid) < 2 * self.n_delays + 2:
            raise ValueError("too many delays for dataset, reduce number: no window has a successor")
        return valid

    def _windows(self, k: int) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Z, U_f and Y_f of a trial, a column a step."""
        d, count = self.n_delays, len(self._trials[k]) - 2 * self.n_delays

        def stack(samples: np.ndarray, first: int) -> np.ndarray:
            return np.concatenate([samples[first + i : first + i + count].T for i in range(d)])

        y, u = self._trials[k], self._controls[k]
        return np.concatenate([stack(u, 0), stack(y, 0)]), stack(u, d), stack(y, d)

    def _states(self, past: np.ndarray, future_u: np.ndarray,
                future_y: np.ndarray) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
        """States, extended observability matrix and singular values."""
        a, b = len(future_u), len(future_u) + len(past)
        triangle = np.asarray(np.linalg.qr(np.concatenate([future_u, past, future_y]).T, mode="r")).T
        own, later = triangle[a:b, a:b], triangle[b:, a:b]  # Z and Y_f less what U_f explains, in an orthonormal basis
        k = later @ np.linalg.pinv(own, rcond=SMALLEST)
        told = k @ past
        u, sigma, vt = np.linalg.svd(told if self.backend == "n4sid" else k @ own, full_matrices=False)
        if not sigma.size or not sigma[0] > 0:
            raise InvalidData("the outputs before a step tell nothing of those after it: there is no state to identify")
        if self.rank is None:
            share = np.cumsum(sigma**2) / (sigma**2).sum()
            r = min(int(np.searchsorted(share, ENERGY)) + 1, len(sigma))
        else:
            r = min(self.rank, len(sigma))
        root = np.sqrt(sigma[:r])
        if self.backend == "n4sid":
            return root[:, None] * vt[:r], u[:, :r] * root, sigma
        with np.errstate(divide="ignore"):
            inverse = np.where(root > 0, 1 / root, 0)
        return (u[:, :r] * inverse).T @ told, u[:, :r] * root, sigma

    def _aligned(self, states: np.ndarray, valid: List[int], counts: List[int]) -> Tuple[np.ndarray, ...]:
        """States, those a step later, inputs and outputs of the steps that have a successor in their trial."""
        d, parts = self.n_delays, np.split(states, np.cumsum(counts)[:-1], axis=1)
        rows = [(part[:, :-1], part[:, 1:], self._controls[k][d : d + part.shape[1] - 1].T,
                 self._trials[k][d : d + part.shape[1] - 1].T)
                for k, part in zip(valid, parts)]
        return tuple(np.concatenate(column, axis=1) for column in zip(*rows))

    def _regression(self, x: np.ndarray, after: np.ndarray, u: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
        w = np.concatenate([x, u])
        gram = w @ w.T + self.lamb * np.eye(len(w))
        try:
            both = np.linalg.solve(gram, w @ after.T).T
        except np.linalg.LinAlgError:  # no ridge, and fewer directions than coefficients: the smallest ones
            both = np.linalg.lstsq(w.T, after.T, rcond=None)[0].T
        return both[:, : len(x)].copy(), both[:, len(x) :].copy()

    def _noise(self, x: np.ndarray, after: np.ndarray, u: np.ndarray, y: np.ndarray) -> Dict[str, np.ndarray]:
        assert self.A_v is not None and self.B_v is not None and self.C_v is not None
        w, v = np.asarray(after - (self.A_v @ x + self.B_v @ u)), np.asarray(y - self.C_v @ x)
        w, v = w - w.mean(axis=1, keepdims=True), v - v.mean(axis=1, keepdims=True)
        count, tiny = max(w.shape[1] - 1, 1), 1e-12
        r = v @ v.T / count + tiny * np.eye(len(v))
        q = w @ w.T / count + tiny * np.eye(len(w))
        s = w @ v.T / count
        return {"noise_covariance": np.block([[r, s.T], [s, q]]), "R_hat": r, "Q_hat": q, "S_hat": s}

    # ---- use -----------------------------------------------------------------------------------------------------
    def predict(self, test_data: Any = None, control_data: Any = None, reseed: Optional[int] = None) -> Any:
        """The outputs as a Kalman filter with the identified system tells them, C x(t|t), in the form of the data.
        Every ``reseed``-th step is measured (None: each); between them the filter runs on the inputs alone."""
        every = 1 if reseed is None else int(reseed)
        data = self.data if test_data is None else test_data
        pairs = self._pairs(data, control_data)
        self.kalman, out = OnlineKalman(self), []
        for y, u in pairs:
            self.kalman.reset()
            steps = [self.kalman.step(y[t] if t % every == 0 else None, u[t])[0] for t in range(len(y))]
            out.append(np.concatenate(steps, axis=1).T)
        return out if isinstance(data, (list, tuple)) else out[0] if np.ndim(data) == 2 else np.stack(out)

    def _pairs(self, data: Any, control_data: Any) -> List[Tuple[np.ndarray, np.ndarray]]:
        if not self._is_fitted():
            raise ValueError("fit first")
        trials = trials_of(data, "test_data")
        return list(zip(trials, inputs_of(trials, self.control_data if control_data is None else control_data)))

    def get_training_latent_states(self, return_aligned: bool = True) -> Any:
        """The states of the fit and those a step later (steps x r), with the inputs (steps x inputs); or
        ``info["X_hat"]``."""
        if not self._is_fitted():
            raise ValueError("fit first")
        if not return_aligned:
            return self.info["X_hat"]
        x, after, u, _ = self._aligned(self.info["X_hat"], self.info["valid_trials"], self.info["T_per_trial"])
        return x.T, after.T, u.T

    def project_to_latent(self, test_data: Any, control_data: Any, return_aligned: bool = True,
                          method: str = "smooth") -> Any:
        """States of other recordings by the Kalman filter ("filter") and smoother ("smooth"): those of each step, those
        a step later (steps x r) and the inputs; or with ``return_aligned=False`` a list of trials, steps x r."""
        if method not in ("smooth", "filter"):
            raise ValueError(f"method: {method!r}, expected smooth or filter")
        latent, pairs = [], self._pairs(test_data, control_data)
        for y, u in pairs:
            kalman = OnlineKalman(self)
            for t in range(len(y)):
                kalman.step(y[t], u[t])
            latent.append(np.hstack(kalman.smooth()[0] if method == "smooth" else kalman.x_filtereds).T)
        if not return_aligned:
            return latent
        return (np.concatenate([x[:-1] for x in latent]), np.concatenate([x[1:] for x in latent]),
                np.concatenate([u[:-1] for _, u in pairs]))

    def _steps(self, data: Any, control_data: Any) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
        """States before a step, and after it less what the inputs add (of the fit, or by the smoother); and A."""
        if not self._is_fitted():
            raise ValueError("fit first")
        x, after, u = self.get_training_latent_states() if data is None else self.project_to_latent(data, control_data)
        return x, after - u @ np.asarray(self.B_v).T, np.asarray(self.A_v)

    def compute_hankel(self, *_: Any, **__: Any) -> None:
        """Part of ``fit``."""
        raise NotImplementedError("Hankel matrix computation is integrated into the fit() method for SubspaceDMDc")

    def compute_svd(self, *_: Any, **__: Any) -> None:
        """Part of ``fit``."""
        raise NotImplementedError("SVD computation is integrated into the fit() method for SubspaceDMDc")

    H = property(lambda self: None, doc="None: windows take the place of a delay embedding.")


class OnlineKalman:
    """Kalman filter of a fitted ``SubspaceDMDc``, whose noises of states and outputs are correlated
    (Q, R, S of ``info``), from x = 0 with covariance I; one call of ``step`` a time. A step without a measurement
    (None or NaN) updates nothing but the prediction."""

    p_filtereds: List[np.ndarray]
    x_filtereds: List[np.ndarray]
    p_predicteds: List[np.ndarray]
    x_predicteds: List[np.ndarray]
    us: List[np.ndarray]
    ys: List[np.ndarray]
    y_filtereds: List[np.ndarray]
    y_predicteds: List[np.ndarray]
    kalman_gains: List[np.ndarray]

    def __init__(self, dmdc: Any):
        self.A, self.B, self.C = (np.asarray(m) for m in (dmdc.A_v, dmdc.B_v, dmdc.C_v))
        self.R, self.S, self.Q = (dmdc.info[name] for name in ("R_hat", "S_hat", "Q_hat"))
        self.y_dim, self.x_dim = self.C.shape
        self.u_dim = self.B.shape[1]
        self.reset()

    def reset(self) -> None:
        """Forgets all steps."""
        for name in _HISTORY:
            setattr(self, name, [])

    def get_history(self) -> Dict[str, List[np.ndarray]]:
        """Everything that the steps left, by name."""
        return {name: getattr(self, name) for name in _HISTORY}

    def step(self, y: Any = None, u: Any = None, reg_coef: float = RIDGE) -> Tuple[np.ndarray, np.ndarray]:
        """Takes y(t) and u(t); C x(t|t) and x(t|t), as columns."""
        u = np.zeros((self.u_dim, 1)) if u is None else np.asarray(u, dtype=float).reshape(-1, 1)
        y = np.full((self.y_dim, 1), np.nan) if y is None else np.asarray(y, dtype=float).reshape(-1, 1)
        x = self.x_predicteds[-1] if self.x_predicteds else np.zeros((self.x_dim, 1))
        p = (self.p_predicteds[-1] if self.p_predicteds else np.eye(self.x_dim)) + reg_coef * np.eye(self.x_dim)
        gain, filtered, covariance = np.zeros((self.x_dim, self.y_dim)), x.copy(), p
        ahead, ahead_covariance = self.A @ x + self.B @ u, self.A @ p @ self.A.T + self.Q
        if not np.isnan(y).any():
            inverse = np.linalg.pinv(self.R + self.C @ p @ self.C.T)
            update, cross = p @ self.C.T @ inverse, self.S + self.A @ p @ self.C.T
            gain, error = cross @ inverse, y - self.C @ x
            filtered, covariance = x + update @ error, p - update @ self.C @ p
            ahead, ahead_covariance = ahead + gain @ error, ahead_covariance - gain @ cross.T
        values = (_symmetric(covariance, reg_coef), filtered, _symmetric(ahead_covariance, reg_coef), ahead, u, y,
                  self.C @ filtered, self.C @ ahead, gain)
        for name, value in zip(_HISTORY, values):
            getattr(self, name).append(value)
        return self.y_filtereds[-1], self.x_filtereds[-1]

    def smooth(self, reg_coef: float = RIDGE) -> Tuple[List[np.ndarray], List[np.ndarray]]:
        """States and covariances given all steps (Rauch, Tung and Striebel 1965, doi 10.2514/3.3166)."""
        if not self.x_filtereds:
            raise ValueError("Must run forward filter pass before smoothing.")
        x, p = [self.x_filtereds[-1].copy()], [self.p_filtereds[-1].copy()]
        for t in reversed(range(len(self.x_filtereds) - 1)):
            now, ahead = self.p_filtereds[t], self.p_predicteds[t]
            gain = now @ self.A.T @ np.linalg.pinv(ahead + reg_coef * np.eye(self.x_dim))
            x.append(self.x_filtereds[t] + gain @ (x[-1] - self.A @ self.x_filtereds[t] - self.B @ self.us[t]))
            p.append(_symmetric(now + gain @ (p[-1] - ahead) @ gain.T, reg_coef))
        self.x_smoothed, self.p_smoothed = x[::-1], p[::-1]
        return self.x_smoothed, self.p_smoothed


_HISTORY = ("p_filtereds", "x_filtereds", "p_predicteds", "x_predicteds", "us", "ys", "y_filtereds", "y_predicteds",
            "kalman_gains")


def _symmetric(p: np.ndarray, ridge: float) -> np.ndarray:
    return (p + p.T) / 2 + ridge * np.eye(len(p))
