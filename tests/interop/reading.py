"""The public way to read a file: the command that says what it would store."""

import io
import json
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError


def read_message(path: Path, *options: str) -> dict[str, Any]:
    """What `manage.py read_message FILE --json` says; a file that cannot be read has its sentence in `error`."""
    out = io.StringIO()
    try:
        call_command("read_message", str(path), "--json", *options, stdout=out, stderr=io.StringIO())
    except CommandError:
        if not out.getvalue():
            raise
    said: dict[str, Any] = json.loads(out.getvalue())
    return said
