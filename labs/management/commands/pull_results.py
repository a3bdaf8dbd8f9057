from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from labs.connectors.directory import connectors
from labs.connectors.models import ConnectorState
from labs.connectors.services import pull_all


class Command(BaseCommand):
    help = "Fetches results from the laboratory systems that are set up, as the scheduler does every minute."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("connector", nargs="?", default="", help="one of them alone, such as senaite")

    def handle(self, *args: Any, **options: Any) -> None:
        found, only = connectors(), options["connector"]
        if not found or (only and only not in found):
            raise CommandError(f"Set up: {', '.join(found) or 'none'}.")
        self.stdout.write(f"{pull_all(only=only)} new documents.")
        failed = ConnectorState.objects.filter(name__in=[only] if only else list(found)).exclude(last_error="")
        if failed:
            raise CommandError(" ".join(f"{state.name}: {state.last_error}" for state in failed))
