from typing import Any

from django.core.management.base import BaseCommand, CommandError

from registry.log.verifying import verify_log


class Command(BaseCommand):
    help = "Seals pending changes, walks the whole change log and names the first bad row."

    def handle(self, *args: Any, **options: Any) -> None:
        result = verify_log()
        if result.faults:
            raise CommandError("\n".join(result.faults))
        self.stdout.write(f"{result.changes} changes, all sealed and unchanged. Head {result.head}")
