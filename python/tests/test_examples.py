"""Every example runs; the notebook is that of its script."""

import importlib.util
import os
import pathlib
import subprocess
import sys

import pytest

import kindred

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "examples"
NEEDS = {"clusters.py": ["sklearn"], "checkpoints.py": ["torch"], "pydmd_operators.py": ["pydmd"]}


@pytest.mark.parametrize("name", sorted(p.name for p in FOLDER.glob("*.py")))
def test_example(name, tmp_path):
    for module in NEEDS.get(name, []):
        pytest.importorskip(module)
    # The package under test comes first.
    path = [os.path.dirname(os.path.dirname(os.path.abspath(kindred.__file__))), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path), "MPLBACKEND": "agg"}
    done = subprocess.run([sys.executable, FOLDER / name], cwd=tmp_path, capture_output=True, text=True,
                          env=environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_the_notebook_is_that_of_its_script():
    spec = importlib.util.spec_from_file_location("notebook", FOLDER.parent / "notebook.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    script = FOLDER / "dsa_tutorial.py"
    assert script.with_suffix(".ipynb").read_text() == module.notebook(script.read_text())


def test_the_notebook_runs_in_a_kernel(tmp_path, monkeypatch):
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel")
    path = [os.path.dirname(os.path.dirname(os.path.abspath(kindred.__file__))), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path))
    book = nbformat.read(FOLDER / "dsa_tutorial.ipynb", as_version=4)
    nbclient.NotebookClient(book, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [output for cell in book.cells if cell.cell_type == "code" for output in cell.outputs]
    assert any("text/html" in output.get("data", {}) for output in shown)  # the matrix as a heat map and an embedding
    assert any("between / within families" in output.get("text", "") for output in shown)
