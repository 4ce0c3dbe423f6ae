"""Comparison of operators with inputs, with the names of dsa-metric's class."""

from __future__ import annotations

import inspect
from typing import Any, Dict, List, Tuple, Union

import numpy as np

from .. import _engine
from .._operators import Operator, Operators
from ._arrays import matrix_of

__all__ = ["ControllabilitySimilarityTransformDist", "JointDistanceWarning"]

SCORES, COMPARISONS = ("euclidean", "angular"), ("joint", "control")


class JointDistanceWarning(UserWarning):
    """The joint distance is the minimum, where dsa-metric 2.0.2 applies the alignment to the wrong system."""


def takes_control(dmd_class: Any) -> bool:
    """Whether a class of models fits an input matrix: DMDc, SubspaceDMDc, or one whose constructor or fit takes
    ``control_data``."""
    return any("control_data" in inspect.signature(function).parameters
               for function in (getattr(dmd_class, "__init__", None), getattr(dmd_class, "fit", None))
               if inspect.isfunction(function))


class ControllabilitySimilarityTransformDist:
    """The distance of two operators with inputs, x(t+1) = A x(t) + B u(t), under one orthogonal change of the states'
    basis.

    With K = [B, A B, A^T B, A^2 B, (A^T)^2 B, ...] up to as many powers as states: "joint" is min over C of
    ||K_1 - C K_2||_F, "control" the same of B_1 and B_2 alone (arXiv 2510.25943), or with ``score_method="angular"``
    the angle in radians. ``return_distance_components=True`` gives (joint, state, control): also ||A_1 - C A_2 C^T||_F
    and ||B_1 - C B_2||_F with the joint C.
    """

    def __init__(self, *, score_method: str = "euclidean", compare: str = "joint", align_inputs: bool = False,
                 return_distance_components: bool = False):
        if align_inputs:
            raise ValueError("align_inputs=True: inputs are compared one by one; dsa-metric refuses it too")
        if compare == "state":
            raise ValueError("To compute state similarity alone, use the SimilarityTransformDist class")
        if compare not in COMPARISONS:
            raise ValueError(f"Invalid compare value: {compare!r}, expected joint or control")
        if score_method not in SCORES:
            raise ValueError(f"score_method must be one of {', '.join(SCORES)}; got {score_method!r}")
        self.score_method, self.compare = score_method, compare
        self.align_inputs, self.return_distance_components = align_inputs, return_distance_components

    def fit_score(self, A: Any, B: Any, A_control: Any, B_control: Any) -> Union[float, Tuple[float, ...]]:
        """The distance of (A, A_control) and (B, B_control), or its three parts; nothing is altered."""
        values = self._distances([[A], [B]], [[A_control], [B_control]], {})[0, 0]
        return float(values[0]) if len(values) == 1 else tuple(float(v) for v in values)

    def _distances(self, sides: List[List[Any]], inputs: List[List[Any]], common: Dict[str, Any]) -> np.ndarray:
        """Rows against columns, or all pairs of one side: rows x columns x (1 or 3)."""
        names = [["A"], ["B"]] if [len(side) for side in sides] == [1, 1] else [None, None]
        sets = [Operators.of([_operator(a, b) for a, b in zip(side, matrices)], name)
                for side, matrices, name in zip(sides, inputs, names)]
        parts = [self.compare]
        if self.return_distance_components and self.compare == "joint":
            parts += ["joint-state", "joint-control"]
        options: Dict[str, Any] = {"score": self.score_method, "progress": False, **common}
        found = [np.array(_engine.pairwise(sets[0], "input-joint", compare=part, **options) if len(sets) == 1 else
                          _engine.cross(sets[0], sets[1], "input-joint", compare=part, **options)) for part in parts]
        return np.stack(found, axis=-1)


def _operator(a: Any, b: Any) -> Operator:
    matrix = matrix_of(b, "the input matrix")
    if matrix.ndim != 2:
        raise ValueError(f"the input matrix has shape {matrix.shape}, expected states x inputs")
    return Operator(matrix_of(a, "the operator"), B=matrix)
