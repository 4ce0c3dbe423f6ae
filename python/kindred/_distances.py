"""The result of a comparison."""

from __future__ import annotations

import os
from typing import Any, Dict, List, Optional, Sequence, Tuple, Union

import numpy as np

from . import _core


class _Stored:
    """A result that was pickled: what the library's own would answer."""

    def __init__(self, values: Dict[str, Any]):
        self._values = values

    def __reduce__(self) -> Any:
        return _Stored, (self._values,)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda: self._values[name]


class DistanceMatrix:
    """Distances between all pairs of one collection (symmetric, zero diagonal) or of rows against columns.

    ``np.asarray(d)`` is the float64 matrix; ``d[i, j]`` one distance, ``d["a", "b"]`` the same by names.
    """

    def __init__(self, core: Any, metric: Any, labels: Tuple[List[str], List[str]], symmetric: bool):
        self._core = core
        self._metric = metric
        self._labels = labels
        self._symmetric = symmetric
        self._cache: Dict[str, Any] = {}

    def _lazy(self, name: str, make: Any) -> Any:
        if name not in self._cache:
            value = make()
            if isinstance(value, np.ndarray):
                value.flags.writeable = False
            self._cache[name] = value
        return self._cache[name]

    @property
    def distances(self) -> np.ndarray:
        """Distances, rows x columns, float64; NaN where a pair failed. Read-only."""
        return self._lazy("distances", self._core.distances)

    @property
    def lower_bound(self) -> np.ndarray:
        """Proven lower bounds of the true minima, rows x columns. Read-only."""
        return self._lazy("lower_bound", self._core.lower_bounds)

    @property
    def gap(self) -> np.ndarray:
        """Proven bounds on distance - minimum, rows x columns. Read-only."""
        return self._lazy("gap", self._core.gaps)

    @property
    def status(self) -> np.ndarray:
        """What is known of each pair, rows x columns of words: exact, certified, converged, iteration_limit, failed."""
        return self._lazy("status", lambda: np.array(_core.pair_statuses)[self._core.statuses()])

    @property
    def refinements(self) -> np.ndarray:
        """Local minimisations spent on each pair, rows x columns."""
        return self._lazy("refinements", self._core.refinements)

    @property
    def names(self) -> List[str]:
        """Names of the rows."""
        return self._lazy("names", self._core.row_names)

    @property
    def column_names(self) -> List[str]:
        """Names of the columns; those of the rows when all pairs of one collection were compared."""
        return self._lazy("column_names", self._core.column_names)

    @property
    def labels(self) -> List[str]:
        """Group labels of the rows; an empty string where a system has none."""
        return self._labels[0]

    @property
    def column_labels(self) -> List[str]:
        """Group labels of the columns."""
        return self._labels[1]

    @property
    def facts(self) -> List[Dict[str, Any]]:
        """Of the fits behind the rows, a dict each: status, rank, numerical_rank, rows, columns, sigma_ratio, residual,
        detail. Empty for metrics that compare recordings."""
        return self._lazy("facts", self._core.row_facts)

    @property
    def column_facts(self) -> List[Dict[str, Any]]:
        """Of the fits behind the columns."""
        return self._lazy("column_facts", self._core.column_facts)

    @property
    def metric(self) -> str:
        """The metric with every parameter, in words."""
        return self._metric.text()

    @property
    def unit(self) -> str:
        """What the numbers are, such as "radians"."""
        return self._metric.unit()

    @property
    def symmetric(self) -> bool:
        """Whether all pairs of one collection were compared."""
        return self._symmetric

    @property
    def shape(self) -> Tuple[int, int]:
        return self.distances.shape

    def __len__(self) -> int:
        return self.shape[0]

    def __array__(self, dtype: Any = None, copy: Optional[bool] = None) -> np.ndarray:
        if copy is False and dtype is not None and np.dtype(dtype) != np.float64:
            raise ValueError("the distances are float64: another type needs a copy")
        return np.array(self.distances, dtype=dtype) if copy or dtype is not None else self.distances

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            return self.distances[self._place(key, self.names)]
        if isinstance(key, tuple) and any(isinstance(k, str) for k in key):
            sides = (self.names, self.column_names)
            key = tuple(self._place(k, side) if isinstance(k, str) else k for k, side in zip(key, sides))
        return self.distances[key]

    @staticmethod
    def _place(name: str, names: Sequence[str]) -> int:
        try:
            return names.index(name)
        except ValueError:
            raise KeyError(f"no system '{name}'") from None

    def condensed(self) -> np.ndarray:
        """The pairs i < j row by row, as ``scipy.spatial.distance.squareform`` and ``linkage`` expect them."""
        if not self._symmetric:
            raise ValueError(
                "condensed: these are rows against columns; only all pairs of one collection have this form")
        return self.distances[np.triu_indices(len(self), 1)]

    def to_dataframe(self) -> Any:
        """A pandas DataFrame of the distances, with the names as index and columns."""
        try:
            import pandas
        except ImportError as error:
            raise ImportError("to_dataframe needs pandas: pip install pandas") from error
        return pandas.DataFrame(np.array(self.distances), index=self.names, columns=self.column_names)

    def save(self, path: Union[str, "os.PathLike[str]"]) -> None:
        """Writes the distances: .npy (the matrix alone) or .npz (distances, lower_bound, gap, status, names, labels,
        metric)."""
        path = os.fspath(path)
        if path.endswith(".npz"):
            np.savez(
                path,
                distances=self.distances,
                lower_bound=self.lower_bound,
                gap=self.gap,
                status=self.status,
                names=np.array(self.names),
                column_names=np.array(self.column_names),
                labels=np.array(self.labels),
                metric=np.array(self.metric),
            )
        elif path.endswith(".npy"):
            np.save(path, self.distances)
        else:
            raise ValueError(f"path: '{path}', expected a name that ends in .npy or .npz")

    def __reduce__(self) -> Any:
        names = ("distances", "lower_bounds", "gaps", "refinements", "statuses", "row_names", "column_names",
                 "row_facts", "column_facts")
        stored = _Stored({name: getattr(self._core, name)() for name in names})
        return DistanceMatrix, (stored, self._metric, self._labels, self._symmetric)

    def _page(self, title: str) -> str:
        facts = [("metric", self.metric), ("unit", self.unit)]
        if self._symmetric:
            return _core.report(title, self.distances, self.metric.split(",")[0], self.unit, self.names, self.labels,
                                facts)
        return _core.report(
            title,
            self.distances,
            self.metric.split(",")[0],
            self.unit,
            (self.names, self.column_names),
            (self.labels, self.column_labels),
            facts,
        )

    def report(self, path: Union[str, "os.PathLike[str]"], title: str = "Distances between systems") -> None:
        """Writes the page of the command line's ``--report``: heat map, embedding, histogram, systems; one HTML file
        without references to others."""
        page = self._page(title)
        with open(path, "w", encoding="utf-8") as file:
            file.write(page)

    def _repr_html_(self) -> Optional[str]:
        if not 2 <= max(self.shape) <= 1000:
            return None  # the notebook shows the text
        import html  # here, since it takes half a MiB of every process

        page = html.escape(self._page("Distances between systems"), quote=True)
        # As high as the page, so that heat map and embedding are seen at once; 640 pixels where scripts do not run.
        fit = "this.style.height = Math.min(this.contentDocument.documentElement.scrollHeight + 16, 1600) + 'px'"
        return f'<iframe srcdoc="{page}" onload="{fit}" style="width:100%;height:640px;border:0"></iframe>'

    def __repr__(self) -> str:
        rows, columns = self.shape
        what = f"{rows} systems" if self._symmetric else f"{rows} x {columns} systems"
        return f"<kindred.DistanceMatrix: {what}, {self.metric.split(',')[0]}, {self.unit}>\n{self.distances}"
