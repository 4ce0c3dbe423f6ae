"""From what people hold in their hands (arrays, tensors, frames, lists of trials, dicts) to the library's
recordings."""

from __future__ import annotations

import collections.abc
import types
import warnings
from typing import Any, List, Mapping, Optional, Sequence, Tuple, Union

import numpy as np

from . import _core
from ._errors import ConversionWarning, InvalidData

# The orders in which a file or an array may hold its axes, as on the command line.
_LAYOUTS = {
    "auto": None,
    "time,channels": (0, 1),
    "channels,time": (1, 0),
    "trials,time,channels": (0, 1, 2),
    "trials,channels,time": (0, 2, 1),
    "time,trials,channels": (1, 0, 2),
    "time,channels,trials": (2, 0, 1),
    "channels,time,trials": (2, 1, 0),
    "channels,trials,time": (1, 2, 0),
}


def _is_torch(value: Any) -> bool:
    return type(value).__module__.split(".")[0] == "torch" and hasattr(value, "detach")


def _on_cuda(value: Any) -> bool:
    if _is_torch(value):
        return value.device.type == "cuda"
    return hasattr(value, "__cuda_array_interface__")


def is_array(value: Any) -> bool:
    """Whether a value is one array in itself, not a list of arrays."""
    if isinstance(value, (list, tuple, str, bytes, collections.abc.Mapping)):
        return False
    return (
        isinstance(value, np.ndarray)
        or _is_torch(value)
        or any(hasattr(value, name) for name in ("__array__", "__dlpack__", "__cuda_array_interface__"))
    )


def _convert(array: np.ndarray, where: str) -> np.ndarray:
    """The array as native float32 or float64 with strides that a view can have."""
    kind, size = array.dtype.kind, array.dtype.itemsize
    if kind == "f" and size in (4, 8):
        target: np.dtype = np.dtype(np.float32 if size == 4 else np.float64)
    elif kind == "f":
        target = np.dtype(np.float32 if size < 4 else np.float64)
    elif kind in "iub":
        target = np.dtype(np.float64)
        warnings.warn(f"{where}: {array.dtype} values are converted to float64", ConversionWarning, stacklevel=5)
    elif kind == "c":
        raise TypeError(
            f"{where}: complex values; pass the real and the imaginary part as channels of their own, or eigenvalues "
            "by Operators.of"
        )
    elif kind == "O":
        raise TypeError(
            f"{where}: an array of Python objects (trials of unequal length?); pass a list of trials, "
            "each time x channels"
        )
    else:
        raise TypeError(f"{where}: values of type {array.dtype}, expected real numbers")
    if array.dtype != target:
        array = array.astype(target)
    # A copy where a view would not do: odd strides (fields of records), or negative ones.
    if any(stride < 0 or stride % target.itemsize for stride in array.strides) or not array.flags.aligned:
        array = np.array(array, dtype=target, order="C", copy=True)
    return array


def as_array(value: Any, where: str) -> np.ndarray:
    """Any array in host memory, as NumPy's; copied only if it must be converted."""
    if isinstance(value, np.ma.MaskedArray):
        if np.ma.is_masked(value):
            raise InvalidData(f"{where}: masked values; fill them or leave those samples out")
        value = value.data
    elif _is_torch(value):
        value = value.detach()
        if value.is_sparse:
            raise TypeError(f"{where}: a sparse tensor; pass tensor.to_dense()")
        if value.device.type != "cpu":
            value = value.cpu()
        if value.is_floating_point() and value.element_size() < 4:
            value = value.float()
        value = value.numpy()
    elif not isinstance(value, (np.ndarray, type)):
        try:
            if hasattr(value, "to_numpy"):  # pandas, xarray
                value = value.to_numpy()
            elif hasattr(value, "__array__"):
                value = np.asarray(value)
            elif hasattr(value, "__dlpack__"):
                value = np.from_dlpack(value)
        except Exception as error:
            raise TypeError(f"{where}: {type(value).__name__} gives no array: {error}") from error
    if not isinstance(value, np.ndarray):
        raise TypeError(
            f"{where}: {type(value).__name__}, expected an array of time x channels or trials x time x channels")
    return _convert(np.asarray(value), where)


def _arranged(array: np.ndarray, layout: str, where: str) -> np.ndarray:
    """The array as (trials x) time x channels."""
    if array.ndim not in (2, 3):
        hint = "; a single channel is array[:, None]" if array.ndim == 1 else ""
        raise InvalidData(
            f"{where}: {array.ndim} axes {array.shape}, expected time x channels or trials x time x channels{hint}"
        )
    if not array.size:
        raise InvalidData(f"{where}: an empty array, {array.shape}")
    order = _LAYOUTS[layout]
    if order is None:
        return array
    if len(order) != array.ndim:
        raise InvalidData(f"{where}: {array.ndim} axes {array.shape}, but the layout is '{layout}'")
    return array.transpose(order)


