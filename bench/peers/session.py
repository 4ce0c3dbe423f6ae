"""What a side-by-side session needs: one core, one thread, a clock, tables. Import it before NumPy."""

import argparse
import json
import os
import platform
import sys
from pathlib import Path

# Read when the libraries load, hence before any of them is imported.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"


def parser(description):
    p = argparse.ArgumentParser(description=description, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    p.add_argument("--core", type=int, help="run everything, the program included, on this core (Linux)")
    p.add_argument("--json", type=Path, help="write every measurement there as well")
    return p


def recordings_parser(description, pairs, pairs_help):
    """The options of a session that compares recordings which it draws, `pairs` of them by the peers."""
    p = parser(description)
    p.add_argument("--program", type=Path, required=True, help="the program `kindred`")
    p.add_argument("--systems", type=int, default=100)
    p.add_argument("--pairs", type=int, default=pairs, help=pairs_help)
    p.add_argument("--seed", type=int, default=2026)
    p.add_argument("--folder", type=Path, help="where the recordings are written (N m channels doubles)")
    return p


def pin(core):
    if core is not None:
        os.sched_setaffinity(0, {core})


def machine():
    """The processor's name and the versions that a figure depends on."""
    name = platform.processor()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        name = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return {"processor": name, "python": platform.python_version()}


def table(header, rows):
    """Columns as wide as their widest cell, the first to the left, the others to the right."""
    cells = [header, *[[str(cell) for cell in row] for row in rows]]
    widths = [max(len(row[k]) for row in cells) for k in range(len(header))]
    for row in cells:
        print("  ".join(c.ljust(w) if k == 0 else c.rjust(w) for k, (c, w) in enumerate(zip(row, widths))))


def write(path, document):
    if path is not None:
        path.write_text(json.dumps(document, indent=1) + "\n")


def fail(message):
    sys.exit(f"{Path(sys.argv[0]).name}: {message}")
