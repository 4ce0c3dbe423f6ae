"""Makes the notebook of an example: cells begin with "# %%", text cells with "# %% [markdown]".

    python python/notebook.py python/examples/dsa_tutorial.py
"""

import json
import pathlib
import sys


def cells(source):
    for k, part in enumerate(source.split("# %%")[1:]):
        head, _, body = part.partition("\n")
        body = body.strip("\n")
        markdown = "[markdown]" in head
        if markdown:
            body = "\n".join(line[2:] if line.startswith("# ") else line.lstrip("#") for line in body.split("\n"))
        cell = {"cell_type": "markdown" if markdown else "code", "id": f"cell-{k}", "metadata": {},
                "source": body.splitlines(keepends=True)}
        yield cell if markdown else {**cell, "execution_count": None, "outputs": []}


def notebook(source):
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return json.dumps({"cells": list(cells(source)), "metadata": {"kernelspec": kernel},
                       "nbformat": 4, "nbformat_minor": 5}, indent=1) + "\n"


if __name__ == "__main__":
    for name in sys.argv[1:]:
        path = pathlib.Path(name)
        path.with_suffix(".ipynb").write_text(notebook(path.read_text()))
