import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analysis.discovery.errors import DiscoveryError
from analysis.discovery.plan import read_plan
from analysis.discovery.running import run, standing

REFUSED = 2


class Command(BaseCommand):
    help = (
        "Runs the steps of a discovery study from one configuration file (docs/user/discovery.md). Reads no database."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("configuration", type=Path, metavar="CONFIG.toml")
        parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of report, tables, figures")
        parser.add_argument("--only", metavar="NAME", help="this step and what it rests on")
        parser.add_argument("--list", action="store_true", help="the steps, and whether each is up to date")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            plan = read_plan(options["configuration"])
            if options["list"]:
                self._list(standing(plan, options["out"], only=options["only"]), as_json=options["json"])
                return
            done = run(plan, options["out"], said=self.stderr.write, only=options["only"])
        except DiscoveryError as error:
            raise CommandError(str(error), returncode=REFUSED) from error
        self.stdout.write(json.dumps(done, ensure_ascii=False) if options["json"] else _told(done))

    def _list(self, rows: list[dict[str, str]], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"steps": rows}, ensure_ascii=False))
            return
        for row in rows:
            self.stdout.write(f"{row['name']} ({row['method']}): {row['state']}")


def _told(done: dict[str, Any]) -> str:
    lines = [" ".join((f"{step['name']}: {step['state']}.", step["reason"])).strip() for step in done["steps"]]
    took = f"{done['seconds']} s, {done['peak_megabytes']} MB at most."
    return "\n".join([*lines, took, f"Report: {done['report']}"])
