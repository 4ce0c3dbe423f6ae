"""Dynamical similarity analysis with the calls of dsa-metric."""

from __future__ import annotations

import difflib
import inspect
import warnings
from typing import Any, Callable, Dict, List, Optional, Tuple

import numpy as np

from .. import _engine
from .._operators import as_operators
from ._arrays import give, matrix_of
from ._transport import spectra_distance
from .configs import DefaultDMDConfig, SimilarityTransformDistConfig, as_dict
from .dmd import DMD, device_of, fit_all
from .simdist import (ControllabilitySimilarityTransformDist, SimilarityTransformDist, check_score, spectrum_of,
                      warn_of_shapes)

__all__ = ["DSA", "GeneralizedDSA", "InputDSA"]

_INTEGERS = ("n_delays", "delay_interval", "rank", "steps_ahead")
_REALS = ("rank_thresh", "rank_explained_variance", "lamb")
_FLAGS = ("reduced_rank_reg", "send_to_cpu")
_OF_1X = ("group", "zero_pad", "kernel", "num_centers", "svd_solver", "wasserstein_compare")
_said: set = set()


def _once(key: str, message: str) -> None:
    if key not in _said:
        _said.add(key)
        warnings.warn(message, UserWarning, stacklevel=4)


def _is_system(value: Any) -> bool:
    return hasattr(value, "shape") and not isinstance(value, (list, tuple))


def _scalar(value: Any) -> bool:
    return value is None or isinstance(value, (str, int, float, bool, np.generic)) or not isinstance(
        value, (list, tuple, np.ndarray)) and not (hasattr(value, "__len__") and hasattr(value, "__getitem__"))


def _cast(key: str, value: Any) -> Any:
    if value is None or isinstance(value, str) and value in ("None", "none"):
        return None
    for names, cast in ((_INTEGERS, int), (_REALS, float), (_FLAGS, bool)):
        if key in names:
            return cast(value)
    return value


