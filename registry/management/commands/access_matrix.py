from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from registry.people.matrix import as_markdown

PLACE = Path(settings.BASE_DIR) / "docs" / "administrator" / "access.md"


class Command(BaseCommand):
    help = "Writes the table of all addresses and who may call them to docs/administrator/access.md."

    def handle(self, *args: Any, **options: Any) -> None:
        PLACE.write_text(as_markdown(), encoding="utf-8")
        self.stdout.write(f"{PLACE} written.")
