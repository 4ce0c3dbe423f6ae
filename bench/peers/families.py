"""Families of operators on which alignment solvers are compared, from a seed, with NumPy alone.

An operator is r x r, float64, of unit Frobenius norm. The families differ in what makes the alignment hard:

  lorenz        DMD operators of delay-embedded Lorenz recordings, noise-free (nearly the identity; rank may exceed the
                data's)
  lorenz-noisy  the same with 1 % observation noise
  rnn           DMD operators of random recurrent networks, gains 0.8, 1.2, 1.6 (nearly normal)
  gaussian      Gaussian entries scaled to spectral radius 0.95 (far from normal)
  orthogonal    a random rotation with decaying columns (equal moduli, spread phases)

A pair is one of these kinds:

  unrelated     two operators of one family
  rotated       A and Q A Q^T, Q random in O(r): the distance is 0
  rotated+1%    A and Q (A + E) Q^T, ||E|| = 0.01 ||A||; rotated+10% likewise
  rotated+1%A0  the same with ||E|| = 0.01 ||A0||, A0 = A - (tr A / r) I: of the part that an alignment compares, which
                of operators near the identity is a small one; rotated+10%A0 likewise

Every draw depends on (seed, family, index) only, so a larger request begins with the smaller one.
"""

from dataclasses import dataclass

import numpy as np

KINDS = ("unrelated", "rotated", "rotated+1%", "rotated+10%", "rotated+1%A0", "rotated+10%A0")
NOISE = {"rotated": 0.0, "rotated+1%": 0.01, "rotated+10%": 0.1, "rotated+1%A0": 0.01, "rotated+10%A0": 0.1}
ORDER = 5  # stream of the order in which unrelated pairs are taken


@dataclass(frozen=True)
class Pair:
    family: str
    kind: str
    a: np.ndarray  # (r, r)
    b: np.ndarray  # (r, r)


def unit(a):
    return a / np.linalg.norm(a)


def random_orthogonal(r, rng):
    """A Haar-distributed element of O(r): QR with the signs of R's diagonal."""
    q, upper = np.linalg.qr(rng.standard_normal((r, r)))
    return q * np.sign(np.diag(upper))


def delay_embed(x, delays, interval):
    """x (trials, time, channels) -> (trials, rows, delays * channels), newest sample first."""
    rows = x.shape[1] - (delays - 1) * interval
    return np.concatenate([x[:, lag * interval : lag * interval + rows] for lag in reversed(range(delays))], axis=2)


def dmd(x, delays, interval, rank):
    """The DMD operator (rank, rank) of x on its first `rank` left singular directions; no step crosses a trial."""
    embedded = delay_embed(x, delays, interval)
    trials, rows, columns = embedded.shape
    u = np.linalg.svd(embedded.reshape(trials * rows, columns), full_matrices=False)[0][:, :rank]
    if u.shape[1] < rank:
        raise ValueError(f"rank {rank} asked of an embedding of {columns} columns")
    u = u.reshape(trials, rows, rank)
    before, after = u[:, :-1].reshape(-1, rank), u[:, 1:].reshape(-1, rank)
    return np.linalg.lstsq(before, after, rcond=None)[0].T


def lorenz_recording(rho, rng, trials=200, steps=200, dt=0.01, sigma=10.0, beta=2.667):
    """(trials, steps, 3): fourth-order Runge-Kutta from Gaussian starts, each trial min-max scaled to [0, 1]."""

    def velocity(x):
        return np.stack(
            [
                sigma * (x[:, 1] - x[:, 0]),
                x[:, 0] * (rho - x[:, 2]) - x[:, 1],
                x[:, 0] * x[:, 1] - beta * x[:, 2],
            ],
            axis=1,
        )

    x = rng.standard_normal((trials, 3)) + np.array([0.0, 1.0, 1.05])
    recording = np.empty((trials, steps, 3))
    for step in range(steps):
        recording[:, step] = x
        k1 = velocity(x)
        k2 = velocity(x + dt / 2 * k1)
        k3 = velocity(x + dt / 2 * k2)
        k4 = velocity(x + dt * k3)
        x = x + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    low, high = recording.min(axis=(1, 2), keepdims=True), recording.max(axis=(1, 2), keepdims=True)
    return (recording - low) / (high - low)


