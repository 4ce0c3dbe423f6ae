"""Comparison of collections of systems, which DSA and InputDSA of dsa-metric have in common."""

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
from ._embedded import Embedded, device_of
from .configs import DefaultDMDConfig, SimilarityTransformDistConfig, as_dict
from .control import ControllabilitySimilarityTransformDist, JointDistanceWarning, takes_control
from .dmd import DMD, fit_all
from .simdist import SimilarityTransformDist, warn_of_shapes

_INTEGERS = ("n_delays", "n_control_delays", "delay_interval", "rank", "rank_input", "rank_output", "steps_ahead")
_REALS = ("lamb", *(f"{rule}{side}" for rule in ("rank_thresh", "rank_explained_variance")
                    for side in ("", "_input", "_output")))
_FLAGS = ("reduced_rank_reg", "send_to_cpu")
OF_1X = ("group", "zero_pad", "kernel", "num_centers", "svd_solver", "wasserstein_compare")
said: set = set()


def once(key: str, message: str, category: Any = UserWarning) -> None:
    if key not in said:
        said.add(key)
        warnings.warn(message, category, stacklevel=4)


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

    The calls, attributes and return shapes are those of dsa-metric 2.0.2; the distances are the true minima, the same
    at every call. ``X`` and ``Y`` are a system (time x channels, or trials x time x channels) or a list of systems.
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
        self.dmd_has_control, self.dmd_api_source = takes_control(dmd_class), "local_dmd"
        given = self.X_control is not None or self.Y_control is not None
        if self.dmd_has_control and not given:
            raise ValueError(
                "Error: You are using a DMD model that fits a control operator but no control data is provided for "
                "either X or Y")
        if given and not self.dmd_has_control:
            warnings.warn("You are using a DMD model with no control but control data is provided. It is ignored.",
                          UserWarning, stacklevel=2)
        self._broadcast_all(as_dict(dmd_config, "dmd_config"))
        self._choose_similarity(similarity_class, as_dict(simdist_config, "simdist_config"))
        self.dmds = [[self._make(i, j) for j in range(len(side))] for i, side in enumerate(self.data)]
        self.cached_compare_objects: Any = None
        self.sims: Any = None

    # ---- what is compared ------------------------------------------------------------------------------------------
    def check_method(self) -> str:
        """How X and Y are compared, as their forms say."""
        x, y = self.X, self.Y
        if x is None and isinstance(y, list):
            x, y = y, None
            self.X_control, self.Y_control = self.Y_control, self.X_control
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
                    raise ValueError(
                        f"unknown type of {name}[{i}]: {type(system).__name__}, expected an array or a list of trials")
        self.data = [self.X] if self.Y is None else [self.X, self.Y]
        if self.X_control is not None and (one_x or not isinstance(self.X_control, list)):
            self.X_control = [self.X_control]
        if self.Y_control is not None and (one_y or not isinstance(self.Y_control, list)):
            self.Y_control = [self.Y_control]
        self.control_data = [self.X_control, self.Y_control][: len(self.data)]
        for side, inputs, name in zip(self.data, self.control_data, "XY"):
            if inputs is not None and len(inputs) != len(side):
                raise ValueError(f"{name}_control: {len(inputs)} systems, expected {len(side)} as in {name}")
        return self.method

    def broadcast_params(self, param: Any, cast: Optional[Callable[[Any], Any]] = None,
                         name: str = "parameter") -> List[List[Any]]:
        """One list of values a side: one value for all, one a side, or one a system."""
        convert = cast or (lambda value: _cast(name, value))
        if _scalar(param):
            return [[convert(param)] * len(side) for side in self.data]
        values = list(param)
        if len(self.data) == 1 and len(values) >= len(self.data[0]):
            return [[convert(value) for value in values[: len(self.data[0])]]]
        if len(self.data) == 1:
            raise AssertionError(
                f"{name}: {len(values)} values for {len(self.data[0])} systems; give one, or one a system")
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
                if key in OF_1X:
                    hint = "; it belongs to dsa-metric 1.x: pass compat='1.0.2' to DSA"
                raise TypeError(
                    f"{self.dmd_class.__name__}.__init__() got an unexpected keyword argument '{key}'{hint}")
            self.dmd_config[key] = self.broadcast_params(value, name=key)
            setattr(self, key, self.dmd_config[key])

    def _make(self, i: int, j: int) -> Any:
        arguments = {key: values[i][j] for key, values in self.dmd_config.items()}
        inputs = self.control_data[i]
        control = {"control_data": None if inputs is None else inputs[j]} if self.dmd_has_control else {}
        make: Any = self.dmd_class
        ours = inspect.isclass(make) and issubclass(make, Embedded)
        if ours:
            return make(self.data[i][j], **control, **arguments)
        model = make(**arguments)  # any class with fit(X) and A_v or A, or fit(X, control_data=U), and B_v or B
        model._kindred_data = ((self.data[i][j],), control)
        return model

    def _choose_similarity(self, similarity_class: Any, config: Dict[str, Any]) -> None:
        compare = config.get("compare", "state")
        if compare not in ("state", "joint", "control"):
            raise ValueError(f"Invalid compare value: {compare!r}, expected state, joint or control")
        if similarity_class is None:
            similarity_class = SimilarityTransformDist if compare == "state" else ControllabilitySimilarityTransformDist
        self._check_control(similarity_class)
        self.simdist_config = config
        if self.simdist_has_control:
            self.simdist = similarity_class(**config)
            return
        accepted = {key: value for key, value in config.items() if key != "compare"}
        self.simdist = similarity_class(device=self._where, verbose=self.verbose, **accepted)

    def _check_control(self, similarity_class: Any) -> None:
        """Whether model and score agree on inputs."""
        self.simdist_has_control = inspect.isclass(similarity_class) and issubclass(
            similarity_class, ControllabilitySimilarityTransformDist)
        if self.simdist_has_control and not self.dmd_has_control:
            raise ValueError(
                "Error: Your DMD model does not fit a control operator, which compare='joint' and 'control' need")
        if self.dmd_has_control and not self.simdist_has_control:
            warnings.warn(
                "Warning: You are using a DMD model that fits a control operator but comparing the states alone",
                UserWarning, stacklevel=4)

    # ---- fit and score ---------------------------------------------------------------------------------------------
    def fit_dmds(self) -> None:
        """Fits every system's operator, all of them in one call of the engine."""
        everything = [dmd for side in self.dmds for dmd in side]
        ours = [dmd for dmd in everything if isinstance(dmd, DMD)]
        fit_all(ours, self._where, self.verbose)
        for dmd in everything:
            if isinstance(dmd, DMD):
                continue
            data, control = getattr(dmd, "_kindred_data", ((), {}))
            dmd.fit(*data, **control)
        self.cached_compare_objects = None

    def get_compare_objects(self, dmd: Any) -> Any:
        """What is compared of one model: its operator, or its eigenvalues for the Wasserstein score."""
        operator = self._operator(dmd)
        if self._method() == "wasserstein":
            return give(np.linalg.eigvals(operator).astype(np.complex128))
        return give(operator)

    def get_dmd_control_matrix(self, dmd: Any) -> Any:
        """B of one model, states x inputs."""
        found = getattr(dmd, "B_v", None)
        if found is None:
            found = getattr(dmd, "B", None)
        if found is None:
            raise ValueError("the model has no input matrix: it was fitted without control data, or not at all")
        return found

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

    def _inputs(self, dmd: Any) -> np.ndarray:
        own = getattr(dmd, "_input_matrix", None)  # in double precision, also where results are torch tensors
        return own if own is not None else matrix_of(self.get_dmd_control_matrix(dmd), "B")

    def score(self) -> Any:
        """The distances: a float, a vector or a matrix, as the forms of X and Y say."""
        sides = [[self._operator(dmd) for dmd in side] for side in self.dmds]
        objects = [[self.get_compare_objects(dmd) for dmd in side] for side in self.dmds]
        self.cached_compare_objects = objects if len(objects) == 2 else [objects[0], objects[0]]
        if not self.simdist_has_control:
            self.sims = self._distances(sides)[:, :, None]
        else:
            if self.simdist.compare == "joint":
                once(
                    "joint",
                    "the joint distance is the minimum over orthogonal changes of basis; dsa-metric 2.0.2 applies the "
                    "alignment to the wrong system, so that its values are larger", JointDistanceWarning)
            inputs = [[self._inputs(dmd) for dmd in side] for side in self.dmds]
            self.sims = self.simdist._distances(sides, inputs, self._common())
        if self.method == "default" and self.sims.shape[2] == 1:
            return float(self.sims[0, 0, 0])
        return self._shaped(self.sims if self.sims.shape[2] > 1 else self.sims[:, :, 0])

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

    def _common(self) -> Dict[str, Any]:
        return {"device": self._where, "progress": self.verbose, "threads": max(0, self.n_jobs) if self.n_jobs else 0}

    def _batched(self, sides: List[List[np.ndarray]], metric: str, **options: Any) -> np.ndarray:
        from .._operators import Operators

        sets = [Operators(as_operators(list(side))) for side in sides]
        common = self._common()
        if len(sets) == 1:
            return np.array(_engine.pairwise(sets[0], metric, **common, **options))
        return np.array(_engine.cross(sets[0], sets[1], metric, **common, **options))

    def _one_by_one(self, rows: List[np.ndarray], columns: List[np.ndarray],
                    distance: Callable[[Any, Any], float]) -> np.ndarray:
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
        given = as_dict(simdist_config, "simdist_config") if simdist_config is not None else dict(self.simdist_config)
        parts = [bool(config.get("return_distance_components", False)) for config in (self.simdist_config, given)]
        if parts[0] != parts[1]:
            warnings.warn(
                f"Changing return_distance_components from {parts[0]} to {parts[1]} will change the output shape of "
                "score()",
                UserWarning, stacklevel=2)
            self.sims = None
        chosen: Any = SimilarityTransformDist if compare == "state" else ControllabilitySimilarityTransformDist
        self._check_control(chosen)
        if compare == "state":
            kept: Dict[str, Any] = {key: given[key] for key in ("score_method", "iters", "lr") if key in given}
            kept.setdefault("score_method", "wasserstein")
            adapted = {**kept, "device": self.device, "verbose": self.verbose}
            self.simdist = chosen(**{**adapted, "device": self._where})
            self.simdist_config = {**kept, "compare": "state"}
        else:
            adapted = {"score_method": given.get("score_method", "euclidean"), "compare": compare,
                       "align_inputs": given.get("align_inputs", False), "return_distance_components": parts[1]}
            if adapted["score_method"] == "wasserstein":
                warnings.warn(
                    "score_method 'wasserstein' compares spectra of states; inputs are compared by 'euclidean'",
                    UserWarning, stacklevel=2)
                adapted["score_method"] = "euclidean"
            self.simdist, self.simdist_config = chosen(**adapted), adapted
        return chosen, adapted
