import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from labs.formats.errors import FormatError
from labs.formats.recognise import Recognised, recognise


class Command(BaseCommand):
    help = "What an instrument file would store, and why not; nothing is stored."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--json", action="store_true", help="print one JSON object per line, one line per file")

    def handle(self, *args: Any, **options: Any) -> None:
        unread = 0
        for path in options["files"]:
            found = _recognised(path)
            unread += found.reading is None
            if options["json"]:
                self.stdout.write(json.dumps(_as_dict(path, found), ensure_ascii=False))
            else:
                self.stdout.write("\n".join(_sentences(path, found)))
        if unread:
            raise CommandError(f"{unread} of {len(options['files'])} files cannot be read.", returncode=2)


def _recognised(path: Path) -> Recognised:
    try:
        return recognise(path.name, path.read_bytes())
    except OSError as error:
        return Recognised("", error=FormatError(f"The file cannot be opened: {error.strerror}.", file=path.name))


def _as_dict(path: Path, found: Recognised) -> dict[str, Any]:
    reading = found.reading
    return {
        "file": path.name,
        "kind": found.kind,
        "would_store": (reading.would_store if reading else None) or {},
        "why_not": list(reading.why_not) if reading else [],
        "warnings": list(reading.warnings) if reading else [],
        "error": found.error.as_dict() if found.error else None,
        "summary": reading.summary if reading else {},
    }


def _sentences(path: Path, found: Recognised) -> list[str]:
    if found.reading is None:
        return [str(found.error)]
    reading = found.reading
    counts = ", ".join(f"{number} {kind}" for kind, number in (reading.would_store or {}).items()) or "nothing"
    return [
        f"{path.name}: {found.kind}; would store {counts}.",
        *(f"  not stored: {sentence}" for sentence in reading.why_not),
        *(f"  look at: {sentence}" for sentence in reading.warnings),
    ]