class GeneralizedDSA:
    """All comparisons of one collection of systems, of one system with many, or of two collections.

    The calls, attributes and return shapes are those of dsa-metric 2.0.2; the distances are the true minima, the same at
    every call. ``X`` and ``Y`` are a system (time x channels, or trials x time x channels) or a list of systems.
    """

    _default_ridge: Optional[float] = None

    def __init__(self, X: Any, Y: Any = None, X_control: Any = None, Y_control: Any = None, dmd_class: Any = DMD,
                 similarity_class: Any = None, dmd_config: Any = DefaultDMDConfig,
                 simdist_config: Any = SimilarityTransformDistConfig, device: Any = "cpu", verbose: bool = False,
                 n_jobs: int = 1):
        self.X, self.Y, self.X_control, self.Y_control = X, Y, X_control, Y_control
        self.device, self.verbose, self.n_jobs = device, verbose, n_jobs
        self._where = device_of(device)
        self.check_method()
        self.dmd_class = dmd_class
        self.dmd_has_control, self.dmd_api_source = False, "local_dmd"
        if X_control is not None or Y_control is not None:
            warnings.warn("You are using a DMD model with no control but control data is provided. It is ignored.",
                          UserWarning, stacklevel=2)
        self._choose_similarity(similarity_class, as_dict(simdist_config, "simdist_config"))
        self._broadcast_all(as_dict(dmd_config, "dmd_config"))
        self.dmds = [[self._make(i, j) for j in range(len(side))] for i, side in enumerate(self.data)]
        self.cached_compare_objects: Any = None
        self.sims: Any = None

    # ---- what is compared ------------------------------------------------------------------------------------------
    def check_method(self) -> str:
        """How X and Y are compared, as their forms say."""
        x, y = self.X, self.Y
        if x is None and isinstance(y, list):
            x, y = y, None
        one_x, one_y = _is_system(x), y is not None and _is_system(y)
        if one_x and y is None:
            raise ValueError("only one element provided: pass a list of systems, or a second system")
        if not one_x and not isinstance(x, list):
            raise ValueError(f"unknown type of X: {type(x).__name__}, expected an array or a list of arrays")
        if y is not None and not one_y and not isinstance(y, list):
            raise ValueError(f"unknown type of Y: {type(y).__name__}, expected an array or a list of arrays")
        if y is None:
            self.method = "self-pairwise"
        elif one_x and one_y:
            self.method = "default"
        elif one_x:
            self.method = "one-to-list"
        elif one_y:
            self.method = "list-to-one"
        else:
            self.method = "bipartite-pairwise"
            if y and _is_system(y[0]):
                warnings.warn(
                    "When using cross-comparison with a list of arrays, gDSA treats each array as its own system.",
                    UserWarning, stacklevel=4)
        self.X = [x] if one_x else x
        self.Y = None if y is None else ([y] if one_y else y)
        for side, name in ((self.X, "X"), (self.Y or [], "Y")):
            for i, system in enumerate(side):
                if not _is_system(system) and not isinstance(system, (list, tuple)):
                    raise ValueError(f"unknown type of {name}[{i}]: {type(system).__name__}, expected an array or a list of trials")
        self.data = [self.X] if self.Y is None else [self.X, self.Y]
        self.control_data = [None] * len(self.data)
        return self.method

    def broadcast_params(self, param: Any, cast: Optional[Callable[[Any], Any]] = None, name: str = "parameter") -> List[List[Any]]:
        """One list of values a side: one value for all, one a side, or one a system."""
        convert = cast or (lambda value: _cast(name, value))
        if _scalar(param):
            return [[convert(param)] * len(side) for side in self.data]
        values = list(param)
        if len(self.data) == 1 and len(values) >= len(self.data[0]):
            return [[convert(value) for value in values[: len(self.data[0])]]]
        if len(self.data) == 1:
            raise AssertionError(f"{name}: {len(values)} values for {len(self.data[0])} systems; give one, or one a system")
        assert len(values) == 2, f"{name}: {len(values)} values; give one, one for X and one for Y, or a list for each"
        out = []
        for value, side, what in zip(values, self.data, "XY"):
            if _scalar(value):
                out.append([convert(value)] * len(side))
                continue
            assert len(value) >= len(side), f"{name}: {len(value)} values for the {len(side)} systems of {what}"
            out.append([convert(one) for one in list(value)[: len(side)]])
        return out

    def _broadcast_all(self, config: Dict[str, Any]) -> None:
        accepted = list(inspect.signature(self.dmd_class.__init__).parameters)[1:]
        takes_any = any(p.kind is inspect.Parameter.VAR_KEYWORD
                        for p in inspect.signature(self.dmd_class.__init__).parameters.values())
        self.dmd_config: Dict[str, Any] = {}
        for key, value in config.items():
            if key not in accepted and not takes_any:
                near = difflib.get_close_matches(key, accepted, 1)
                hint = f"; did you mean '{near[0]}'?" if near else ""
                if key in _OF_1X:
                    hint = "; it belongs to dsa-metric 1.x: pass compat='1.0.2' to DSA"
                raise TypeError(f"{self.dmd_class.__name__}.__init__() got an unexpected keyword argument '{key}'{hint}")
            self.dmd_config[key] = self.broadcast_params(value, name=key)
            setattr(self, key, self.dmd_config[key])

    def _make(self, i: int, j: int) -> Any:
        arguments = {key: values[i][j] for key, values in self.dmd_config.items()}
        if issubclass(self.dmd_class, DMD) if inspect.isclass(self.dmd_class) else False:
            return self.dmd_class(self.data[i][j], **arguments)
        model = self.dmd_class(**arguments)  # any class with fit(X) and A_v or A
        model._kindred_data = self.data[i][j]
        return model

    def _choose_similarity(self, similarity_class: Any, config: Dict[str, Any]) -> None:
        compare = config.get("compare", "state")
        if compare not in ("state", "joint", "control"):
            raise ValueError(f"Invalid compare value: {compare!r}, expected state, joint or control")
        if similarity_class is None:
            similarity_class = SimilarityTransformDist if compare == "state" else ControllabilitySimilarityTransformDist
        if compare != "state" or similarity_class is ControllabilitySimilarityTransformDist:
            raise ValueError("Error: Your DMD model does not fit a control operator, which compare='joint' and 'control' need")
        self.simdist_has_control = False
        self.simdist_config = config
        accepted = {key: value for key, value in config.items() if key != "compare"}
        self.simdist = similarity_class(device=self._where, verbose=self.verbose, **accepted)

    # ---- fit and score ---------------------------------------------------------------------------------------------
    def fit_dmds(self) -> None:
        """Fits every system's operator, all of them in one call of the engine."""
        everything = [dmd for side in self.dmds for dmd in side]
        ours = [dmd for dmd in everything if isinstance(dmd, DMD)]
        fit_all(ours, self._where, self.verbose)
        for dmd in everything:
            if not isinstance(dmd, DMD):
                dmd.fit(dmd._kindred_data)
        self.cached_compare_objects = None

    def get_compare_objects(self, dmd: Any) -> Any:
        """What is compared of one model: its operator, or its eigenvalues for the Wasserstein score."""
        operator = self._operator(dmd)
        return give(np.linalg.eigvals(operator).astype(np.complex128)) if self._method() == "wasserstein" else give(operator)

    def get_dmd_control_matrix(self, dmd: Any) -> Any:
        raise NotImplementedError("operators with inputs are not in this version")

    def _method(self) -> str:
        return getattr(self.simdist, "score_method", "angular")

    @staticmethod
    def _operator(dmd: Any) -> np.ndarray:
        found = getattr(dmd, "_operator", None)
        if found is None:
            found = getattr(dmd, "A_v", None)
        if found is None:
            found = getattr(dmd, "A", None)
        if found is None:
            raise ValueError("score: the models are not fitted; call fit_dmds() or fit_score()")
        return matrix_of(found, "operator")

    def score(self) -> Any:
        """The distances: a float, a vector or a matrix, as the forms of X and Y say."""
        sides = [[self._operator(dmd) for dmd in side] for side in self.dmds]
        objects = [[self.get_compare_objects(dmd) for dmd in side] for side in self.dmds]
        self.cached_compare_objects = objects if len(objects) == 2 else [objects[0], objects[0]]
        values = self._distances(sides)
        self.sims = values[:, :, None]
        return float(values[0, 0]) if self.method == "default" else self._shaped(values)

    def _shaped(self, values: np.ndarray) -> np.ndarray:
        return values.squeeze()

    def fit_score(self) -> Any:
        """``fit_dmds`` and ``score``."""
        self.fit_dmds()
        return self.score()

    def _distances(self, sides: List[List[np.ndarray]]) -> np.ndarray:
        rows, columns = sides[0], sides[-1]
        if not rows or not columns:
            return np.zeros((len(rows), len(columns)))
        method = self._method()
        if type(self.simdist) is not SimilarityTransformDist:  # the user's own class
            return self._one_by_one(rows, columns, lambda a, b: float(self.simdist.fit_score(a, b)))
        sizes = {len(a) for a in rows + columns}
        if method == "wasserstein" and len(sizes) == 1:
            return self._batched(sides, "spectral")
        if method == "wasserstein":
            spectra = {id(a): np.linalg.eigvals(a).astype(complex) for a in rows + columns}
            return self._one_by_one(rows, columns, lambda a, b: spectra_distance(spectra[id(a)], spectra[id(b)])[0])
        if len(sizes) == 1:
            return self._batched(sides, "dsa", score=method, **self._alignment_options())
        first, other = rows[0], next(a for a in rows + columns if len(a) != len(rows[0]))
        warn_of_shapes(f"ranks {len(first)} and {len(other)}")
        return self._one_by_one(rows, columns, lambda a, b: self._pair(a, b))

    def _alignment_options(self) -> Dict[str, Any]:
        return {"effort": self.simdist._effort, "group": self.simdist._group}

    def _pair(self, a: np.ndarray, b: np.ndarray) -> float:
        if len(a) == len(b):
            return _engine.align(a, b, score=self._method(), **self._alignment_options()).distance
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return float(self.simdist.fit_score(a, b, score_method="wasserstein"))

    def _batched(self, sides: List[List[np.ndarray]], metric: str, **options: Any) -> np.ndarray:
        from .._operators import Operators

        sets = [Operators(as_operators(list(side))) for side in sides]
        common: Dict[str, Any] = {"device": self._where, "progress": self.verbose, "threads": max(0, self.n_jobs) if self.n_jobs else 0}
        if len(sets) == 1:
            return np.array(_engine.pairwise(sets[0], metric, **common, **options))
        return np.array(_engine.cross(sets[0], sets[1], metric, **common, **options))

    def _one_by_one(self, rows: List[np.ndarray], columns: List[np.ndarray], distance: Callable[[Any, Any], float]) -> np.ndarray:
        out = np.zeros((len(rows), len(columns)))
        symmetric = rows is columns
        for i, a in enumerate(rows):
            for j, b in enumerate(columns):
                if not symmetric or j < i:
                    out[i, j] = distance(a, b)
                    if symmetric:
                        out[j, i] = out[i, j]
        return out

    def update_compare_method(self, compare: str = "joint", simdist_config: Any = None) -> Tuple[Any, Dict[str, Any]]:
        """Another score of the same fits; ``score()`` afterwards needs no refit."""
        if compare not in ("state", "joint", "control"):
            raise ValueError(f"compare must be one of state, joint, control; got {compare!r}")
        if compare != "state":
            raise ValueError("Error: Your DMD model does not fit a control operator, which compare='joint' and 'control' need")
        given = as_dict(simdist_config, "simdist_config") if simdist_config is not None else dict(self.simdist_config)
        kept: Dict[str, Any] = {key: given[key] for key in ("score_method", "iters", "lr") if key in given}
        kept.setdefault("score_method", "wasserstein")
        adapted = {**kept, "device": self.device, "verbose": self.verbose}
        self.simdist = SimilarityTransformDist(**{**adapted, "device": self._where})
        self.simdist_config = {**kept, "compare": "state"}
        return SimilarityTransformDist, adapted


