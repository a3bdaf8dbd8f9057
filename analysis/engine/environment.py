"""With what a result was computed: kept beside it, no part of its identity."""

import platform
from functools import cache
from importlib.metadata import version
from typing import Any

from django.conf import settings
from django.db import connection

from analysis import VERSION
from analysis.frames.frame import Frame

_PACKAGES = ("numpy", "scipy", "django", "celery")


def software() -> dict[str, str]:
    own = {"hepatica": VERSION, "python": platform.python_version(), "database": connection.vendor}
    return own | _packages()


@cache
def _packages() -> dict[str, str]:
    # Each is a file to find and to parse, and they stay what they are while the process lives.
    return {package: version(package) for package in _PACKAGES}


def revision() -> str:
    """The commit that runs, where whoever installed it says so; the version is known in any case."""
    return str(settings.REVISION)


def provenance(frame: Frame) -> dict[str, Any]:
    return {"software": software(), "left_out": frame.left_out, "rows": len(frame.rows), "seed": None}
