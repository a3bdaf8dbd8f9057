import json
from argparse import Namespace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analysis.headline.claims import Claim
from analysis.kinds.registry import TABLE_KINDS
from analysis.kinds.wording import p_text
from analysis.tables.analysing import Analysed, analyse, draw, write_script
from analysis.tables.table import TableError

REFUSED = 2


class Command(BaseCommand):
    help = "Runs one kind of analysis on a CSV, TSV or XLSX file (docs/user/analyse.md). Reads no database."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        kinds = parser.add_subparsers(dest="kind", metavar="KIND", required=True)
        for code, kind in TABLE_KINDS.items():
            own = kinds.add_parser(code, help=str(kind.label))
            own.add_argument("file", type=Path, nargs="?", help="the table, with a header")
            own.add_argument("--json", action="store_true", help="print one JSON object")
            own.add_argument("--where", action="append", default=[], metavar="COLUMN=VALUE", help="use these rows only")
            own.add_argument("--seed", type=int, default=1, help="of what is drawn by chance")
            own.add_argument("--figure", type=Path, metavar="OUT.svg|png|pdf", help="draw the figure")
            own.add_argument("--r-script", type=Path, metavar="OUT.R", help="write R that gives the same numbers")
            kind.add_options(own)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            analysed = analyse(TABLE_KINDS[options["kind"]], Namespace(**options))
            if options["figure"]:
                draw(analysed, options["figure"])
            if options["r_script"]:
                write_script(analysed, options["r_script"])
        except TableError as error:
            raise CommandError(str(error), returncode=REFUSED) from error
        if options["json"]:
            self.stdout.write(json.dumps(analysed.output, ensure_ascii=False))
        else:
            self._print(analysed)

    def _print(self, analysed: Analysed) -> None:
        if analysed.output.get("refused"):
            self.stdout.write(str(analysed.output["refused"]))
        for claim in analysed.kind.headline(analysed.output):
            self.stdout.write(_sentence(claim))
        for reason, n in analysed.output.get("dropped", {}).items():
            self.stdout.write(f"left out: {reason} ({n})")


def _sentence(claim: Claim) -> str:
    value = "" if claim.value is None else p_text(claim.value) if claim.name.endswith("_p") else f"{claim.value:.6g}"
    has_limits = claim.low is not None or claim.high is not None
    limits = f" (95% CI {_limit(claim.low)} to {_limit(claim.high)})" if has_limits else ""
    value = value or ("not reached" if has_limits else "")
    unit = f" {claim.unit}" if claim.unit and value else ""
    verdict = f"; {claim.verdict}" if claim.verdict else ""
    return f"{claim.label}: {value}{unit}{limits}{verdict}"


def _limit(value: float | None) -> str:
    return "?" if value is None else f"{value:.4g}"
