from typing import Any

from django.core.management.base import BaseCommand

from analysis.demo.logins import demo_logins, login_lines


class Command(BaseCommand):
    help = "Prints the demo logins that still open: user, password, role."

    def handle(self, *args: Any, **options: Any) -> None:
        for line in login_lines(demo_logins()):
            self.stdout.write(line)
