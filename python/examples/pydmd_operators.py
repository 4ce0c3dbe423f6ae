"""Operators fitted by PyDMD, compared by kindred."""

from pydmd import DMD

import kindred

operators = {}
for rho in (0.5, 0.75, 30.0, 50.0):
    x = kindred.simulate.lorenz(rho, trials=1, steps=400)[0]
    model = DMD(svd_rank=3).fit(x.T)  # PyDMD takes channels x time
    operators[f"rho {rho}"] = model.operator.as_numpy_array.real

print(kindred.pairwise(kindred.Operators.of(operators), "dsa"))
