from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from analysis.charts.bundle import write_bundle


class Command(BaseCommand):
    help = "Make the drawing library for the pages (var/built/vega.js) when it is missing or out of date."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        folder = settings.VAR / "built"
        written = write_bundle(folder)
        if options["verbosity"] > 1:
            self.stdout.write(f"{folder}: {'written' if written else 'up to date'}")
