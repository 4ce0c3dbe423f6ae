"""One system's recordings and their delay embedding: what the models with and without inputs have in common."""

from __future__ import annotations

import sys
import warnings
from typing import Any, List, Optional

import numpy as np

from .. import _engine
from .._errors import InvalidData
from ._arrays import give, trials_of


def device_of(device: Any) -> str:
    """"cpu" or "cuda:N" for whatever names a device."""
    name = f"cuda:{device}" if isinstance(device, int) and not isinstance(device, bool) else str(device)
    if not name.startswith("cuda"):
        return "cpu"
    if not any(known[0] == "cuda" for known in _engine._core.devices()):
        warnings.warn(f"CUDA device '{name}' requested but CUDA is not available. Falling back to CPU.", RuntimeWarning,
                      stacklevel=3)
        return "cpu"
    return name


class Embedded:
    """The trials of one system, n_delays and delay_interval, and the embedding ``H``."""

    n_delays: int
    delay_interval: int
    steps_ahead: int
    data: Any = None
    is_list_data = False
    _device: Any = "cpu"

    def _forget(self) -> None:
        """Drops what a fit left."""
        raise NotImplementedError

    def _is_fitted(self) -> bool:
        raise NotImplementedError

    def _take(self, data: Any) -> None:
        self._trials = trials_of(data)
        self.data, self.is_list_data = data, isinstance(data, (list, tuple))
        self.n = self._trials[0].shape[1]
        self.ntrials = len(self._trials)
        self._forget()

    @property
    def device(self) -> Any:
        """The device asked for; a torch.device where torch is imported."""
        torch = sys.modules.get("torch")
        return torch.device(self._device) if torch is not None else self._device

    def _rows(self) -> List[int]:
        """Rows of the embedding of each trial; an error where a trial is too short or holds a value that is not
        finite."""
        if self.data is None:
            raise ValueError("no data: pass them to DMD(...) or to fit(...)")
        rows = [len(trial) - (self.n_delays - 1) * self.delay_interval for trial in self._trials]
        for k, (trial, count) in enumerate(zip(self._trials, rows)):
            if count <= self.steps_ahead:
                raise ValueError(
                    "The number of delays is too large for the number of time points in the data! "
                    f"{self.n_delays} delays at interval {self.delay_interval} leave {max(count, 0)} rows of the "
                    f"{len(trial)} steps of trial {k}, and {self.steps_ahead + 1} are needed")
            require_finite(trial, f"data: trial {k}")
        return rows

    def compute_hankel(self, data: Any = None, n_delays: Optional[int] = None,
                       delay_interval: Optional[int] = None) -> None:
        """The delay embedding, in ``H``."""
        if data is not None:
            self._take(data)
        self.n_delays = int(n_delays) if n_delays is not None else self.n_delays
        self.delay_interval = int(delay_interval) if delay_interval is not None else self.delay_interval
        self._rows()
        self._blocks = [embed(trial, self.n_delays, self.delay_interval) for trial in self._trials]

    @property
    def H(self) -> Any:
        """The embedding: rows x columns, trials x rows x columns, or a list of trials."""
        if not hasattr(self, "_blocks"):
            if not self._is_fitted():
                return None
            self.compute_hankel()
        if self.is_list_data:
            return [give(block) for block in self._blocks]
        return give(self._blocks[0]) if np.ndim(self.data) == 2 else give(np.stack(self._blocks))

    def all_to_device(self, device: Any = "cpu") -> None:
        """Results lie in host memory already; remembered for scripts that ask."""
        self._device = device


class EmbeddedWithInputs(Embedded):
    """The same, and the inputs u of every step."""

    control_data: Any = None

    def _take_both(self, data: Any, control_data: Any) -> None:
        if control_data is None:
            raise ValueError("control data should be present, otherwise use DMD")
        self._take(data)
        self._controls = inputs_of(self._trials, control_data)
        self.control_data, self.n_inputs = control_data, self._controls[0].shape[1]

    def _replace(self, data: Any, control_data: Any) -> None:
        """Takes what is given in the place of what there is."""
        if data is not None or control_data is not None:
            self._take_both(self.data if data is None else data,
                            self.control_data if control_data is None else control_data)


def inputs_of(trials: List[np.ndarray], control_data: Any) -> List[np.ndarray]:
    """The inputs of these trials, one array a trial of as many steps."""
    controls = trials_of(control_data, "control_data")
    if len(controls) != len(trials):
        raise ValueError(f"control_data: {len(controls)} trials, expected {len(trials)} as in data")
    for k, (trial, control) in enumerate(zip(trials, controls)):
        if len(trial) != len(control):
            raise ValueError(f"control_data: trial {k} has {len(control)} steps, expected {len(trial)} as in data")
    return controls


def require_finite(trial: np.ndarray, where: str) -> None:
    """An error that names the first step and channel whose value is not finite."""
    if not np.isfinite(trial).all():
        step, channel = np.argwhere(~np.isfinite(trial))[0]
        raise InvalidData(f"{where}, step {step}, channel {channel} is {trial[step, channel]}")


def told_as(data: Any, parts: List[np.ndarray]) -> Any:
    """Trials in the form of the data that they belong to: a list, one array, or a stack."""
    if isinstance(data, (list, tuple)):
        return [give(part) for part in parts]
    return give(parts[0]) if np.ndim(data) == 2 else give(np.stack(parts))


def embed(trial: np.ndarray, delays: int, interval: int) -> np.ndarray:
    rows = len(trial) - (delays - 1) * interval
    return np.concatenate([trial[k * interval : k * interval + rows] for k in reversed(range(delays))], axis=1)
