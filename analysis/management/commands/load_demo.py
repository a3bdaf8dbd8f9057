from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analysis.demo.loading import load_demo, missing, other_cohorts
from analysis.demo.logins import login_lines
from registry.models import Cohort, Enrolment


class Command(BaseCommand):
    help = (
        "Loads the two simulated cohorts with their analyses, and a login for each role. Does nothing the second time."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--force", action="store_true", help="load beside other cohorts, without logins")
        parser.add_argument("--if-empty", action="store_true", help="leave a database with other cohorts alone")

    def handle(self, *args: Any, **options: Any) -> None:
        others = other_cohorts()
        if others and missing() and not options["force"]:
            sentence = (
                f"This registry holds other cohorts ({', '.join(others)}); simulated patients have no place beside."
            )
            if not options["if_empty"]:
                raise CommandError(f"{sentence} Nothing was loaded; --force does it all the same.")
            self.stdout.write(f"{sentence} No demo was loaded.")
            return
        self._load()

    def _load(self) -> None:
        loaded = load_demo()
        for cohort in loaded.cohorts:
            self.stdout.write(f"Loaded {cohort.name}: {_counts(cohort)}")
        if not loaded.cohorts:
            self.stdout.write("The demo cohorts are there already; nothing was changed.")
        for line in login_lines(loaded.logins):
            self.stdout.write(line)


def _counts(cohort: Cohort) -> str:
    enrolled = Enrolment.objects.filter(cohort=cohort)
    eligible = enrolled.filter(eligibility=Enrolment.Eligibility.ELIGIBLE, withdrawn_on__isnull=True)
    return f"{eligible.count()} patients to analyse of {enrolled.count()} screened"
