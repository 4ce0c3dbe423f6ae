"""Dynamical similarity analysis with the calls of dsa-metric."""

from __future__ import annotations

from typing import Any, Dict, Optional

import numpy as np

from ._generalized import OF_1X, GeneralizedDSA, once, said
from .configs import ControllabilitySimilarityTransformDistConfig, SubspaceDMDcConfig
from .control import takes_control
from .simdist import check_score
from .subspace_dmdc import SubspaceDMDc

__all__ = ["DSA", "GeneralizedDSA", "InputDSA", "said"]

_ORDER_1X = ("n_delays", "delay_interval", "rank", "rank_thresh", "rank_explained_variance", "lamb", "steps_ahead",
             "send_to_cpu", "iters", "score_method", "lr", "group", "zero_pad", "device", "verbose", "reduced_rank_reg",
             "kernel", "num_centers", "svd_solver", "wasserstein_compare")
_ORDER_2X = ("dmd_class", "device", "verbose", "n_jobs", "score_method", "iters", "lr")


class DSA(GeneralizedDSA):
    """Dynamical similarity analysis: ``DSA(X, Y, n_delays=33, delay_interval=6, rank=20,
    score_method="angular").fit_score()``.

    ``compat="2.0.2"`` (the default) takes the arguments and defaults of dsa-metric 2.0.2, ``compat="1.0.2"`` those of
    1.x. ``effort`` ("fast", "default", "thorough") says how long to look for each minimum.
    """

    def __init__(self, X: Any, Y: Any = None, *positional: Any, compat: str = "2.0.2", effort: str = "default",
                 **options: Any):
        if compat not in ("2.0.2", "1.0.2"):
            raise ValueError(f"compat: '{compat}', expected 2.0.2 or 1.0.2")
        old = compat == "1.0.2"
        order = _ORDER_1X if old else _ORDER_2X
        if len(positional) > len(order):
            raise TypeError(
                f"DSA takes at most {len(order) + 2} positional arguments, {len(positional) + 2} were given")
        for name, value in zip(order, positional):
            if name in options:
                raise TypeError(f"DSA got multiple values for argument '{name}'")
            options[name] = value
        if "score_method" not in options:
            once("score", "score_method is not given: dsa-metric 2.x compares spectra ('wasserstein'), 1.x compared by "
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
            for key in OF_1X:
                if key in options:
                    raise TypeError(f"DSA got '{key}', which belongs to dsa-metric 1.x: pass compat='1.0.2'")
        simdist = {"score_method": check_score(method), "iters": options.pop("iters", 1500),
                   "lr": options.pop("lr", 5e-3), "group": group, "effort": effort}
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


class InputDSA(GeneralizedDSA):
    """Comparison of systems with inputs: ``InputDSA([y1, y2], [u1, u2], dmd_config={"n_delays": 5, "rank":
    4}).fit_score()``, by subspace identification (``SubspaceDMDc``), or with ``dmd_class=DMDc``.

    ``simdist_config`` says what is compared: ``compare`` "joint", "control", or "state"
    (``SimilarityTransformDistConfig``).
    """

    def __init__(self, X: Any, X_control: Any, Y: Any = None, Y_control: Any = None, dmd_class: Any = SubspaceDMDc,
                 dmd_config: Any = SubspaceDMDcConfig,
                 simdist_config: Any = ControllabilitySimilarityTransformDistConfig, device: Any = "cpu",
                 verbose: bool = False, n_jobs: int = 1):
        assert X_control is not None, "InputDSA requires X_control to be provided"
        assert takes_control(dmd_class), "InputDSA requires a DMD class with control"
        super().__init__(X, Y, X_control, Y_control, dmd_class, None, dmd_config, simdist_config, device, verbose,
                         n_jobs)
