"""Figures of predictions and operators, with the names of dsa-metric."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence, Union

import numpy as np

from ._arrays import matrix_of
from .dmd import DMD

__all__ = ["aic", "compare_data_splits", "compute_all_stats", "correl", "dsa_to_id", "log_mse", "mae", "mase",
           "measure_nonnormality_transpose", "measure_transient_growth", "mse", "nmse", "r2", "torch_convert"]


def torch_convert(x: Any) -> np.ndarray:
    """Any array as NumPy's, in double precision."""
    return matrix_of(x, "x")


def _both(x: Any, z: Any) -> "tuple[np.ndarray, np.ndarray]":
    x, z = torch_convert(x), torch_convert(z)
    if x.shape != z.shape:
        raise ValueError(f"the truth has shape {x.shape}, the prediction {z.shape}")
    return x, z


def mae(x: Any, z: Any) -> float:
    """mean |x - z|."""
    x, z = _both(x, z)
    return float(np.abs(x - z).mean())


def mse(x: Any, z: Any) -> float:
    """mean (x - z)^2."""
    x, z = _both(x, z)
    return float(((x - z) ** 2).mean())


def mase(x: Any, z: Any) -> float:
    """mean |x - z| over mean |x(t + 1) - x(t)|, the error of standing still."""
    x, z = _both(x, z)
    return float(np.abs(x - z).mean() / np.abs(np.diff(x, axis=-2)).mean())


def nmse(x: Any, z: Any) -> float:
    """Mean squared error over the variance of x about its grand mean."""
    x, z = _both(x, z)
    error, variance = ((x - z) ** 2).mean(), x.var()
    return float(error / variance) if variance >= 1e-10 else (0.0 if error < 1e-10 else float("inf"))


def _channels(x: np.ndarray) -> np.ndarray:
    return x.reshape(-1, x.shape[-1])


def r2(x: Any, z: Any) -> float:
    """Mean over channels of 1 - squared error / squared deviation from the mean."""
    x, z = (_channels(a) for a in _both(x, z))
    return float(np.mean(1 - ((x - z) ** 2).sum(0) / ((x - x.mean(0)) ** 2).sum(0)))


def correl(x: Any, z: Any) -> float:
    """Mean over channels of Pearson's correlation."""
    x, z = (_channels(a) for a in _both(x, z))
    x, z = x - x.mean(0), z - z.mean(0)
    return float(np.mean((x * z).sum(0) / np.sqrt((x**2).sum(0) * (z**2).sum(0))))


def _log_likelihood(x: Any, z: Any) -> "tuple[float, int]":
    x, z = _both(x, z)
    return float(x.size * np.log(((x - z) ** 2).sum() / x.size)), x.size


def log_mse(x: Any, z: Any, norm: bool = True) -> float:
    """N ln(SSE / N); divided by N when ``norm``."""
    value, count = _log_likelihood(x, z)
    return value / count if norm else value


def aic(x: Any, z: Any, rank: int, norm: bool = True) -> float:
    """N ln(SSE / N) + 2 (rank^2 + 1); divided by N when ``norm``."""
    value, count = _log_likelihood(x, z)
    value += 2 * (int(rank) ** 2 + 1)
    return value / count if norm else value


def compute_all_stats(x: Any, z: Any, rank: int, norm: bool = True) -> Dict[str, float]:
    """Every figure above, by its name."""
    return {"MAE": mae(x, z), "MASE": mase(x, z), "MSE": mse(x, z), "NMSE": nmse(x, z), "R2": r2(x, z),
            "Correl": correl(x, z), "AIC": aic(x, z, rank, norm), "logMSE": log_mse(x, z, norm)}


def measure_nonnormality_transpose(A: Any) -> float:
    """||A^T A - A A^T||_F."""
    a = torch_convert(A)
    return float(np.linalg.norm(a.T @ a - a @ a.T))


def measure_transient_growth(A: Any) -> float:
    """The largest singular value."""
    return float(np.linalg.norm(torch_convert(A), 2))


def dsa_to_id(data: Any, rank: int, n_delays: int, delay_interval: int = 1, device: Any = "cpu",
              score_method: str = "angular", **_: Any) -> float:
    """The distance of a system's operator to the identity, in closed form, for C I C^T = I under every change of basis:
    arccos(tr A / (||A||_F sqrt r)), or as a Euclidean distance."""
    dmd = DMD(data, n_delays=n_delays, delay_interval=delay_interval, rank=rank, device=device)
    dmd.fit()
    a = torch_convert(dmd.A_v)
    chord = np.linalg.norm(a / np.linalg.norm(a) - np.eye(len(a)) / np.sqrt(len(a)))
    return float(chord if score_method == "euclidean" else 2 * np.arcsin(min(1.0, chord / 2)))


def compare_data_splits(data: Any, rank: Optional[int] = None, n_delays: int = 1, delay_interval: int = 1,
                        method: str = "equal", nsplits: int = 2, splits: Optional[Sequence[int]] = None,
                        reduce: bool = True, score_method: str = "angular",
                        **options: Any) -> Union[float, np.ndarray, List[Any]]:
    """How alike parts of one recording are: a noise floor. ``method``: "list" (the parts are given), "equal" (the first
    axis in ``nsplits`` equal parts), "custom" (the time axis cut at ``splits``). The mean distance of the parts, or
    their matrix with ``reduce=False``."""
    from .dsa import DSA

    if method == "list":
        parts = list(data)
    elif method == "equal":
        array = torch_convert(data)
        length = len(array) // nsplits
        if length < 1:
            raise ValueError(f"nsplits: {nsplits} parts of {len(array)}")
        parts = [array[k * length : (k + 1) * length] for k in range(nsplits)]
    elif method == "custom":
        if splits is None:
            raise ValueError("splits: give the steps at which to cut")
        array = torch_convert(data)
        parts = np.split(array, list(splits), axis=-2)
    else:
        raise ValueError(f"method: {method!r}, expected list, equal or custom")
    matrix = DSA(parts, rank=rank, n_delays=n_delays, delay_interval=delay_interval, score_method=score_method,
                 **options).fit_score()
    return float(matrix[np.tril_indices(len(parts), -1)].mean()) if reduce else matrix
