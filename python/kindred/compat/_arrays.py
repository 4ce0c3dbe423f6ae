"""What goes in and comes out: NumPy arrays, or torch tensors where the script uses torch."""

from __future__ import annotations

import sys
from typing import Any, List, Union

import numpy as np

from .._systems import as_array

System = Union[np.ndarray, List[np.ndarray]]


class _Device:
    type = "cpu"

    def __str__(self) -> str:
        return "cpu"


class Array(np.ndarray):
    """An array with the few methods of a tensor that scripts call on results."""

    @property
    def device(self) -> Any:
        return _Device()

    def cpu(self) -> "Array":
        return self

    def detach(self) -> "Array":
        return self

    def numpy(self) -> np.ndarray:
        return np.asarray(self)

    def to(self, *_: Any, **__: Any) -> "Array":
        return self


def give(array: np.ndarray) -> Any:
    """A result for the script: a torch tensor in single precision, as dsa-metric gives it, where torch is imported;
    else an ``Array`` in double precision."""
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "from_numpy"):
        single = np.complex64 if np.iscomplexobj(array) else np.float32
        return torch.from_numpy(np.ascontiguousarray(array, dtype=single))
    return np.asarray(array).view(Array)


def matrix_of(value: Any, where: str) -> np.ndarray:
    """A matrix or a spectrum in double precision; the operand itself is never altered."""
    if hasattr(value, "detach"):
        value = value.detach()
        value = value.cpu() if hasattr(value, "cpu") else value
        value = value.numpy()
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{where}: no array: {error}") from error
    if array.dtype.kind == "c":
        return array.astype(np.complex128)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{where}: values of type {array.dtype}, expected numbers")
    return array.astype(np.float64)


def trials_of(data: Any, where: str = "data") -> List[np.ndarray]:
    """The trials of one system, each time x channels in double precision."""
    if isinstance(data, (list, tuple)):
        trials = [trial for k, part in enumerate(data) for trial in trials_of(part, f"{where}[{k}]")]
        if not trials:
            raise ValueError(f"{where}: an empty list of trials")
        if len({trial.shape[1] for trial in trials}) > 1:
            raise ValueError(
                "All tensors in the list must have the same number of features: "
                f"{where} has {sorted({trial.shape[1] for trial in trials})}"
            )
        return trials
    array = as_array(data, where).astype(np.float64, copy=False)
    if array.ndim in (2, 3) and not array.size:
        raise ValueError(f"{where}: an empty array, {array.shape}")
    if array.ndim == 2:
        return [array]
    if array.ndim == 3:
        return list(array)
    raise IndexError(f"{where}: {array.ndim} axes {array.shape}, expected time x channels or trials x time x channels")


def embed_signal_torch(data: Any, n_delays: int, delay_interval: int = 1) -> Any:
    """The delay embedding, newest step first: (trials x) rows x delays * channels, rows = T - (n_delays - 1) *
    delay_interval (arXiv 2306.10168). A list of trials gives a list."""
    if isinstance(data, (list, tuple)):
        return [embed_signal_torch(part, n_delays, delay_interval) for part in data]
    array = matrix_of(data, "data")
    if n_delays == 1:
        return give(array)
    rows = array.shape[-2] - (n_delays - 1) * delay_interval
    if rows < 1:
        raise ValueError(
            "The number of delays is too large for the number of time points in the data! "
            f"{n_delays} delays at interval {delay_interval} need more than {(n_delays - 1) * delay_interval} steps, "
            f"there are {array.shape[-2]}"
        )
    parts = [array[..., k * delay_interval : k * delay_interval + rows, :] for k in reversed(range(n_delays))]
    return give(np.concatenate(parts, axis=-1))
