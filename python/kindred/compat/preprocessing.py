"""Preparation of recordings, with the names of dsa-metric."""

from __future__ import annotations

from typing import Any, List, Optional, Union

import numpy as np

from ._arrays import matrix_of

__all__ = [
    "coarse_grain", "coarse_grain_space", "featurize_data", "gaussian_filter", "nonlinear_dimensionality_reduction",
    "normalize_data", "normalize_dataset", "pca_reduce"
]


def normalize_data(data: Any, data_min: Any = None, data_max: Any = None) -> np.ndarray:
    """Each channel to [0, 1] by its minimum and maximum over all other axes."""
    x = matrix_of(data, "data")
    axes = tuple(range(x.ndim - 1))
    low = x.min(axis=axes) if data_min is None else data_min
    high = x.max(axis=axes) if data_max is None else data_max
    span = np.where(np.asarray(high) > low, np.asarray(high) - low, 1)
    return (x - low) / span


def normalize_dataset(dataset: List[Any]) -> List[np.ndarray]:
    """``normalize_data`` with the minimum and maximum over all recordings."""
    arrays = [matrix_of(x, "dataset") for x in dataset]
    flat = np.concatenate([a.reshape(-1, a.shape[-1]) for a in arrays])
    return [normalize_data(a, flat.min(axis=0), flat.max(axis=0)) for a in arrays]


def coarse_grain(data: Any, bin_size: int, axis: int = -2) -> np.ndarray:
    """Means over bins of ``bin_size`` steps; the rest at the end is left out."""
    x = np.moveaxis(matrix_of(data, "data"), axis, 0)
    bins = len(x) // int(bin_size)
    if bins < 1:
        raise ValueError(f"bin_size: {bin_size} for {len(x)} steps")
    return np.moveaxis(x[: bins * bin_size].reshape(bins, bin_size, *x.shape[1:]).mean(axis=1), 0, axis)


def coarse_grain_space(data: Any, nbins: int) -> np.ndarray:
    """Means over groups of channels: ``nbins`` groups of equal size."""
    x = matrix_of(data, "data")
    return coarse_grain(x[..., : x.shape[-1] // nbins * nbins], x.shape[-1] // nbins, axis=-1)


def gaussian_filter(data: Any, sigma: float, axis: int = -2) -> np.ndarray:
    """Smoothing along time by a Gaussian of standard deviation ``sigma`` steps, cut at four of them, ends reflected."""
    x = np.moveaxis(matrix_of(data, "data"), axis, 0)
    reach = int(4 * sigma + 0.5)
    window = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    window /= window.sum()
    padded = np.pad(x, [(reach, reach)] + [(0, 0)] * (x.ndim - 1), mode="symmetric")
    out = sum(w * padded[k : k + len(x)] for k, w in enumerate(window))
    return np.moveaxis(np.asarray(out), 0, axis)


def pca_reduce(data: Any, n_components: int) -> np.ndarray:
    """Coordinates along the leading principal components of all samples."""
    x = matrix_of(data, "data")
    flat = x.reshape(-1, x.shape[-1])
    centred = flat - flat.mean(axis=0)
    _, _, vt = np.linalg.svd(centred, full_matrices=False)
    return (centred @ vt[:n_components].T).reshape(*x.shape[:-1], -1)


def featurize_data(data: Any, degree: int = 2) -> np.ndarray:
    """The channels and their powers up to ``degree``."""
    x = matrix_of(data, "data")
    return np.concatenate([x**power for power in range(1, degree + 1)], axis=-1)


def nonlinear_dimensionality_reduction(data: Any, n_components: int, method: str = "isomap",
                                       **options: Any) -> np.ndarray:
    """Coordinates by scikit-learn's manifold learning: "isomap", "lle" or "umap-like" names of its classes."""
    try:
        from sklearn import manifold
    except ImportError as error:
        raise ImportError("nonlinear_dimensionality_reduction needs scikit-learn: pip install scikit-learn") from error
    known = {"isomap": manifold.Isomap, "lle": manifold.LocallyLinearEmbedding, "spectral": manifold.SpectralEmbedding}
    if method not in known:
        raise ValueError(f"method: {method!r}, expected one of {', '.join(known)}")
    x = matrix_of(data, "data")
    flat = x.reshape(-1, x.shape[-1])
    return known[method](n_components=n_components, **options).fit_transform(flat).reshape(*x.shape[:-1], -1)
