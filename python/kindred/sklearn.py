"""A scikit-learn transformer: recordings in, distances out, for clustering, nearest neighbours and embedding with
``metric="precomputed"``."""

from __future__ import annotations

from typing import Any, Dict, Optional, Union

import numpy as np

try:
    from sklearn.base import BaseEstimator, TransformerMixin
    from sklearn.utils.validation import check_array, check_is_fitted
except ImportError as error:  # the rest of kindred works without scikit-learn
    raise ImportError("kindred.sklearn needs scikit-learn: pip install scikit-learn") from error

from . import _engine
from ._metrics import Metric, Spectral, as_metric
from ._operators import Operators
from ._systems import Systems, as_systems

__all__ = ["PairwiseDynamics"]


class PairwiseDynamics(TransformerMixin, BaseEstimator):
    """Distances between recordings as features.

    ``fit_transform(X)`` is the matrix of distances between all systems of X, ``transform(Y)`` those of new systems
    (rows) to the systems of X (columns). X is a list of recordings (arrays of time x channels or
    trials x time x channels, or lists of trials), an array of systems x trials x time x channels, of
    systems x time x channels, or of systems x time (one channel).

    Parameters
    ----------
    metric : str or kindred.Metric
    parameters : dict, optional
        Of the metric, as in ``kindred.pairwise``: ``{"delays": 33, "interval": 6, "rank": 20}``.
    device, threads, memory : see ``kindred.Engine``

    Attributes
    ----------
    n_systems_ : int
    distances_ : kindred.DistanceMatrix
        Of the systems of the fit, with lower bounds and statuses; after ``fit_transform``.
    operators_ : kindred.Operators
        Of the systems of the fit, for metrics that compare operators.
    """

    n_features_in_: int  # channels; steps of recordings of one channel

    def __init__(self, metric: Union[str, Metric] = "dsa", parameters: Optional[Dict[str, Any]] = None,
                 device: str = "auto", threads: int = 0, memory: Union[int, str] = 0):
        self.metric = metric
        self.parameters = parameters
        self.device = device
        self.threads = threads
        self.memory = memory

    def _check(self, X: Any, reset: bool) -> Any:
        recordings = isinstance(X, (list, tuple, dict, Systems)) and not hasattr(X, "tocsr")  # a sparse DOK is a dict
        if recordings and not self._plain(X):
            return X
        X = check_array(X, allow_nd=True, dtype=[np.float64, np.float32], ensure_min_features=1)
        width = X.shape[-1]
        if not reset and width != self.n_features_in_:
            raise ValueError(
                f"X has {width} features, but {type(self).__name__} is expecting {self.n_features_in_} features as "
                "input")
        if X.ndim == 2 and width < 2:
            raise ValueError(
                f"X: 1 feature(s) (shape={X.shape}) while a minimum of 2 is required: a recording of one step has "
                "no dynamics")
        self.n_features_in_ = width
        return list(X[:, :, None] if X.ndim == 2 else X)

    @staticmethod
    def _plain(X: Any) -> bool:
        """Whether a list is a table of numbers and not a list of recordings."""
        return isinstance(X, (list, tuple)) and len(X) > 0 and np.ndim(X[0]) < 2

    def _prepare(self, X: Any) -> Any:
        """What is compared: operators, or the recordings themselves."""
        metric = self._metric_
        if not metric.of_operators():
            return X if isinstance(X, Systems) else Systems(as_systems(X, "X"))
        # `score` is its only field that says nothing of a fit.
        of_fits = [name for name in Spectral().parameters() if name != "score"]
        fitted = {name: value for name, value in metric.parameters().items() if name in of_fits}
        return _engine.fit(X, engine=self._engine_, progress=False, **fitted)

    def _start(self, X: Any) -> Any:
        self._metric_ = as_metric(self.metric, dict(self.parameters or {}))
        self._engine_ = _engine.Engine(self.device, self.threads, self.memory)
        X = self._check(X, reset=True)
        self.n_systems_ = len(X)
        self._items_ = self._prepare(X)
        if isinstance(self._items_, Operators):
            self.operators_ = self._items_
        return self._items_

    def fit(self, X: Any, y: Any = None) -> "PairwiseDynamics":
        """Takes the systems to which others are compared."""
        self._start(X)
        return self

    def fit_transform(self, X: Any, y: Any = None, **_: Any) -> np.ndarray:
        """``fit``, and the distances between all pairs of its systems."""
        items = self._start(X)
        self.distances_ = _engine.pairwise(items, self._metric_, engine=self._engine_, progress=False)
        return np.array(self.distances_)

    def transform(self, X: Any) -> np.ndarray:
        """Distances of these systems (rows) to those of the fit (columns)."""
        check_is_fitted(self, "n_systems_")
        items = self._prepare(self._check(X, reset=False))
        return np.array(_engine.cross(items, self._items_, self._metric_, engine=self._engine_, progress=False))

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Names of the columns: those of the systems of the fit."""
        check_is_fitted(self, "n_systems_")
        return np.array([f"distance_to_{name}" for name in self._items_.names], dtype=object)
