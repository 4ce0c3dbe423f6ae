"""Prediction error over grids of two parameters, with the names of dsa-metric."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np

from . import stats
from ._arrays import trials_of
from .dmd import DMD
from .resdmd import ResidualComputer

__all__ = ["DefaultSweeper", "split_train_test", "sweep_ranks_delays"]


def split_train_test(data: Any, train_frac: float = 0.8) -> Tuple[Any, Any, int]:
    """The first share of a list, of the trials, or (for one trial) of time, the rest, and the number of channels. With
    ``train_frac=1`` both are the whole."""
    if not 0 < train_frac <= 1:
        raise ValueError(f"train_frac: {train_frac}, expected above 0 and at most 1")
    if train_frac == 1:
        return data, data, trials_of(data)[0].shape[1]
    if isinstance(data, list):
        cut = int(train_frac * len(data))
        return data[:cut], data[cut:], trials_of(data)[0].shape[1]
    axis = 1 if np.ndim(data) == 3 and len(data) == 1 else 0
    cut = int(train_frac * data.shape[axis])
    first, rest = (data[:, :cut], data[:, cut:]) if axis else (data[:cut], data[cut:])
    return first, rest, data.shape[-1]


class DefaultSweeper:
    """Fits on one part of the data and predicts the other, for every pair of values of two parameters.

    After ``sweep``: ``aics``, ``mases``, ``mses``, ``nnormals`` and, if asked for, ``residuals``, each of shape
    (values of the first, values of the second); NaN where a rank exceeds the columns of the embedding.
    """

    def __init__(self, data: Any, param1_name: str = "n_delays", param1_values: Sequence[Any] = (1,), param2_name: str = "rank",
                 param2_values: Sequence[Any] = (1,), train_frac: float = 0.8, reseed: int = 1, compute_residuals: bool = False,
                 save_models: bool = False, model_class: Any = DMD, **options: Any):
        self.data, self.train_frac, self.reseed = data, train_frac, reseed
        self.param1_name, self.param1_values = param1_name, list(param1_values)
        self.param2_name, self.param2_values = param2_name, list(param2_values)
        self.compute_residuals, self.save_models, self.options = compute_residuals, save_models, options
        if model_class not in (DMD, "DMD"):
            raise NotImplementedError("model_class: models with inputs are not in this version")
        self._results: Optional[Dict[str, Any]] = None
        self._models: List[List[Any]] = []

    def sweep(self) -> None:
        """Fits and predicts; the figures of each pair of values."""
        train, test, channels = split_train_test(self.data, self.train_frac)
        shape = (len(self.param1_values), len(self.param2_values))
        names = ("aics", "mases", "mses", "nnormals", "residuals")
        table = {name: np.full(shape, np.nan) for name in names}
        self._models = [[None] * shape[1] for _ in range(shape[0])]
        for i, first in enumerate(self.param1_values):
            dmd = None
            for j, second in enumerate(self.param2_values):
                settings = {**self.options, self.param1_name: first, self.param2_name: second}
                if settings.get("rank") is not None and settings["rank"] > settings.get("n_delays", 1) * channels:
                    continue
                if dmd is None or self.param2_name != "rank" or self.save_models or dmd.reduced_rank_reg:
                    dmd = DMD(train, **settings)
                    dmd.fit()
                else:  # another rank from the same factors
                    dmd.recalc_rank(rank=second)
                    dmd.compute_havok_dmd()
                truth = np.concatenate(trials_of(test))
                told = np.concatenate(trials_of(dmd.predict(test, reseed=self.reseed)))
                table["aics"][i, j] = stats.aic(truth, told, dmd.rank)
                table["mases"][i, j] = stats.mase(truth, told)
                table["mses"][i, j] = stats.mse(truth, told)
                table["nnormals"][i, j] = stats.measure_nonnormality_transpose(dmd.A_v)
                if self.compute_residuals:
                    table["residuals"][i, j] = ResidualComputer(dmd, test).average_residual()
                if self.save_models:
                    self._models[i][j] = dmd
        self._results = table

    def _table(self, name: str) -> np.ndarray:
        if self._results is None:
            raise RuntimeError("call sweep() first")
        return self._results[name]

    aics = property(lambda self: self._table("aics"))
    mases = property(lambda self: self._table("mases"))
    mses = property(lambda self: self._table("mses"))
    nnormals = property(lambda self: self._table("nnormals"))
    residuals = property(lambda self: self._table("residuals"))

    @property
    def fitted_models(self) -> Any:
        """The models, where ``save_models=True`` kept them."""
        return self._models if self.save_models else "models are kept with save_models=True"

    def get_results(self) -> Dict[str, Any]:
        """The tables, and the names and values of the parameters."""
        out = {name: self._table(name) for name in ("aics", "mases", "mses", "nnormals")}
        if self.compute_residuals:
            out["residuals"] = self._table("residuals")
        out.update(param1_name=self.param1_name, param1_values=self.param1_values, param2_name=self.param2_name,
                   param2_values=self.param2_values)
        return out

    def plot(self, figsize: Optional[Tuple[float, float]] = None) -> Tuple[Any, Any]:
        """A line a value of the first parameter, over the second, for each figure; needs matplotlib."""
        import matplotlib.pyplot as plt

        names = ["aics", "mases", "mses", "nnormals"] + (["residuals"] if self.compute_residuals else [])
        tables = [self._table(name) for name in names]
        figure, axes = plt.subplots(1, len(names), figsize=figsize or (4 * len(names), 3.5), layout="constrained")
        for ax, name, table in zip(axes, names, tables):
            for value, line in zip(self.param1_values, table):
                ax.plot(self.param2_values, line, marker=".", label=f"{self.param1_name} {value}")
            ax.set_xlabel(self.param2_name)
            ax.set_ylabel(name)
        axes[0].legend()
        return figure, axes


def sweep_ranks_delays(data: Any, n_delays: Sequence[int], ranks: Sequence[int], train_frac: float = 0.8, reseed: int = 5,
                       return_residuals: bool = False, **options: Any) -> Tuple[np.ndarray, ...]:
    """``DefaultSweeper`` over delays and ranks: (aics, mases, nnormals), and residuals if asked for."""
    sweeper = DefaultSweeper(data, "n_delays", n_delays, "rank", ranks, train_frac=train_frac, reseed=reseed,
                             compute_residuals=return_residuals, **options)
    sweeper.sweep()
    out = (sweeper.aics, sweeper.mases, sweeper.nnormals)
    return (*out, sweeper.residuals) if return_residuals else out
