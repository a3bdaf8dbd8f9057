import json
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from labs.formats.errors import FormatError
from labs.inbox.mapping.importing import documents_import
from registry.log.actors import Actor


class Command(BaseCommand):
    help = "Settings of senders, analytes and mapped codes from JSON files. The same files again change nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "files", nargs="+", type=Path, metavar="FILE", help="a profile and mappings, open rows first"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = documents_import(
                documents=[_document(path) for path in options["files"]],
                by=Actor.system("import_mappings"),
                reason="imported mappings",
            )
        except FormatError as error:
            raise CommandError(str(error)) from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"{found.senders} senders, {found.analytes} analytes, {found.codes} codes.")


def _document(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"{path.name}: this is no JSON file that can be read ({type(error).__name__}).") from error
    if not isinstance(content, dict):
        raise CommandError(f"{path.name}: an object is expected.")
    return content
