"""The last line of a run, and what happens without the folders."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAMPLE = """
def test_counted(compared):
    compared(2)
    compared(3)

def test_with_the_folder(hepatica_data, compared):
    compared(10)
"""


def run(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """pytest on a small suite of its own, with the plug-in and nothing else of this project."""
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (folder / "test_sample.py").write_text(SAMPLE, encoding="utf-8")
    kept = {key: value for key, value in os.environ.items() if not key.startswith("HEPATICA_")}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:django", "-p", "tests.shared_folders", str(folder)]
    environment = {**kept, "PYTHONPATH": str(ROOT), **variables}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("variables", "code", "last"),
    [
        ({}, 0, "compared 5 values; skipped 1 for lack of DATA/REFERENCE/INTEROP"),
        ({"HEPATICA_DATA": "."}, 0, "compared 15 values; skipped 0 for lack of DATA/REFERENCE/INTEROP"),
        ({"HEPATICA_REQUIRE_SHARED": "1"}, 1, "compared 5 values; skipped 0 for lack of DATA/REFERENCE/INTEROP"),
    ],
    ids=["unset", "set", "required"],
)
def test_a_run_ends_with_what_it_compared(tmp_path: Path, variables: dict[str, str], code: int, last: str) -> None:
    done = run(tmp_path, **variables)
    assert done.returncode == code, done.stdout
    assert done.stdout.strip().splitlines()[-1] == last
