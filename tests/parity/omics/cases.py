"""The vectors of the original programs: one folder a method, one prefix of its files a case."""

import os
from pathlib import Path

from tests.shared_folders import folder

NONE = "no vectors"


def prefixes(method: str, ending: str) -> list[str]:
    """What stands before `ending` in the files of a method: a file that is added is one more case.

    Where the folder is not named there is one case, which `vectors` then skips or fails.
    """
    root = os.environ.get("HEPATICA_REFERENCE")
    files = (Path(root) / "omics" / method).glob(f"*{ending}") if root else ()
    return sorted(path.name.removesuffix(ending) for path in files) or [NONE]


def vectors(method: str, case: str) -> Path:
    """The folder of a method; fails where it has none of the files that its cases are made of."""
    found = folder("REFERENCE") / "omics" / method
    assert case != NONE, f"{found} holds no case"
    return found
