# %% [markdown]
# # Same geometry, other dynamics
# The question of the DSA tutorial (Ostrow et al. 2023, arXiv 2306.10168): do two systems share their dynamics, whatever
# their geometry looks like? Ring and line attractors and limit cycles are seen through random bases. CKA follows the
# geometry that the basis makes; DSA follows the dynamics.

# %%
import numpy as np

import kindred

rng = np.random.default_rng(0)


def seen_through(x, channels=10, condition=20.0):
    """The same states through a random linear map: other geometry, the same dynamics."""
    u = np.linalg.qr(rng.normal(size=(channels, x.shape[-1])))[0]
    scales = np.geomspace(1, condition, x.shape[-1])
    return x @ (u * scales).T


families = {
    "ring": lambda k: kindred.simulate.ring_attractor(trials=30, seed=k),
    "line": lambda k: kindred.simulate.line_attractor(trials=30, seed=k),
    "cycle": lambda k: kindred.simulate.van_der_pol(mu=1, trials=30, seed=k),
}
names = [f"{family} {k}" for family in families for k in range(4)]
labels = [name.split()[0] for name in names]
systems = {name: seen_through(families[name.split()[0]](int(name.split()[1]))) for name in names}

# %% [markdown]
# ## Distances
# One call a metric; DSA fits each system's operator once and compares all pairs.

# %%
dsa = kindred.pairwise(systems, "dsa", delays=10, interval=2, rank=8, labels=labels)
cka = kindred.pairwise(systems, "cka", labels=labels)
dsa  # in a notebook: the clustered heat map and the embedding


# %%
def separation(d):
    """Mean distance between families over that within them."""
    values, groups = np.asarray(d), np.array(labels)
    same = groups[:, None] == groups
    off = ~np.eye(len(values), dtype=bool)
    return values[~same].mean() / values[same & off].mean()


print(f"between / within families: DSA {separation(dsa):.2f}, CKA {separation(cka):.2f}")

# %% [markdown]
# ## The figure
# Classical multidimensional scaling of both matrices.


# %%
def plane(d):
    squared = np.asarray(d) ** 2
    j = np.eye(len(squared)) - 1 / len(squared)
    values, vectors = np.linalg.eigh(-j @ squared @ j / 2)
    return vectors[:, -2:] * np.sqrt(np.maximum(values[-2:], 0))


try:
    import matplotlib.pyplot as plt
except ImportError:
    print("matplotlib is not installed: no figure")
else:
    figure, axes = plt.subplots(1, 2, figsize=(8, 4), layout="constrained")
    for ax, d, title in zip(axes, (dsa, cka), ("DSA", "CKA")):
        xy = plane(d)
        for family in families:
            member = np.array(labels) == family
            ax.scatter(xy[member, 0], xy[member, 1], label=family)
        ax.set_title(title)
    axes[0].legend()
    figure.savefig("dsa_tutorial.png")
