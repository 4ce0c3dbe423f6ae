"""Writes the files in data/ with the programs whose files kindred reads: h5py, SciPy and GNU Octave.

    python3 make_files.py            (Debian: python3-h5py python3-scipy octave)

The files are kept beside this script, so that the tests need none of these programs. Every recording in them is
x[k, t, c] = 100 k + t + c / 8 of 3 trials, 5 steps and 2 channels, and its trial 0 where there are two axes.
"""

import pathlib
import subprocess

import h5py
import numpy as np
import scipy.io

data = pathlib.Path(__file__).parent / "data"
data.mkdir(exist_ok=True)
k, t, c = np.ogrid[:3, :5, :2]
x = 100.0 * k + t + c / 8
whole = 100 * k + t + 8 * c

with h5py.File(data / "h5py.h5", "w") as f:
    f["x"] = x
    f["single"] = x.astype("f4")
    f["big"] = x.astype(">f8")
    f["half"] = x[0].astype("f2")
    f["int16"] = whole.astype(">i2")
    f["spikes"] = whole[0] % 2 == 1
    f["complex"] = x[0] + 1j
    f["names"] = ["a", "b"]
    f["table"] = np.zeros(3, dtype=[("t", "f8"), ("n", "i4")])
    f["empty"] = np.zeros((0, 3))
    f["scalar"] = 0.01
    f.create_dataset("packed", data=x, chunks=(1, 5, 2), compression="gzip", shuffle=True, fletcher32=True)
    f.create_dataset("unwritten", shape=(50, 3), dtype="f8")
    for i in range(3):
        f[f"session/trials/t{i}"] = x[i, : 5 - i]
    f["link"] = h5py.SoftLink("/session/trials/t0")
    f["dangling"] = h5py.SoftLink("/nowhere")
    f["elsewhere"] = h5py.ExternalLink("other.h5", "/x")
    f["session/itself"] = f["session"]

# As MATLAB writes 7.3: a block of text before the HDF5, axes in reversed order, the class as an attribute.
with h5py.File(data / "matlab73.mat", "w", userblock_size=512) as f:

    def variable(name, array, kind):
        d = f.create_dataset(name, data=np.asarray(array).T, chunks=np.asarray(array).T.shape, compression="gzip")
        d.attrs["MATLAB_class"] = np.bytes_(kind)
        return d

    variable("x", x, "double")
    variable("single", x.astype("f4"), "single")
    variable("s/rates", x[0], "double")
    f["s"].attrs["MATLAB_class"] = np.bytes_("struct")
    variable("spikes", (whole[0] % 2).astype("u1"), "logical")
    variable("name", np.array([[104, 105]], "u2"), "char")
    cells = [variable(f"#refs#/{'abc'[i]}", x[i, : 5 - i], "double").ref for i in range(3)]
    f.create_dataset("trials", data=np.array([cells], dtype=h5py.ref_dtype).T).attrs["MATLAB_class"] = np.bytes_("cell")
with open(data / "matlab73.mat", "r+b") as f:
    f.write(
        b"MATLAB 7.3 MAT-file, Platform: GLNXA64, Created on: Thu Jan  1 00:00:00 1970 HDF5 schema 1.00 .".ljust(116))
    f.write(b"\0" * 8 + b"\x00\x02IM")

cell = np.empty((1, 3), dtype=object)
for i in range(3):
    cell[0, i] = x[i, : 5 - i]
trial_structs = np.array([[(x[i, : 5 - i], i) for i in range(3)]], dtype=[("rates", object), ("id", object)])
variables = {
    "x": x,
    "single": x.astype("f4"),
    "int16": whole.astype("i2"),
    "spikes": whole[0] % 2 == 1,
    "complex": x[0] + 1j,
    "name": "hi",
    "trials": cell,
    "s": {"rates": x[0], "dt": 0.01},
    "d": trial_structs,
    "empty": np.zeros((0, 3)),
}
scipy.io.savemat(data / "scipy6.mat", variables)
scipy.io.savemat(data / "scipy7.mat", variables, do_compression=True)
scipy.io.savemat(data / "scipy4.mat", {"x": x[0], "int16": whole[0].astype("i2"), "name": "hi"}, format="4")

octave = """
[k, t, c] = ndgrid(0:2, 0:4, 0:1);
x = 100 * k + t + c / 8;
single = single(x);
whole = int16(100 * k + t + 8 * c);
y = squeeze(x(1, :, :));
trials = {squeeze(x(1, 1:5, :)), squeeze(x(2, 1:4, :)), squeeze(x(3, 1:3, :))};
s.rates = y;
name = "hi";
z = y + 1i;
save -v6 octave6.mat x single whole trials s name z
save -v7 octave7.mat x single whole trials s name z
save -hdf5 octave.h5 x single whole trials s name z
save -v4 octave4.mat y name
"""
subprocess.run(["octave-cli", "--no-gui", "--eval", octave], cwd=data, check=True)
