"""What the Python package costs above the program: time and memory of the same comparison, and of many small calls.

    python bench/python_overhead.py --program build/dev/bin/kindred --systems 100 --core 1
    python bench/python_overhead.py --program build/dev/bin/kindred --shape 64 200 128 --delays 5 --interval 2

Both compare the same .npy files (Lorenz systems, 200 trials x 200 steps x 3 channels, or seen through as many random
channels as --shape says; DSA, rank 20), one thread, taking turns. Time is processor time of the whole process
(user and system; medians), memory its largest resident size. "python, nothing" is the interpreter with NumPy imported
and nothing done, the part that no package can avoid. Python either maps the files ("mapped", as the program does) or
reads them into arrays first ("in memory").
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

# This process stays small, without NumPy: Linux counts its size to that of the processes that it starts.
RECORDINGS = """
import sys, numpy as np, kindred
folder, (systems, trials, steps, channels) = sys.argv[1], map(int, sys.argv[2:])
for k in range(systems):
    x = kindred.simulate.lorenz(0.5 + 0.6 * k, trials=trials, steps=steps, stream=k)
    if channels != 3:  # through a random map, with noise of a hundredth
        random = np.random.default_rng(k)
        x = x @ random.normal(size=(3, channels)) + 0.01 * np.std(x) * random.normal(size=(trials, steps, channels))
    np.save(f"{folder}/{k:03}.npy", x)
"""
COMPARE = """
import sys, numpy as np, kindred
paths = sys.argv[2:]
mode = None if sys.argv[1] == "memory" else "r"
systems = kindred.load(paths) if mode else {p: np.load(p) for p in paths}
d = kindred.pairwise(systems, "dsa", delays=DELAYS, interval=INTERVAL, rank=20, effort="EFFORT", threads=1,
                     progress=False)
np.asarray(d)
"""
CALLS = """
import resource, numpy as np, kindred
x = np.random.default_rng(0).normal(size=(2, 8, 3))
engine = kindred.Engine("cpu", threads=1)
def rss():
    return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize() // 1024
for calls in range(0, 12001, 2000):
    print(calls, rss())
    for _ in range(2000):
        kindred.pairwise([x, x[:, ::-1]], METRIC, engine=engine, progress=False)
"""


def measured(command, environment):
    """Processor seconds and largest resident size (MiB) of a process."""
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{command[0]} ended with {status}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0],
                                formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    p.add_argument("--program", type=Path, required=True, help="the program kindred of the same build")
    p.add_argument("--systems", type=int, default=100)
    p.add_argument("--shape", type=int, nargs=3, default=(200, 200, 3), metavar=("TRIALS", "STEPS", "CHANNELS"))
    p.add_argument("--delays", type=int, default=33)
    p.add_argument("--interval", type=int, default=6)
    p.add_argument("--folder", help="where the recordings lie meanwhile; the system's own without it")
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--effort", default="default", help="the overhead does not depend on it, the time of the whole does")
    p.add_argument("--core", type=int, help="run everything on this core (Linux)")
    options = p.parse_args()
    if options.core is not None:
        os.sched_setaffinity(0, {options.core})
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        subprocess.run([sys.executable, "-c", RECORDINGS, folder, str(options.systems), *map(str, options.shape)],
                       check=True)
        paths = sorted(str(path) for path in Path(folder).glob("*.npy"))
        size = sum(os.path.getsize(path) for path in paths) / 2**20
        program = [options.program.resolve(), "pairwise", *paths, "--delays", options.delays,
                   "--interval", options.interval, "--rank", 20, "--threads", 1, "--effort", options.effort,
                   "--out", Path(folder) / "out.npy"]
        compare = COMPARE
        for word, value in (("EFFORT", options.effort), ("DELAYS", options.delays), ("INTERVAL", options.interval)):
            compare = compare.replace(word, str(value))
        commands = {"program": program, "python, mapped": [sys.executable, "-c", compare, "mapped", *paths],
                    "python, in memory": [sys.executable, "-c", compare, "memory", *paths],
                    "python, nothing": [sys.executable, "-c", "import numpy"]}
        found = {name: [] for name in commands}
        for _ in range(options.rounds):
            for name, command in commands.items():
                found[name].append(measured(command, environment))
        medians = {name: [statistics.median(column) for column in zip(*values)] for name, values in found.items()}
        seconds, memory = medians["program"]
        print(f"{options.systems} systems, {size:.0f} MiB of recordings")
        for name, (s, m) in medians.items():
            print(f"{name:20} {s:8.3f} s {m:8.1f} MiB   {100 * (s / seconds - 1):+7.2f} % time, "
                  f"{m / memory:.3f} x memory")
    for metric in ("cka", "dsa"):
        parameters = '"cka"' if metric == "cka" else '"dsa", delays=2, rank=2'
        done = subprocess.run([sys.executable, "-c", CALLS.replace("METRIC", parameters)], capture_output=True,
                              text=True, check=True, env=environment)
        sizes = ", ".join(": ".join(line.split()) for line in done.stdout.splitlines())
        print(f"resident KiB after calls of {metric}: {sizes}")


if __name__ == "__main__":
    main()
