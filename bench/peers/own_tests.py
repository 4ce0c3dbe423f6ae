"""dsa-metric's own tests against kindred.compat.

    git clone https://github.com/mitchellostrow/DSA && git -C DSA checkout 8cbddcf
    python bench/peers/own_tests.py DSA/tests

Needs kindred, torch, scipy and pytest. `import DSA` and its submodules give kindred.compat. The tests run as they are,
but for names that dsa-metric itself has changed since they were written (RENAMED). Prints a line a test: passed, or the
first line of why not.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

FILES = ("dsa_test.py", "dmd_test.py", "simdist_test.py", "test_wasserstein_optimization.py", "test_sweeps.py")
RENAMED = {"LocalDMDSweeper": "DefaultSweeper", "compute_residuals_flag": "compute_residuals"}

PACKAGE = """
import sys
import kindred.compat
sys.modules[__name__] = kindred.compat
for name in ("dmd", "dmdc", "dsa", "preprocessing", "resdmd", "simdist", "stats", "subspace_dmdc", "sweeps"):
    sys.modules[f"DSA.{name}"] = getattr(kindred.compat, name)
"""


def prepared(source):
    for old, new in RENAMED.items():
        source = re.sub(rf"\b{old}\b", new, source)
    return source


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("tests", type=pathlib.Path, help="the folder tests of dsa-metric's repository")
    p.add_argument("files", nargs="*", help="of it; all that apply if none are named")
    options = p.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "DSA").mkdir()
        (root / "DSA" / "__init__.py").write_text(PACKAGE)
        for name in options.files or FILES:
            (root / name).write_text(prepared((options.tests / name).read_text()))
        return subprocess.run([sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--tb=line", "-rA", "-q",
                               "--durations=5", *(options.files or FILES)], cwd=root).returncode


if __name__ == "__main__":
    sys.exit(main())
