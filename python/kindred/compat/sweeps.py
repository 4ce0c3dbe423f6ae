"""Prediction error over grids of two parameters, with the names of dsa-metric."""

from __future__ import annotations

import warnings
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np

from . import stats
from ._arrays import trials_of
from .dmd import DMD
from .dmdc import DMDc
from .resdmd import ResidualComputer
from .subspace_dmdc import SubspaceDMDc

__all__ = [
    "DefaultSweeper", "PyKoopmanSweeper", "split_train_test", "sweep_local_dmd", "sweep_pykoopman", "sweep_ranks_delays"
]


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
    (values of the first, values of the second); NaN where a rank exceeds the columns of the embedding. Models with
    inputs (``model_class="DMDc"`` or ``"SubspaceDMDc"``) take ``control_data``; the "rank" of a DMDc is
    ``rank_output``.
    """

    def __init__(self, data: Any, param1_name: str = "n_delays", param1_values: Sequence[Any] = (1,),
                 param2_name: str = "rank", param2_values: Sequence[Any] = (1,), model_class: Any = "DMD",
                 control_data: Any = None, train_frac: float = 0.8, reseed: int = 1, compute_residuals: bool = False,
                 save_models: bool = False, **options: Any):
        found: Any = next((known for known in (DMD, DMDc, SubspaceDMDc) if model_class in (known, known.__name__)),
                          None)
        if found is None:
            raise ValueError(f"model_class: {model_class!r}, expected DMD, DMDc or SubspaceDMDc")
        self._class, self._with_inputs = found, found is not DMD
        if self._with_inputs and control_data is None:
            raise ValueError(f"control_data required for {found.__name__}")
        if control_data is not None and not self._with_inputs:
            warnings.warn(
                "control_data was provided, but model class 'DMD' may not support control input. Control data will be "
                "ignored.", UserWarning, stacklevel=2)
        self.data, self.train_frac, self.reseed = data, train_frac, reseed
        self.param1_name, self.param1_values = param1_name, np.asarray(param1_values)
        self.param2_name, self.param2_values = param2_name, np.asarray(param2_values)
        self.compute_residuals, self.save_models, self.options = compute_residuals, save_models, options
        self.train_data, self.test_data, self.dim = split_train_test(data, train_frac)
        self.train_control: Any = None
        self.test_control: Any = None
        if self._with_inputs:
            self.train_control, self.test_control, _ = split_train_test(control_data, train_frac)
        self._results: Optional[Dict[str, Any]] = None
        self._models: List[List[Any]] = []

    def _fitted(self, settings: Dict[str, Any]) -> Any:
        if self._class is DMDc:
            settings = {"rank_output" if key == "rank" else key: value for key, value in settings.items()}
        model: Any = self._class(self.train_data, *((self.train_control,) if self._with_inputs else ()), **settings)
        model.fit()
        return model

    def sweep(self) -> "DefaultSweeper":
        """Fits and predicts; the figures of each pair of values."""
        test = self.test_data
        shape = (len(self.param1_values), len(self.param2_values))
        names = ("aics", "mases", "mses", "nnormals", "residuals")
        table = {name: np.full(shape, np.nan) for name in names}
        self._models = [[None] * shape[1] for _ in range(shape[0])]
        for i, first in enumerate(self.param1_values):
            dmd: Any = None
            for j, second in enumerate(self.param2_values):
                settings = {**self.options, self.param1_name: first, self.param2_name: second}
                if settings.get("rank") is not None and settings["rank"] > settings.get("n_delays", 1) * self.dim:
                    continue
                if (dmd is None or self.param2_name != "rank" or self.save_models or self._with_inputs
                        or dmd.reduced_rank_reg):
                    dmd = self._fitted(settings)
                else:  # another rank from the same factors
                    dmd.recalc_rank(rank=second)
                    dmd.compute_havok_dmd()
                truth = np.concatenate(trials_of(test))
                inputs = (self.test_control,) if self._with_inputs else ()
                told = np.concatenate(trials_of(dmd.predict(test, *inputs, reseed=self.reseed)))
                table["aics"][i, j] = stats.aic(truth, told, len(dmd.A_v))
                table["mases"][i, j] = stats.mase(truth, told)
                table["mses"][i, j] = stats.mse(truth, told)
                table["nnormals"][i, j] = stats.measure_nonnormality_transpose(dmd.A_v)
                if self.compute_residuals:
                    table["residuals"][i, j] = ResidualComputer(dmd, test, *inputs).get_average_residual()
                if self.save_models:
                    self._models[i][j] = dmd
        self._results = table
        return self

    @property
    def _swept(self) -> bool:
        return self._results is not None

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
        names = ("param1_name", "param1_values", "param2_name", "param2_values", "train_frac", "reseed")
        out.update({name: getattr(self, name) for name in names})
        return out

    def plot(self, x_axis_param: Optional[str] = None, legend_param: Optional[str] = None,
             metrics: Optional[Sequence[str]] = None, figsize: Optional[Tuple[float, float]] = None,
             cmap: str = "viridis", save_path: Any = None, mase_scale: str = "log",
             title: Optional[str] = None) -> Tuple[Any, Any]:
        """A panel a figure ("AIC", "MASE", "MSE", "nnormal", "residual"), a line a value of one parameter over the
        other (the second, if ``x_axis_param`` does not name the first); needs matplotlib."""
        import matplotlib.pyplot as plt

        tables = {"AIC": "aics", "MASE": "mases", "MSE": "mses", "nnormal": "nnormals", "residual": "residuals"}
        known = ["AIC", "MASE", "nnormal"] + ["residual"] * bool(self.compute_residuals)
        shown = known if metrics is None else list(metrics)
        unknown = [name for name in shown if name not in tables]
        if unknown:
            raise ValueError(f"metrics: {unknown[0]!r}, expected some of {', '.join(tables)}")
        turned = x_axis_param == self.param1_name != self.param2_name
        along, lines = (self.param1_values, self.param2_values) if turned else (self.param2_values, self.param1_values)
        figure, axes = plt.subplots(1, len(shown), figsize=figsize or (4 * len(shown), 4), squeeze=False,
                                    layout="constrained")
        colours = plt.get_cmap(cmap)
        for ax, name in zip(axes[0], shown):
            table = self._table(tables[name])
            for k, (value, line) in enumerate(zip(lines, table.T if turned else table)):
                ax.plot(along, line, marker=".", color=colours(k / (len(lines) + 2)), label=str(value))
            if name in ("MASE", "MSE"):
                ax.set_yscale(mase_scale)
            ax.set_xlabel(self.param1_name if turned else self.param2_name)
            ax.set_ylabel(name)
        axes[0][-1].legend(title=legend_param or (self.param2_name if turned else self.param1_name), fontsize=8)
        if title:
            figure.suptitle(title)
        if save_path:
            figure.savefig(save_path)
        return figure, axes[0]


class PyKoopmanSweeper:
    """Sweeps over models of dsa-metric's fork of pykoopman: not in kindred."""

    def __init__(self, *_: Any, **__: Any):
        raise NotImplementedError(
            "PyKoopmanSweeper: kindred has no part of dsa-metric's fork of pykoopman; DefaultSweeper sweeps DMD")


def sweep_pykoopman(*arguments: Any, **options: Any) -> PyKoopmanSweeper:
    """``PyKoopmanSweeper``: not in kindred."""
    return PyKoopmanSweeper(*arguments, **options)


def sweep_local_dmd(data: Any, n_delays_values: Sequence[int], rank_values: Sequence[int],
                    **options: Any) -> DefaultSweeper:
    """``DefaultSweeper`` over delays and ranks, swept."""
    return DefaultSweeper(data, param1_values=n_delays_values, param2_values=rank_values, **options).sweep()


def sweep_ranks_delays(data: Any, n_delays: Sequence[int], ranks: Sequence[int], control_data: Any = None,
                       train_frac: float = 0.8, reseed: int = 5, return_residuals: bool = True,
                       **options: Any) -> Tuple[np.ndarray, ...]:
    """``DefaultSweeper`` over delays and ranks: (aics, mases, nnormals), and residuals unless told not to."""
    sweeper = sweep_local_dmd(data, n_delays, ranks, control_data=control_data, train_frac=train_frac, reseed=reseed,
                              compute_residuals=return_residuals, **options)
    out = (sweeper.aics, sweeper.mases, sweeper.nnormals)
    return (*out, sweeper.residuals) if return_residuals else out
