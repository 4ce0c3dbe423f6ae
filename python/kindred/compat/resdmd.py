"""Residuals of a model's eigenpairs on data (ResDMD, Colbrook and Townsend 2024, doi 10.1002/cpa.22125)."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["ResidualComputer", "compute_residuals"]


class ResidualComputer:
    """Squared residuals res(mu, g) = ||Y g - mu X g||^2 / ||X g||^2 of the eigenpairs of A_v^T, X and Y the embedded data
    before and after a step, in the coordinates of the model (less what the inputs add, of a model with inputs); as dsa-metric,
    the square and not its root."""

    def __init__(self, dmd: Any, data: Any = None, control_data: Any = None):
        if dmd.A_v is None:
            raise ValueError("ResidualComputer: fit the model first")
        self.dmd = dmd
        self._x, self._y, self._operator = dmd._steps(data, control_data)

    def compute_residuals(self) -> np.ndarray:
        """One number an eigenvalue; sets ``eigenvalues``, ``residuals`` and ``persistence_residuals`` (the same at 1)."""
        self.eigenvalues, vectors = np.linalg.eig(self._operator.T)
        x, y = self._x @ vectors, self._y @ vectors
        size = (np.abs(x) ** 2).sum(0)
        self.residuals = (np.abs(y - x * self.eigenvalues) ** 2).sum(0) / size
        self.persistence_residuals = (np.abs(y - x) ** 2).sum(0) / size
        self.normalized_residuals = self.residuals / (self.persistence_residuals + 1e-10)
        return self.residuals

    def average_residual(self) -> float:
        """The mean over eigenpairs."""
        return float(np.mean(np.abs(self.compute_residuals())))

    def clean_spectrum(self, eps: float) -> np.ndarray:
        """The eigenvalues whose residual is below ``eps``."""
        residuals = self.compute_residuals()
        return self.eigenvalues[residuals < eps]

    def thresh_topn(self, n: int) -> np.ndarray:
        """The eigenvalues with the smallest residuals."""
        residuals = self.compute_residuals()
        return self.eigenvalues[residuals <= np.sort(residuals)[min(n, len(residuals) - 1)]]

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


def compute_residuals(dmd: Any, data: Any = None, control_data: Any = None) -> np.ndarray:
    """``ResidualComputer(dmd, data, control_data).compute_residuals()``."""
    return ResidualComputer(dmd, data, control_data).compute_residuals()