def lorenz(rank, index, rng, noise=0.0):
    recording = lorenz_recording((0.5, 10.0, 40.0, 5.0, 30.0, 15.0)[index % 6], rng)
    if noise > 0.0:
        recording = recording + noise * rng.standard_normal(recording.shape)
    return dmd(recording, delays=33, interval=6, rank=rank)


def rnn(rank, index, rng, units=128, trials=12, steps=400, transient=100, leak=0.2):
    """x <- (1 - leak) x + leak W tanh(x) + 0.1 noise, recorded as tanh(x) after the transient."""
    gain = (0.8, 1.2, 1.6)[index % 3]
    w = gain / np.sqrt(units) * rng.standard_normal((units, units))
    x = 0.5 * rng.standard_normal((trials, units))
    recording = np.empty((trials, steps, units))
    for step in range(-transient, steps):
        x = (1 - leak) * x + leak * np.tanh(x) @ w.T + 0.1 * rng.standard_normal(x.shape)
        if step >= 0:
            recording[:, step] = np.tanh(x)
    return dmd(recording, delays=3, interval=1, rank=rank)


def gaussian(rank, index, rng):
    a = rng.standard_normal((rank, rank))
    return 0.95 / np.abs(np.linalg.eigvals(a)).max() * a


def orthogonal(rank, index, rng):
    return random_orthogonal(rank, rng) * np.exp(-rng.uniform(0.0, 0.3, rank))


FAMILIES = {
    "lorenz": lorenz,
    "lorenz-noisy": lambda rank, index, rng: lorenz(rank, index, rng, noise=0.01),
    "rnn": rnn,
    "gaussian": gaussian,
    "orthogonal": orthogonal,
}
MAX_RANK = {"lorenz": 99, "lorenz-noisy": 99, "rnn": 384}


def generator(seed, family, *key):
    return np.random.default_rng([seed, list(FAMILIES).index(family), *key])


def operators(family, rank, count, seed):
    """(count, rank, rank) operators of unit norm."""
    return np.stack([unit(FAMILIES[family](rank, i, generator(seed, family, 0, i))) for i in range(count)])


def families_of_rank(rank):
    return [family for family in FAMILIES if rank <= MAX_RANK.get(family, rank)]


def pairs(rank, per_family, seed, families=None, kinds=KINDS, systems=12):
    """`per_family` pairs of each family and kind, families interleaved so that any prefix is balanced."""
    chosen = [family for family in families or FAMILIES if family in families_of_rank(rank)]
    pool = {family: operators(family, rank, systems, seed) for family in chosen}
    if per_family > systems * (systems - 1) // 2:
        raise ValueError(f"{per_family} pairs a family asked of {systems} systems")

    def draw(family, kind, index):
        place = KINDS.index(kind)
        rng = generator(seed, family, 1 + place if place < ORDER - 1 else 2 + place, index)
        if kind == "unrelated":
            order = generator(seed, family, ORDER).permutation(systems * (systems - 1) // 2)
            i, j = np.array(np.triu_indices(systems, k=1))[:, order[index]]
            i, j = (i, j) if rng.random() < 0.5 else (j, i)
            return Pair(family, kind, pool[family][i], pool[family][j])
        a, q = pool[family][index % systems], random_orthogonal(rank, rng)
        error = NOISE[kind] * unit(rng.standard_normal((rank, rank)))
        if kind.endswith("A0"):
            error *= np.linalg.norm(a - np.trace(a) / rank * np.eye(rank))
        return Pair(family, kind, a, unit(q @ (a + error) @ q.T))

    return [draw(family, kind, index) for index in range(per_family) for kind in kinds for family in chosen]