_ORDER_1X = ("n_delays", "delay_interval", "rank", "rank_thresh", "rank_explained_variance", "lamb", "steps_ahead",
             "send_to_cpu", "iters", "score_method", "lr", "group", "zero_pad", "device", "verbose", "reduced_rank_reg",
             "kernel", "num_centers", "svd_solver", "wasserstein_compare")
_ORDER_2X = ("dmd_class", "device", "verbose", "n_jobs", "score_method", "iters", "lr")


class DSA(GeneralizedDSA):
    """Dynamical similarity analysis: ``DSA(X, Y, n_delays=33, delay_interval=6, rank=20, score_method="angular").fit_score()``.

    ``compat="2.0.2"`` (the default) takes the arguments and defaults of dsa-metric 2.0.2, ``compat="1.0.2"`` those of 1.x.
    ``effort`` ("fast", "default", "thorough") says how long to look for each minimum.
    """

    def __init__(self, X: Any, Y: Any = None, *positional: Any, compat: str = "2.0.2", effort: str = "default",
                 **options: Any):
        if compat not in ("2.0.2", "1.0.2"):
            raise ValueError(f"compat: '{compat}', expected 2.0.2 or 1.0.2")
        old = compat == "1.0.2"
        order = _ORDER_1X if old else _ORDER_2X
        if len(positional) > len(order):
            raise TypeError(f"DSA takes at most {len(order) + 2} positional arguments, {len(positional) + 2} were given")
        for name, value in zip(order, positional):
            if name in options:
                raise TypeError(f"DSA got multiple values for argument '{name}'")
            options[name] = value
        if "score_method" not in options:
            _once("score", "score_method is not given: dsa-metric 2.x compares spectra ('wasserstein'), 1.x compared by "
                           f"alignment ('angular'); this call uses {'angular' if old else 'wasserstein'}")
        method = options.pop("score_method", "angular" if old else "wasserstein")
        self._raw_euclidean, self._old = old and method == "euclidean", old
        group = "orthogonal"
        if old:
            options.setdefault("lamb", 0.0)
            if options.pop("kernel", None) is not None:
                raise ValueError("kernel: not implemented yet")
            for ignored in ("zero_pad", "num_centers", "svd_solver"):
                options.pop(ignored, None)
            if options.pop("wasserstein_compare", None) not in (None, "eig"):
                raise ValueError("wasserstein_compare: expected None or 'eig'; comparing singular values was withdrawn")
            chosen = options.pop("group", "O(n)")
            groups = {"O(n)": "orthogonal", "SO(n)": "special-orthogonal"}
            if chosen not in groups:
                raise ValueError(f"group: {chosen!r}, expected O(n) or SO(n); GL(n) has no minimum in general")
            group = groups[chosen]
        else:
            options.setdefault("lamb", 1e-8)
            for key in _OF_1X:
                if key in options:
                    raise TypeError(f"DSA got '{key}', which belongs to dsa-metric 1.x: pass compat='1.0.2'")
        simdist = {"score_method": check_score(method), "iters": options.pop("iters", 1500), "lr": options.pop("lr", 5e-3),
                   "group": group, "effort": effort}
        frame = {name: options.pop(name) for name in ("dmd_class", "device", "verbose", "n_jobs") if name in options}
        super().__init__(X, Y, dmd_config=options, simdist_config=simdist, **frame)

    def _shaped(self, values: np.ndarray) -> np.ndarray:
        return values if self._old else values.squeeze()

    def score(self, iters: Optional[int] = None, lr: Optional[float] = None, score_method: Optional[str] = None) -> Any:
        """The distances; another ``score_method`` replaces the one in effect."""
        if score_method is not None:
            self.simdist.score_method = check_score(score_method)
        value = super().score()
        return np.float64(value) if self._old and self.method == "default" else value

    def _alignment_options(self) -> Dict[str, Any]:
        raw = {"normalize": False} if self._raw_euclidean else {}
        return {**super()._alignment_options(), **raw}


class InputDSA:
    """Comparison of systems with inputs: not in this version."""

    def __init__(self, *_: Any, **__: Any):
        raise NotImplementedError("InputDSA: kindred does not fit operators with inputs yet; DSA compares systems without them")
