import signal
import threading
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import close_old_connections

from labs.connectors.folder.sweeping import Sweeper

PORTS = ("production", "validation")


class Command(BaseCommand):
    help = "Takes what instruments and laboratories drop into a folder, until it is asked to stop."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, metavar="DIR", help="the folder (DROP_FOLDER)")
        parser.add_argument("--once", action="store_true", help="one pass over what has come, then the end")
        parser.add_argument("--every", type=float, default=2.0, help="seconds between two looks (2)")
        parser.add_argument("--settle", type=float, help="seconds a file must have rested (DROP_SETTLE_SECONDS)")
        parser.add_argument("--port", choices=PORTS, default=PORTS[0], help="what the messages are for (production)")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = options["folder"] or getattr(settings, "DROP_FOLDER", None)
        if folder is None:
            raise CommandError("Name the folder, or set DROP_FOLDER.")
        if not folder.is_dir():
            raise CommandError(f"{folder} is no folder.")
        settle = getattr(settings, "DROP_SETTLE_SECONDS", 5) if options["settle"] is None else options["settle"]
        asked = threading.Event()
        sweeper = Sweeper(folder, settle=settle, port=options["port"], stopping=asked.is_set)
        try:
            if options["once"]:
                sweeper.sweep()
            else:
                _until(asked, sweeper, options["every"])
        except OSError as error:
            raise CommandError(f"{folder} cannot be worked in: {error.strerror}.") from None
        self.stdout.write(f"{sweeper.archived} archived, {sweeper.refused} to the error folder.")


def _until(asked: threading.Event, sweeper: Sweeper, every: float) -> None:
    """A file in hand is brought to its end; then nothing more is taken."""
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_given: asked.set())
    while not asked.is_set():
        sweeper.sweep()
        # The database may be restarted meanwhile, and nobody tells that a request has ended.
        close_old_connections()
        asked.wait(every)
