"""Which software computed a run."""

import platform
from importlib.metadata import version

# Those whose numbers reach a result.
LIBRARIES = ("numpy", "scipy", "pandas", "scikit-learn", "gseapy")


def versions() -> dict[str, str]:
    return {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}
