"""The package's type hints: strict about itself, and of use to a script."""

import os
import pathlib
import subprocess
import sys

import pytest

import kindred


@pytest.mark.parametrize("target", [["-p", "kindred"], [str(pathlib.Path(__file__).with_name("typed_example.py"))]],
                         ids=["the package", "a script"])
def test_types(target, tmp_path):
    pytest.importorskip("mypy")
    folder = pathlib.Path(kindred.__file__).parent
    if not (folder / "_core.pyi").exists():
        pytest.skip("this build has no stub of kindred._core")
    environment = dict(os.environ)
    if folder.parent.name != "site-packages":  # where mypy looks anyway
        environment["MYPYPATH"] = str(folder.parent)
    command = [sys.executable, "-m", "mypy", "--cache-dir", str(tmp_path), "--python-version", "3.10",
               "--warn-unused-ignores", "--check-untyped-defs", "--ignore-missing-imports", *target]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
