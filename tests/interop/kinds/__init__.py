"""One file per family of formats; each has a table KINDS: kind of the sample → how it is compared.

A comparison gets the path of the file, its entry in EXPECTED.json and a Comparison. It goes through every key of the
entry: a key that it does not know is reported with `comparison.unknown`.
"""

import importlib
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.interop.comparison import Comparison

Compare = Callable[[Path, dict[str, Any], Comparison], None]

# Kinds of a later piece of work: counted and named, compared by nobody yet.
LATER: frozenset[str] = frozenset()


def known_kinds() -> dict[str, Compare]:
    found: dict[str, Compare] = {}
    for module in pkgutil.iter_modules(__path__):
        table: dict[str, Compare] = importlib.import_module(f"{__name__}.{module.name}").KINDS
        twice = found.keys() & table.keys()
        if twice:
            raise LookupError(f"two files compare {', '.join(sorted(twice))}")
        found |= table
    return found
