"""Optimal transport between two sets of points of uniform masses, exactly."""

from __future__ import annotations

import numpy as np


def transport(cost: np.ndarray, supply: np.ndarray, demand: np.ndarray) -> np.ndarray:
    """The plan of least cost between integer masses of equal sums, by successive shortest paths with potentials (Ahuja,
    Magnanti and Orlin 1993, section 9.7). O((n + m) n m) for n x m costs."""
    rows, columns = cost.shape
    plan = np.zeros((rows, columns), dtype=np.int64)
    left, wanted = supply.astype(np.int64).copy(), demand.astype(np.int64).copy()
    u, v = np.zeros(rows), cost.min(axis=0).astype(float)
    for source in range(rows):
        while left[source] > 0:
            distance = cost[source] - u[source] - v
            parent = np.full(columns, source)  # the row from which a column is reached
            reached_from = np.full(rows, -1)  # the column from which a row is reached
            row_distance = np.full(rows, np.inf)
            row_distance[source] = 0.0
            done = np.zeros(columns, dtype=bool)
            while True:
                column = int(np.argmin(np.where(done, np.inf, distance)))
                if wanted[column] > 0:
                    break
                done[column] = True
                for row in np.flatnonzero((plan[:, column] > 0) & np.isinf(row_distance)):
                    row_distance[row], reached_from[row] = distance[column], column
                    through = distance[column] + cost[row] - u[row] - v
                    better = ~done & (through < distance)
                    distance[better], parent[better] = through[better], row
            end = distance[column]
            seen = np.isfinite(row_distance)
            u[seen] += end - row_distance[seen]
            v[done] -= end - distance[done]
            amount, at = min(left[source], wanted[column]), column
            while parent[at] != source:
                amount, at = min(amount, plan[parent[at], reached_from[parent[at]]]), reached_from[parent[at]]
            left[source] -= amount
            wanted[column] -= amount
            at = column
            while True:
                row = parent[at]
                plan[row, at] += amount
                if row == source:
                    break
                at = reached_from[row]
                plan[row, at] -= amount
    return plan


def spectra_distance(mu: np.ndarray, nu: np.ndarray) -> "tuple[float, np.ndarray, np.ndarray]":
    """Squared 2-Wasserstein distance of two spectra with masses 1/r_1 and 1/r_2, the plan and the costs."""
    cost = np.abs(mu[:, None] - nu[None, :]) ** 2
    common = int(np.lcm(len(mu), len(nu)))
    plan = transport(cost, np.full(len(mu), common // len(mu)), np.full(len(nu), common // len(nu))) / common
    return float((plan * cost).sum()), plan, cost
