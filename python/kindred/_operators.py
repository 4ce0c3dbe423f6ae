"""Linear operators and how they were fitted."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Union

import numpy as np

from . import _core
from ._errors import InvalidData


class Operator(np.ndarray):
    """One DMD operator: an r x r float64 array, x(t + 1) = A x(t) (+ ``B`` u(t), where there were inputs; y(t) = ``C``
    x(t), of subspace identification), with ``name``, ``label`` and ``facts`` of its fit (status, rank, numerical_rank,
    numerical_rank_is_bound, rows, columns, sigma_ratio, residual, detail). Of ``fit(basis=True)``, ``basis`` @ x is the
    embedded row of the state x (columns x r, newest samples first), and ``sigma`` are the singular values."""

    name: str
    label: str
    facts: Dict[str, Any]
    B: Optional[np.ndarray]
    C: Optional[np.ndarray]
    basis: Optional[np.ndarray]
    sigma: Optional[np.ndarray]

    def __new__(cls, values: np.ndarray, name: str = "", label: str = "", facts: Optional[Dict[str, Any]] = None,
                B: Optional[np.ndarray] = None, C: Optional[np.ndarray] = None, basis: Optional[np.ndarray] = None,
                sigma: Optional[np.ndarray] = None) -> "Operator":
        self = np.asarray(values, dtype=np.float64).view(cls)
        self.name, self.label, self.facts, self.B, self.C = name, label, dict(facts or {}), B, C
        self.basis, self.sigma = basis, sigma
        return self

    def __array_finalize__(self, other: Any) -> None:
        self.name = getattr(other, "name", "")
        self.label = getattr(other, "label", "")
        self.facts = getattr(other, "facts", {})
        self.B = getattr(other, "B", None)
        self.C = getattr(other, "C", None)
        self.basis = getattr(other, "basis", None)
        self.sigma = getattr(other, "sigma", None)


class Spectrum(np.ndarray):
    """A system of which the eigenvalues alone are known: a complex vector, with ``name`` and ``label``."""

    name: str
    label: str

    def __new__(cls, values: Any, name: str = "", label: str = "") -> "Spectrum":
        self = np.asarray(values, dtype=np.complex128).view(cls)
        self.name, self.label = name, label
        return self

    def __array_finalize__(self, other: Any) -> None:
        self.name = getattr(other, "name", "")
        self.label = getattr(other, "label", "")


class Operators(Sequence):
    """A collection of operators: a sequence of ``Operator``; also by name. Of a system that is known by its eigenvalues
    alone, a ``Spectrum``: the spectral metrics compare them, others refuse them."""

    def __init__(self, core: Any):
        self._core = core

    @classmethod
    def of(cls, values: "OperatorsLike", names: Optional[Sequence[str]] = None) -> "Operators":
        """Square matrices from anywhere: a dict {name: matrix}, a sequence of matrices, or an N x r x r array. In place
        of matrices, spectra: vectors of eigenvalues, complex or real, of any lengths."""
        return cls(as_operators(values, "values", names))

    @property
    def names(self) -> List[str]:
        return [self._core.name(i) for i in range(len(self))]

    @property
    def labels(self) -> List[str]:
        return [self._core.label(i) for i in range(len(self))]

    @property
    def facts(self) -> List[Dict[str, Any]]:
        return [self._core.facts(i) for i in range(len(self))]

    def __len__(self) -> int:
        return len(self._core)

    def _at(self, i: int) -> Union[Operator, Spectrum]:
        spectrum = self._core.spectrum(i)
        if spectrum is not None:
            return Spectrum(spectrum, self._core.name(i), self._core.label(i))
        return Operator(self._core.array(i), self._core.name(i), self._core.label(i), self._core.facts(i),
                        self._core.input_matrix(i), self._core.output_matrix(i), self._core.basis(i),
                        self._core.singular_values(i))

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            names = self.names
            if key not in names:
                raise KeyError(f"no operator '{key}'")
            return self._at(names.index(key))
        if isinstance(key, slice):
            return [self._at(i) for i in range(len(self))[key]]
        return self._at(range(len(self))[key])

    def __iter__(self) -> Iterator[Union[Operator, Spectrum]]:
        return (self._at(i) for i in range(len(self)))

    def __reduce__(self) -> Any:
        kept = [[getattr(a, part, None) for part in ("B", "C", "basis", "sigma")] for a in self]
        matrices = [[None if m is None else np.array(m) for m in parts] for parts in kept]
        return _operators_of, ([np.array(a) for a in self], self.names, self.labels, self.facts, matrices)

    def __repr__(self) -> str:
        names = self.names
        return f"<kindred.Operators: {', '.join(names[:6])}{', ...' if len(names) > 6 else ''}>"


def _operators_of(arrays: List[np.ndarray], names: List[str], labels: List[str], facts: List[Dict[str, Any]],
                  matrices: List[List[Optional[np.ndarray]]]) -> Operators:
    """The collection that was pickled."""
    core = _core.OperatorSet()
    for array, name, label, known, (b, c, basis, sigma) in zip(arrays, names, labels, facts, matrices):
        (core.add if array.ndim == 2 else core.add_spectrum)(name, label, array)
        core.set_facts(len(core) - 1, known)
        if b is not None:
            core.set_input_matrix(len(core) - 1, b)
        if c is not None:
            core.set_output_matrix(len(core) - 1, c)
        if basis is not None:
            core.set_basis(len(core) - 1, basis, sigma)
    return Operators(core)


OperatorsLike = Union[Operators, Mapping[str, np.ndarray], Sequence[np.ndarray]]


def as_operators(values: OperatorsLike, argument: str = "operators", names: Optional[Sequence[str]] = None) -> Any:
    """The library's collection of square matrices: an ``Operators``, a dict {name: matrix}, a sequence of matrices, or
    an N x r x r array; a vector is a spectrum. An ``Operator`` keeps its input matrix."""
    if isinstance(values, Operators):
        return values._core
    if isinstance(values, Mapping):
        names, values = [str(name) for name in values], list(values.values())
    elif isinstance(values, (str, bytes)) or not hasattr(values, "__len__") or not hasattr(values, "__getitem__"):
        raise TypeError(
            f"{argument}: {type(values).__name__}, expected square matrices: a list, a dict or an N x r x r array")
    if not len(values):
        raise InvalidData(f"{argument}: no operators")
    if getattr(values, "ndim", 3) < 3:
        raise InvalidData(
            f"{argument}: shape {values.shape}, expected N x r x r, or a list of matrices or of vectors of eigenvalues"
        )
    if names is None:
        names = [getattr(value, "name", "") or str(i) for i, value in enumerate(values)]
    if len(names) != len(values):
        raise ValueError(f"names: {len(names)} for {len(values)} operators")
    core = _core.OperatorSet()
    for name, value in zip(names, values):
        array = _numbers(value, f"{argument}: '{name}'")
        (core.add if array.ndim == 2 else core.add_spectrum)(str(name), getattr(value, "label", ""), array)
        if isinstance(value, Operator) and value.B is not None:
            core.set_input_matrix(len(core) - 1, np.ascontiguousarray(value.B, dtype=np.float64))
    return core


def _numbers(value: Any, where: str) -> np.ndarray:
    """One operator in double precision, its rows one after another in memory, or one spectrum."""
    try:
        array = np.asarray(value.detach().cpu() if hasattr(value, "detach") else value)
    except ValueError as error:
        raise InvalidData(f"{where} is no matrix: {error}") from error
    if array.dtype.kind not in "fiubc":
        raise TypeError(f"{where} holds values of type {array.dtype}, expected numbers")
    if not array.size or not (array.ndim == 1 or array.ndim == 2 and array.shape[0] == array.shape[1]):
        raise InvalidData(f"{where} has shape {array.shape}, expected a square matrix, or a vector of eigenvalues")
    if array.dtype.kind == "c" and array.ndim == 2:
        raise TypeError(f"{where} holds complex values; operators are real, a vector of eigenvalues may be complex")
    if not np.isfinite(array).all():
        bad = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise InvalidData(f"{where} holds {array[bad]} at {list(bad)}, expected finite numbers")
    return np.ascontiguousarray(array, dtype=np.complex128 if array.ndim == 1 else np.float64)
