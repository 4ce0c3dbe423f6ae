"""Residuals of a model's eigenpairs on data (ResDMD, Colbrook and Townsend 2024, doi 10.1002/cpa.22125)."""

from __future__ import annotations

from typing import Any, Tuple

import numpy as np

__all__ = [
    "ResidualComputer", "clean_spectrum", "compute_inverse_participation_ratio", "compute_residuals", "thresh_topn"
]

_Four = Tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


class ResidualComputer:
    """Squared residuals res(mu, g) = ||Y g - mu X g||^2 / ||X g||^2 of the eigenpairs of A_v^T, X and Y the embedded
    data before and after a step, in the coordinates of the model (less what the inputs add, of a model with inputs; the
    states of a ``SubspaceDMDc``); as dsa-metric, the square and not its root. Without data, those of the fit."""

    def __init__(self, model: Any, test_data: Any = None, control_data: Any = None):
        if model.A_v is None:
            raise ValueError("ResidualComputer: fit the model first")
        self.model = model
        self._x, self._y, self._operator = model._steps(test_data, control_data)

    def compute(self) -> _Four:
        """(``eigenvalues``, ``eigenvectors``, ``residuals``, ``normalized_residuals``: over those of persistence,
        mu = 1)."""
        self.eigenvalues, self.eigenvectors = np.linalg.eig(self._operator.T)
        x, y = self._x @ self.eigenvectors, self._y @ self.eigenvectors
        size = (np.abs(x) ** 2).sum(0)
        self.residuals = (np.abs(y - x * self.eigenvalues) ** 2).sum(0) / size
        self.persistence_residuals = (np.abs(y - x) ** 2).sum(0) / size
        self.normalized_residuals = self.residuals / (self.persistence_residuals + 1e-10)
        return self.eigenvalues, self.eigenvectors, self.residuals, self.normalized_residuals

    def compute_residuals(self) -> np.ndarray:
        """One number an eigenvalue."""
        return self.compute()[2]

    def get_average_residual(self) -> float:
        """The mean over eigenpairs."""
        return float(np.mean(self.compute_residuals()))

    def plot(self, ax: Any = None) -> Any:
        """The eigenvalues in the plane, coloured by residual, with the unit circle; needs matplotlib."""
        import matplotlib.pyplot as plt

        residuals = self.compute_residuals()
        ax = ax or plt.subplots()[1]
        circle = np.exp(1j * np.linspace(0, 2 * np.pi, 200))
        ax.plot(circle.real, circle.imag, color="0.7", linewidth=1)
        points = ax.scatter(self.eigenvalues.real, self.eigenvalues.imag, c=residuals)
        ax.figure.colorbar(points, ax=ax, label="residual")
        ax.set_aspect("equal")
        return ax


def compute_residuals(dmd: Any, data: Any = None, control_data: Any = None) -> _Four:
    """``ResidualComputer(dmd, data, control_data).compute()``."""
    return ResidualComputer(dmd, data, control_data).compute()


def clean_spectrum(eigenvalues: np.ndarray, eigenvectors: np.ndarray, residuals: np.ndarray,
                   epsilon: float) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Eigenvalues, eigenvectors and residuals of those whose residual is below ``epsilon``."""
    kept = np.abs(residuals) < epsilon
    return eigenvalues[kept], eigenvectors[:, kept], residuals[kept]


def thresh_topn(eigenvalues: np.ndarray, eigenvectors: np.ndarray, residuals: np.ndarray,
                n: int) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Those whose residual is at most the n-th smallest, counted from 0 as dsa-metric does; all where there are no more
    than n."""
    kept = np.abs(residuals) <= np.sort(np.abs(residuals))[min(n, len(residuals) - 1)]
    return eigenvalues[kept], eigenvectors[:, kept], residuals[kept]


def compute_inverse_participation_ratio(residuals: Any) -> float:
    """(sum of 1/res)^2 / sum of 1/res^2: how many eigenpairs are about as good as the best."""
    weights = 1 / (np.abs(np.asarray(residuals)) + 1e-10)
    return float(weights.sum() ** 2 / (weights**2).sum())
