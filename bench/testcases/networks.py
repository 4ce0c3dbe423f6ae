#!/usr/bin/env python3
"""The training of `kindred train` again, by automatic differentiation in PyTorch: an independent check of its
gradients, its optimiser and its trials. Nothing is shared but the definitions: the pseudo-random numbers, tasks and
networks are written here a second time.

    apt-get install --no-install-recommends python3-torch          # Debian's; any PyTorch does
    networks.py rnn --kindred build/release/bin/kindred --updates 50 --units 16
    networks.py mamba --kindred build/release/bin/kindred --updates 50

Trains the group `master` of seed 0 in both, in float64 here and float32 there, and prints the mean loss between two
evaluations of each. Ends with an error if they differ by more than 1e-4.
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile

import torch

MASK = (1 << 64) - 1
MASTER_STREAM = 100  # the group's stream; initial values and trials have a sub-stream each
FIXATION, STIMULUS, DELAY, DECISION = (5, 10, 15), (150, 200, 250), (25, 50, 75), (5, 10, 15)
COHERENCES, NOISE = (6.4, 12.8, 25.6, 51.2), 0.22360679774997896
INPUTS, CLASSES, ANTI_DELAY = 7, 3, 3
CLIP, PENALTY, BATCH = 0.3, 1e-4, 64


def split_mix(x):
    x = (x + 0x9E3779B97F4A7C15) & MASK
    z = x
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return x, z ^ (z >> 31)


class Random:
    """xoshiro256++, filled by SplitMix64; normal numbers by the ratio of uniforms (Leva 1992)."""

    def __init__(self, seed, stream):
        x = seed ^ (split_mix(stream)[1] if stream else 0)
        self.state = []
        for _ in range(4):
            x, word = split_mix(x)
            self.state.append(word)

    def bits(self):
        s = self.state
        total = (s[0] + s[3]) & MASK
        result = ((((total << 23) & MASK) | (total >> 41)) + s[0]) & MASK
        t = (s[1] << 17) & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = ((s[3] << 45) & MASK) | (s[3] >> 19)
        return result

    def uniform(self, low=0.0, high=1.0):
        return low + (high - low) * (self.bits() >> 11) * 2.0**-53

    def below(self, n):
        reject = (1 << 64) % n
        while True:
            x = self.bits()
            if x >= reject:
                return x % n

    def normal(self):
        while True:
            u = 1.0 - self.uniform()
            v = 1.7156 * (self.uniform() - 0.5)
            x, y = u - 0.449871, abs(v) + 0.386595
            q = x * x + y * (0.19600 * y - 0.25472 * x)
            if q < 0.27597 or (q <= 0.27846 and v * v <= -4.0 * u * u * math.log(u)):
                return v / u


def single(values):
    """As float32 holds them, for calculation in float64."""
    return torch.tensor(values, dtype=torch.float32).double()


def draw_trials(random):
    """Inputs (steps x trials x 7), labels (steps x trials) and the first step of the decision: anti-delay."""
    fixation = FIXATION[random.below(3)]
    stimulus = STIMULUS[random.below(3)]
    delay = DELAY[random.below(3)]
    decision = DECISION[random.below(3)]
    first = fixation + stimulus + delay
    x = torch.zeros(first + decision, BATCH, INPUTS, dtype=torch.float64)
    labels = torch.zeros(first + decision, BATCH, dtype=torch.long)
    x[:first, :, 0] = 1
    x[:, :, 3 + ANTI_DELAY] = 1
    for k in range(BATCH):
        side = random.below(2)
        half = COHERENCES[random.below(len(COHERENCES))] / 200
        noise = [[random.normal(), random.normal()] for _ in range(stimulus)]
        both = [[0.5 + half + NOISE * n[0], 0.5 - half + NOISE * n[1]] for n in noise]
        x[fixation : fixation + stimulus, k, 1 + side] = single([b[0] for b in both])
        x[fixation : fixation + stimulus, k, 2 - side] = single([b[1] for b in both])
        labels[first:, k] = 1 + (1 - side)
    return x, labels, first


def uniform(random, rows, columns, bound):
    return single([[random.uniform(-bound, bound) for _ in range(columns)] for _ in range(rows)])


class LeakyRnn:
    def __init__(self, random, units):
        a, b = 1 / math.sqrt(units), 1 / math.sqrt(INPUTS)
        self.w = uniform(random, units, units, a)  # from x to
        self.w_in = uniform(random, INPUTS, units, b)
        self.bias = uniform(random, 1, units, b)
        self.readout = uniform(random, CLASSES, units, a)
        self.parameters = [self.w, self.w_in, self.bias, self.readout]

    def outputs(self, x):
        decay, h, out = math.exp(-0.2), torch.zeros(x.shape[1], self.w.shape[0], dtype=torch.float64), []
        for step in x:
            h = decay * h + (1 - decay) * torch.tanh(step @ self.w_in + h @ self.w + self.bias)
            out.append(h @ self.readout.T)
        return torch.stack(out)


class Mamba:
    STATES, TAPS = 16, 4

    def __init__(self, random, width, layers):
        d, e, rank = width, 2 * width, (width + 15) // 16
        self.rank, self.layers = rank, []
        b = 1 / math.sqrt(INPUTS)
        self.embed, self.embed_bias = uniform(random, INPUTS, d, b), uniform(random, 1, d, b)
        for _ in range(layers):
            layer = {"norm": torch.ones(d, dtype=torch.float64)}
            layer["in"] = uniform(random, d, 2 * e, 1 / math.sqrt(d))
            layer["taps"] = uniform(random, e, self.TAPS, 0.5)
            layer["taps_bias"] = uniform(random, 1, e, 0.5)
            layer["select"] = uniform(random, e, rank + 2 * self.STATES, 1 / math.sqrt(e))
            layer["step"] = uniform(random, rank, e, 1 / math.sqrt(rank))
            sizes = [max(math.exp(random.uniform(math.log(0.001), math.log(0.1))), 1e-4) for _ in range(e)]
            layer["step_bias"] = single([math.log(math.expm1(s)) for s in sizes])
            layer["log_rate"] = single([[math.log(n + 1) for n in range(self.STATES)] for _ in range(e)])
            layer["skip"] = torch.ones(e, dtype=torch.float64)
            layer["out"] = uniform(random, e, d, 1 / math.sqrt(e))
            self.layers.append(layer)
        self.norm = torch.ones(d, dtype=torch.float64)
        self.readout = uniform(random, d, CLASSES, 1 / math.sqrt(d))
        self.parameters = [self.embed, self.embed_bias]
        for layer in self.layers:
            self.parameters += layer.values()
        self.parameters += [self.norm, self.readout]

    @staticmethod
    def rms(v, gain):
        return gain * v / torch.sqrt((v * v).mean(-1, keepdim=True) + 1e-5)

    def layer(self, p, v):
        steps, trials, _ = v.shape
        a, q = (self.rms(v, p["norm"]) @ p["in"]).chunk(2, -1)
        padded = torch.cat([torch.zeros(self.TAPS - 1, trials, a.shape[2], dtype=a.dtype), a])
        c = p["taps_bias"] + sum(p["taps"][:, j] * padded[j : j + steps] for j in range(self.TAPS))
        s = torch.nn.functional.silu(c)
        r, b, out = torch.split(s @ p["select"], [self.rank, self.STATES, self.STATES], -1)
        step = torch.nn.functional.softplus(r @ p["step"] + p["step_bias"])
        rate = -torch.exp(p["log_rate"])
        h, y = torch.zeros(trials, a.shape[2], self.STATES, dtype=a.dtype), []
        for t in range(steps):
            h = torch.exp(step[t, :, :, None] * rate) * h + (step[t] * s[t])[:, :, None] * b[t, :, None, :]
            y.append((h * out[t, :, None, :]).sum(-1))
        y = torch.stack(y) + p["skip"] * s
        return v + (y * torch.nn.functional.silu(q)) @ p["out"]

    def outputs(self, x):
        v = x @ self.embed + self.embed_bias
        for p in self.layers:
            v = self.layer(p, v)
        return self.rms(v, self.norm) @ self.readout


def loss_of(net, x, labels, first):
    losses = torch.nn.functional.cross_entropy(
        net.outputs(x).reshape(-1, CLASSES), labels.reshape(-1), reduction="none"
    ).reshape(labels.shape)
    return 0.5 * losses[first:].mean() + 0.5 * losses[:first].mean() + PENALTY * sum(p.norm() for p in net.parameters)


def train(net, updates, rate, seed):
    random = Random(seed, 2 * MASTER_STREAM + 1)
    for p in net.parameters:
        p.requires_grad_()
    adam = torch.optim.Adam(net.parameters, lr=rate)
    out = []
    for _ in range(updates):
        random.below(1)  # the choice of a task: there is one
        loss = loss_of(net, *draw_trials(random))
        adam.zero_grad()
        loss.backward()
        norm = math.sqrt(sum((p.grad * p.grad).sum().item() for p in net.parameters))
        if norm > CLIP:
            for p in net.parameters:
                p.grad *= CLIP / norm
        adam.step()
        out.append(loss.item())
    return out


def kindred_curve(program, kind, size, updates):
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "train", kind, "--group", "master", "--seed", "0", "--updates", str(updates)]
        command += size + ["--out", folder + "/net.npz", "--json", "--quiet"]
        return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["curves"][0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", choices=["rnn", "mamba"])
    parser.add_argument("--kindred", default="kindred", help="the program")
    parser.add_argument("--updates", type=int, default=50)
    parser.add_argument("--units", type=int, default=16)
    parser.add_argument("--width", type=int, default=8)
    parser.add_argument("--layers", type=int, default=1)
    o = parser.parse_args()
    torch.set_num_threads(1)
    initial = Random(0, 2 * MASTER_STREAM)
    if o.network == "rnn":
        net, rate, size = LeakyRnn(initial, o.units), 0.002, ["--units", str(o.units)]
    else:
        net, rate = Mamba(initial, o.width, o.layers), 0.005
        size = ["--width", str(o.width), "--layers", str(o.layers)]
    curve = kindred_curve(o.kindred, o.network, size, o.updates)
    losses = train(net, o.updates, rate, 0)
    largest, before = 0.0, 0
    print("updates   kindred       torch         difference")
    for point in curve:
        if point["updates"] == before:
            continue
        here = sum(losses[before : point["updates"]]) / (point["updates"] - before)
        print(f"{point['updates']:7d}   {point['loss']:.8f}    {here:.8f}    {point['loss'] - here:+.1e}")
        largest, before = max(largest, abs(point["loss"] - here)), point["updates"]
    print(f"largest difference {largest:.1e}")
    if not largest <= 1e-4:
        sys.exit("the losses differ by more than 1e-4")


if __name__ == "__main__":
    main()
