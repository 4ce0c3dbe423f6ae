#!/usr/bin/env python3
"""Inputs of same_bits.sh, written with the standard library alone.

  same_bits_inputs.py operators FOLDER      200 random operators: FOLDER/rR.npy, sizes 3 to 100, of several kinds
  same_bits_inputs.py split FILE.npy FOLDER  what FILE holds, as kindred reads it; prints "operators PATH" or
                                             "recordings PATH ..." or nothing where the shape is of neither:
      (systems, trials, time, channels)  recordings, a file a system
      (pairs, 2, r, r)                   operators, all pairs one after the other
      (systems, r, r)                    operators
      (trials, time, channels)           one recording
"""
import math
import os
import random
import struct
import sys


def write(path, shape, data):
    header = "{'descr': '<f8', 'fortran_order': False, 'shape': (%s,), }" % ", ".join(map(str, shape))
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + data)


def product(a, b):
    columns = list(zip(*b))
    return [[sum(x * y for x, y in zip(row, column)) for column in columns] for row in a]


def transposed(a):
    return [list(row) for row in zip(*a)]


def gaussian(r, draw):
    return [[draw.gauss(0, 1) for _ in range(r)] for _ in range(r)]


def orthogonal(r, draw):
    """Gram-Schmidt on Gaussian rows, twice."""
    rows = []
    for row in gaussian(r, draw):
        for _ in range(2):
            for other in rows:
                along = sum(x * y for x, y in zip(row, other))
                row = [x - along * y for x, y in zip(row, other)]
        norm = math.sqrt(sum(x * x for x in row))
        rows.append([x / norm for x in row])
    return rows


def operator(kind, r, draw, before):
    """One r x r operator; `before`: the last one, of which every fifth is a copy in other coordinates with some
    noise."""
    g = gaussian(r, draw)
    if kind == 1:  # slow: nearly the identity, nearly normal
        return [[(i == j) + (0.3 * (g[i][j] - g[j][i]) + 0.03 * g[i][j]) / math.sqrt(r) for j in range(r)]
                for i in range(r)]
    if kind == 2:  # decaying modes
        q, decay = orthogonal(r, draw), [math.exp(-0.3 * draw.random()) for _ in range(r)]
        return [[q[i][j] * decay[j] for j in range(r)] for i in range(r)]
    if kind == 3:  # symmetric, skew or upper triangular
        which = draw.randrange(3)
        return [[g[i][j] + g[j][i] if which == 0 else g[i][j] - g[j][i] if which == 1 else g[i][j] * (i <= j)
                 for j in range(r)] for i in range(r)]
    if kind == 4 and before is not None:
        noise = draw.choice([0.0, 0.01, 0.1]) / math.sqrt(r)
        q = orthogonal(r, draw)
        return product(product(q, [[x + noise * y for x, y in zip(u, v)] for u, v in zip(before, g)]), transposed(q))
    return [[x / math.sqrt(r) for x in row] for row in g]


def operators(folder):
    for r, count in ((3, 56), (6, 56), (10, 48), (20, 24), (33, 8), (50, 6), (100, 2)):
        draw, last, values = random.Random(1000 + r), None, []
        for k in range(count):
            last = operator(k % 5, r, draw, last)
            values += [x for row in last for x in row]
        write(os.path.join(folder, f"r{r}.npy"), (count, r, r), struct.pack(f"<{len(values)}d", *values))


def split(path, folder):
    with open(path, "rb") as file:
        head = file.read(10)
        if head[:7] != b"\x93NUMPY\x01":
            return
        header = eval(file.read(struct.unpack("<H", head[8:])[0]).decode(), {"__builtins__": {}})
        data = file.read()
    shape, stem = header["shape"], os.path.splitext(os.path.basename(path))[0]
    if header["fortran_order"] or header["descr"] != "<f8" or len(shape) not in (3, 4):
        return
    if len(shape) == 4 and shape[1] == 2 and shape[2] == shape[3]:
        out = os.path.join(folder, stem + ".npy")
        write(out, (2 * shape[0], *shape[2:]), data)
        print("operators", out)
    elif len(shape) == 4:
        size, files = len(data) // shape[0], []
        for k in range(shape[0]):
            files.append(os.path.join(folder, f"{stem}_{k}.npy"))
            write(files[-1], shape[1:], data[k * size:(k + 1) * size])
        print("recordings", *files)
    else:
        print("operators" if shape[1] == shape[2] else "recordings", path)


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "operators":
        operators(sys.argv[2])
    elif len(sys.argv) == 4 and sys.argv[1] == "split":
        split(sys.argv[2], sys.argv[3])
    else:
        sys.exit(__doc__)
