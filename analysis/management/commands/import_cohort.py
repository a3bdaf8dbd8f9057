import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analysis.cutoffs.models import Cutoff
from analysis.cutoffs.services import cutoff_declare
from analysis.engine.models import Analysis
from analysis.engine.services import analysis_define
from analysis.riskmodels.validating import validations_define
from labs.cohort_import.definitions import refusing
from labs.cohort_import.errors import ImportRefused, RowError
from labs.cohort_import.mapping import AnalysisSection, CutoffSection, Mapping, load_mapping
from labs.cohort_import.progress import Bar
from labs.cohort_import.services import cohort_import
from labs.cohort_import.tally import Outcome, State, Tally
from registry.cohorts.models import Cohort
from registry.log.actors import Actor

PRINTED = 50
REFUSED = 2


class Command(BaseCommand):
    help = "Imports a cohort from a CSV, TSV or XLSX file by a mapping (docs/user/importing.md). All of it or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the table, one row per patient")
        parser.add_argument("--mapping", type=Path, required=True, help="TOML: which column is which fact")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--accept-valid", action="store_true", help="import the good rows and list the others")

    def handle(self, *args: Any, **options: Any) -> None:
        by = Actor.system("import")
        try:
            mapping = load_mapping(options["mapping"])
            outcome = cohort_import(
                file=options["file"],
                mapping=mapping,
                by=by,
                dry_run=options["dry_run"],
                accept_valid=options["accept_valid"],
                progress=Bar(sys.stderr),
                finish=lambda cohort, tally: _define_analyses(mapping, cohort, tally, by),
            )
        except ImportRefused as refusal:
            self._refuse(refusal, options)
        else:
            if outcome.is_stored:
                # What came in may be what a registered model has waited for.
                validations_define()
            self._report(outcome, options)

    def _refuse(self, refusal: ImportRefused, options: dict[str, Any]) -> None:
        if options["json"]:
            errors = [RowError(0, "", "", sentence) for sentence in refusal.sentences]
            self._print_json(Outcome("", 0, Tally(), errors, options["dry_run"], is_stored=False, seconds=0.0))
        raise CommandError(str(refusal), returncode=REFUSED)

    def _report(self, outcome: Outcome, options: dict[str, Any]) -> None:
        if options["json"]:
            self._print_json(outcome)
        else:
            self._print(outcome)
        if outcome.errors and not outcome.is_stored:
            raise CommandError(_error_summary(outcome), returncode=REFUSED)

    def _print_json(self, outcome: Outcome) -> None:
        self.stdout.write(json.dumps(outcome.as_dict(), ensure_ascii=False))

    def _print(self, outcome: Outcome) -> None:
        for error in outcome.errors[:PRINTED]:
            self.stderr.write(_sentence(error))
        if len(outcome.errors) > PRINTED:
            self.stderr.write(_("… and %d more; --json lists them all.") % (len(outcome.errors) - PRINTED))
        if not (outcome.is_stored or outcome.is_dry_run):
            return
        for change in outcome.tally.changes[:PRINTED]:
            self.stdout.write(change)
        if len(outcome.tally.changes) > PRINTED:
            self.stdout.write(_("… and %d more; --json lists them all.") % (len(outcome.tally.changes) - PRINTED))
        self.stdout.write(f"{'':16}{_('new'):>9}{_('changed'):>9}{_('same'):>9}")
        for kind, counts in outcome.tally.as_dict().items():
            self.stdout.write(f"{kind.replace('_', ' '):16}" + "".join(f"{counts[state.value]:9d}" for state in State))
        self.stdout.write(_summary(outcome))


def _define_analyses(mapping: Mapping, cohort: Cohort, tally: Tally, by: Actor) -> None:
    for number, section in enumerate(mapping.cutoffs, start=1):
        with refusing(f"[[cutoffs]] {number}"):
            tally.add("cutoffs", _declare(cohort, section, by))
    for analysis in mapping.analyses:
        with refusing(f"[[analyses]] {analysis.slug}"):
            tally.add("analyses", _define(cohort, analysis, by))


def _declare(cohort: Cohort, section: CutoffSection, by: Actor) -> State:
    known = Cutoff.objects.filter(cohort=cohort, variable=section.variable, status=section.status)
    numbers = set(known.values_list("number", flat=True))
    cutoff = cutoff_declare(cohort=cohort, **vars(section), by=by)
    if cutoff.number in numbers:
        return State.SAME
    return State.CHANGED if numbers else State.NEW


def _define(cohort: Cohort, section: AnalysisSection, by: Actor) -> State:
    before = Analysis.objects.filter(cohort=cohort, slug=section.slug).first()
    after = analysis_define(
        cohort=cohort,
        slug=section.slug,
        title=section.title,
        kind=section.kind,
        parameters=section.parameters,
        is_registered=section.registered,
        order=section.order,
        by=by,
    )
    if before is None:
        return State.NEW
    return State.SAME if before.version == after.version else State.CHANGED


def _sentence(error: RowError) -> str:
    where = _("row %d") % error.row
    if error.column:
        where += ", " + _("column %s") % error.column
    return f"{where}, '{error.value}': {error.rule}" if error.value else f"{where}: {error.rule}"


def _error_summary(outcome: Outcome) -> str:
    bad = len({error.row for error in outcome.errors})
    return ngettext(
        "%(bad)d row of %(all)d cannot be imported; nothing was changed.",
        "%(bad)d rows of %(all)d cannot be imported; nothing was changed.",
        bad,
    ) % {"bad": bad, "all": outcome.rows}


def _summary(outcome: Outcome) -> str:
    left_out = len({error.row for error in outcome.errors}) if outcome.is_stored else 0
    text = _("%(cohort)s: %(rows)d rows in %(seconds).1f s (%(pace).0f rows/s).") % {
        "cohort": outcome.cohort,
        "rows": outcome.rows,
        "seconds": outcome.seconds,
        "pace": outcome.rows / max(outcome.seconds, 1e-9),
    }
    if left_out:
        text += " " + ngettext("%d row was left out.", "%d rows were left out.", left_out) % left_out
    return text + (" " + _("Dry run: nothing was changed.") if outcome.is_dry_run else "")
