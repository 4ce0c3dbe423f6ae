"""Files, in the formats of the command line."""

from __future__ import annotations

import os
from typing import Any, List, Sequence, Union

import numpy as np

from . import _core
from ._distances import DistanceMatrix
from ._operators import Operators
from ._systems import Systems, SystemsLike, as_systems

Path = Union[str, "os.PathLike[str]"]


def load(paths: Union[Path, Sequence[Path]], *, layout: str = "auto", npz: str = "systems") -> Systems:
    """Recordings from .npy, .npz, MATLAB and HDF5 files, "x.npz:array", "x.mat:variable", "x.h5:/path", folders,
    patterns or .json manifests, as the command line reads them (HDF5 and MATLAB 7.3 where the HDF5 library was built
    in).

    Arrays are mapped, not read, where the file allows. ``npz`` says whether the arrays of one file or group are
    "systems" or "trials" of one. Raises ``kindred.FileError`` or ``kindred.InvalidData`` that names file, array and
    value.
    """
    if isinstance(paths, (str, bytes, os.PathLike)):
        paths = [paths]
    return Systems(_core.load([os.fspath(path) for path in paths], layout, npz))


def load_operators(path: Path) -> Operators:
    """Operators from .npy (r x r, or N x r x r), .npz, HDF5 or MATLAB (one r x r array each); or spectra: a vector of
    eigenvalues a system."""
    return Operators(_core.load_operators(os.fspath(path)))


def save(path: Path, what: Union[DistanceMatrix, Operators, SystemsLike], *, stacked: bool = False) -> None:
    """Writes a ``DistanceMatrix`` (.npy, .npz), ``Operators`` (.npy, .npz) or recordings (.npz, an array each).
    ``stacked``: operators of one shape as one array of the .npz, with their names, input and output matrices beside
    it."""
    path = os.fspath(path)
    if isinstance(what, DistanceMatrix):
        what.save(path)
    elif isinstance(what, Operators):
        _core.save_operators(path, what._core, stacked)
    else:
        if not path.endswith(".npz"):
            raise ValueError(f"path: '{path}', expected a name that ends in .npz for recordings")
        systems = Systems(as_systems(what, "what"))
        arrays: List[Any] = [systems[i] for i in range(len(systems))]
        for name, array in zip(systems.names, arrays):
            if isinstance(array, list):
                raise ValueError(
                    f"what: '{name}' has trials of unequal length; save each system to a .npz of its trials")
        np.savez(path, **dict(zip(systems.names, arrays)))
