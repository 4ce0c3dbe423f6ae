"""From arrays to a matrix in ten lines."""

import kindred

systems = {f"rho {rho}": kindred.simulate.lorenz(rho, trials=50) for rho in (0.5, 0.75, 5, 10, 30, 50)}
labels = ["one attractor"] * 2 + ["two attractors"] * 2 + ["chaos"] * 2

d = kindred.pairwise(systems, "dsa", delays=33, interval=6, rank=10, labels=labels)

print(d)
print("proven lower bounds:", d.lower_bound[0].round(3))
d.report("lorenz.html")  # heat map, embedding, histogram: open it in a browser
