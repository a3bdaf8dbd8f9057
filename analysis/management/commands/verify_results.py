import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analysis.reexecution.models import Verdict, Verification
from analysis.reexecution.services import verification_run
from registry.models import Cohort


class Command(BaseCommand):
    help = (
        "Computes stored results once more from their stored rows and names those that do not come out the same; "
        "exits with 1 when one differs without an explanation or stored rows are not those of their hash."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--cohort", metavar="CODE", help="of this cohort only")
        parser.add_argument("--all", action="store_true", help="every result that there ever was, not the present ones")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        found = verification_run(cohort=_cohort(options["cohort"]), is_of_all=options["all"])
        if options["json"]:
            self.stdout.write(json.dumps(_content(found), ensure_ascii=False))
        else:
            for detail in found.details:
                self.stdout.write(_sentence(detail))
            self.stdout.write(_summary(found))
        if not found.is_well:
            raise SystemExit(1)


def _cohort(code: str | None) -> Cohort | None:
    if code is None:
        return None
    cohort = Cohort.objects.filter(code=code).first()
    if cohort is None:
        raise CommandError(f"There is no cohort {code!r}.")
    return cohort


def _content(found: Verification) -> dict[str, Any]:
    names = ("results", "equal", "explained", "faults", "frames", "details")
    return {name: getattr(found, name) for name in names} | {"ok": found.is_well}


def _summary(found: Verification) -> str:
    return (
        f"{found.results} results: {found.equal} the same to the byte, {found.explained} with an explained difference; "
        f"{found.frames} stored tables read; {found.faults} faults."
    )


def _sentence(detail: dict[str, Any]) -> str:
    verdict = Verdict(detail["verdict"])
    if "fingerprint" in detail:
        return f"{detail['table']} {detail['fingerprint']}: {verdict.label}"
    first = next((f"; {each['path']}: {each['stored']} → {each['now']}" for each in detail["differences"]), "")
    moved = "".join(f"; {each['name']} {each['then']} → {each['now']}" for each in detail["moved_software"])
    error = f"; {detail['error']}" if detail["error"] else ""
    return f"{detail['analysis']} run {detail['run']}: {verdict.label}{moved}{first}{error}"
