import json
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analysis.headline.printed import sentence
from analysis.kinds.registry import TABLE_KINDS
from analysis.pipeline.running import PIPELINE, Ran, run
from analysis.pipeline.wish import pipeline_options
from analysis.tables.analysing import Analysed, analyse, draw, write_script
from analysis.tables.table import TableError

REFUSED = 2


class Command(BaseCommand):
    help = "Runs one kind of analysis on a CSV, TSV or XLSX file (docs/user/analyse.md). Reads no database."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        kinds = parser.add_subparsers(dest="kind", metavar="KIND", required=True)
        for code, kind in TABLE_KINDS.items():
            own = _common(kinds.add_parser(code, help=str(kind.label)))
            own.add_argument("--figure", type=Path, metavar="OUT.svg|png|pdf", help="draw the figure")
            own.add_argument("--draw", default="", metavar="NAME", help="which of several figures (the first)")
            own.add_argument("--r-script", type=Path, metavar="OUT.R", help="write R that gives the same numbers")
            kind.add_options(own)
        pipeline_options(_common(kinds.add_parser(PIPELINE, help="A prognostic model from candidates to validation")))

    def handle(self, *args: Any, **options: Any) -> None:
        if options["kind"] == PIPELINE:
            self._run_pipeline(Namespace(**options))
            return
        try:
            analysed = analyse(TABLE_KINDS[options["kind"]], Namespace(**options))
            if options["figure"]:
                draw(analysed, options["figure"], options["draw"])
            if options["r_script"]:
                write_script(analysed, options["r_script"])
        except TableError as error:
            raise CommandError(str(error), returncode=REFUSED) from error
        if options["json"]:
            self.stdout.write(json.dumps(analysed.output, ensure_ascii=False))
        else:
            self._print(analysed)

    def _run_pipeline(self, options: Namespace) -> None:
        try:
            ran = run(options, said=self.stderr.write)
        except TableError as error:
            raise CommandError(str(error), returncode=REFUSED) from error
        self.stdout.write(json.dumps(ran.output, ensure_ascii=False) if options.json else _told(ran))

    def _print(self, analysed: Analysed) -> None:
        if analysed.output.get("refused"):
            self.stdout.write(str(analysed.output["refused"]))
        for claim in analysed.kind.headline(analysed.output):
            self.stdout.write(sentence(claim))
        for reason, n in analysed.output.get("dropped", {}).items():
            self.stdout.write(f"left out: {reason} ({n})")


def _common(parser: ArgumentParser) -> ArgumentParser:
    parser.add_argument("file", type=Path, nargs="?", help="the table, with a header")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--where", action="append", default=[], metavar="COLUMN=VALUE", help="use these rows only")
    parser.add_argument("--seed", type=int, default=1, help="of what is drawn by chance")
    return parser


def _told(ran: Ran) -> str:
    lines = [f"{step['title']}: {step['refused'] or 'done'}" for step in ran.output["steps"]]
    return "\n".join([*lines, f"Report: {ran.report}"])