def _device_view(value: Any, where: str) -> Tuple[int, Tuple[int, ...], Tuple[int, ...], bool, Any]:
    """Address, shape, strides in elements, whether float32, and the owner of an array in device memory."""
    if _is_torch(value):
        import torch

        value = value.detach()
        if value.dtype not in (torch.float32, torch.float64):
            value = value.double() if not value.is_floating_point() else value.float()
        torch.cuda.current_stream(value.device).synchronize()
    interface = value.__cuda_array_interface__
    dtype = np.dtype(interface["typestr"])
    if dtype not in (np.float32, np.float64):
        raise TypeError(f"{where}: {dtype} in device memory, expected float32 or float64")
    shape = tuple(interface["shape"])
    strides = interface.get("strides")
    if strides is None:
        strides = tuple(int(np.prod(shape[axis + 1 :])) for axis in range(len(shape)))
    else:
        strides = tuple(stride // dtype.itemsize for stride in strides)
    if not _is_torch(value) and interface.get("stream") is not None and hasattr(value, "device"):
        value.device.synchronize()  # CuPy: what computes the values must have ended
    return interface["data"][0], shape, strides, dtype == np.float32, value


def _add(systems: Any, name: str, label: str, value: Any, layout: str, where: str, on_device: bool) -> None:
    if isinstance(value, (list, tuple)):
        if not value:
            raise InvalidData(f"{where}: an empty list of trials")
        trials = [_arranged(as_array(trial, f"{where}, trial {k}"), layout, f"{where}, trial {k}")
                  for k, trial in enumerate(value)]
        if any(trial.dtype != trials[0].dtype for trial in trials):
            trials = [trial.astype(np.float64, copy=False) for trial in trials]
        systems.add(name, label, trials)
    elif on_device and _on_cuda(value):
        address, shape, strides, f32, owner = _device_view(value, where)
        order = _LAYOUTS[layout]
        if order is not None and len(order) == len(shape):
            shape, strides = tuple(shape[k] for k in order), tuple(strides[k] for k in order)
        systems.add_device(name, label, address, list(shape), list(strides), f32, owner)
    else:
        systems.add(name, label, [_arranged(as_array(value, where), layout, where)])


Recording = Any
SystemsLike = Union[Mapping[str, Recording], Sequence[Recording], "Systems"]


class Systems:
    """Recordings with names and labels, as ``kindred.load`` returns them; a sequence of their arrays.

    ``systems[i]`` is one array (trials x time x channels) where all trials are of one length, else a list of arrays
    (time x channels), one a trial: views of the memory that holds the values.
    """

    def __init__(self, core: Any):
        self._core = core

    @property
    def names(self) -> List[str]:
        """The systems' names."""
        return self._core.names()

    @property
    def labels(self) -> List[str]:
        """The systems' group labels; an empty string where one has none."""
        return self._core.labels()

    @property
    def gaps(self) -> List[dict]:
        """Of each prepared system: missing ``values``, how many were ``interpolated``, ``steps_left_out`` and
        ``short_pieces_left_out`` (``preprocess``)."""
        return self._core.gaps()

    @property
    def failures(self) -> List[str]:
        """Of each prepared system: why its preparation could not be done (its values are zeros then); an empty string
        where it could."""
        return self._core.failures()

    def __len__(self) -> int:
        return len(self._core)

    def __getitem__(self, index: int) -> Union[np.ndarray, List[np.ndarray]]:
        trials = self._core.trials(range(len(self))[index])
        return trials[0] if len(trials) == 1 else trials

    def __reduce__(self) -> Any:
        trials = [[np.array(t) for t in self._core.trials(i)] for i in range(len(self))]
        return _systems_of, (trials, self.names, self.labels, [self._core.state(i) for i in range(len(self))])

    def __repr__(self) -> str:
        return f"<kindred.Systems: {', '.join(self.names[:6])}{', ...' if len(self) > 6 else ''}>"


def _systems_of(recordings: List[List[np.ndarray]], names: List[str], labels: List[str], states: List[Any]) -> Systems:
    """The collection that was pickled."""
    core = _core.Systems()
    for trials, name, label in zip(recordings, names, labels):
        core.add(name, label, trials)
    for i, state in enumerate(states):
        core.restore(i, state)
    return Systems(core)


def _default_names(count: int) -> List[str]:
    return [str(i) for i in range(count)]


def as_systems(
    values: SystemsLike,
    argument: str = "systems",
    names: Optional[Sequence[str]] = None,
    labels: Optional[Sequence[str]] = None,
    layout: str = "auto",
    on_device: bool = False,
) -> Any:
    """The library's collection of the systems in `values`: a dict {name: recording} or a sequence of recordings."""
    if layout not in _LAYOUTS:
        raise ValueError(f"layout: '{layout}', expected one of {', '.join(_LAYOUTS)}")
    if isinstance(values, Systems):
        if names is None and labels is None:
            return values._core
        names = values.names if names is None else names
        labels = values.labels if labels is None else labels
    elif isinstance(values, collections.abc.Mapping):
        if names is not None:
            raise TypeError("names: given twice, as keys of the dict and as an argument")
        names, values = [str(name) for name in values], list(values.values())
    elif isinstance(values, (collections.abc.Iterator, types.GeneratorType)):
        raise TypeError(f"{argument}: an iterator can be read only once; pass list({argument})")
    elif is_array(values):
        if getattr(values, "ndim", 0) != 4:
            raise TypeError(
                f"{argument}: one array; expected a list or a dict of recordings (a list of one for a single system), "
                "or an array of systems x trials x time x channels"
            )
    elif isinstance(values, (str, bytes)) or not isinstance(values, collections.abc.Sequence):
        hint = "; kindred.load reads files" if isinstance(values, (str, bytes)) else ""
        raise TypeError(f"{argument}: {type(values).__name__}, expected a list or a dict of recordings{hint}")
    count = len(values)
    if count == 0:
        raise InvalidData(f"{argument}: no systems")
    for given, what in ((names, "names"), (labels, "labels")):
        if given is not None and (isinstance(given, str) or len(given) != count):
            found = "one string" if isinstance(given, str) else str(len(given))
            raise ValueError(f"{what}: {found} for {count} systems")
    names = _default_names(count) if names is None else [str(name) for name in names]
    labels = [""] * count if labels is None else [str(label) for label in labels]
    if isinstance(values, Systems):
        return values._core.renamed(names, labels)
    systems = _core.Systems()
    for i, (name, label) in enumerate(zip(names, labels)):
        _add(systems, name, label, values[i], layout, f"{argument}[{i}] ('{name}')", on_device)
    return systems
