"""DiagnosticReport: the panel of one draw, with what a laboratory says of it. Its versions are those of its results."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext as _

from labs.blood.models import BloodResult
from labs.connectors.fhir import names
from labs.connectors.fhir.asking import Asker
from labs.connectors.fhir.conditions import at_moment, coded, of_key, on_day, refers_to, specimens_numbered
from labs.connectors.fhir.draws import times_of
from labs.connectors.fhir.families import Family, Parameter, Version, Written, nothing
from labs.connectors.fhir.logged import last_logged, steps
from labs.connectors.fhir.models import ExternalNumber, PanelReport
from labs.connectors.fhir.observations import STATUSES, observation_id, status_shown
from labs.connectors.fhir.references import referred
from labs.connectors.fhir.services import panel_report_keep
from labs.connectors.fhir.specimens import numbers_of
from labs.formats.fhir.elements import Identifier
from labs.formats.fhir.problems import Issue, Json, Problem, refused
from labs.formats.fhir.reports import ReportSent, read_report
from labs.formats.fhir.search import Token, read_token, unescaped
from labs.formats.fhir.systems import LOINC
from labs.formats.fhir.writing import LABORATORY_REPORT, Meta, ReportShown, report_resource
from labs.specimens.access import BENCH, MEASUREMENTS, visible_specimens
from labs.specimens.models import Specimen
from registry.api.simulated import marked
from registry.extensions import hidden_from
from registry.log.models import Change

PLACE = "DiagnosticReport"
_KIND = ExternalNumber.Kind.REPORT
_RECEIVED = "received by FHIR"
# What a laboratory may say although every result so far is final.
_OPEN = ("registered", "partial", "preliminary")
_LATER = ("amended", "appended", "corrected")


def numbered_reports(token: Token) -> Q:
    ours = token.system in (None, names.system(names.REPORT)) and token.code
    return (Q(code=token.code) if ours else nothing()) | specimens_numbered(_KIND, token)


def _identifier(_asker: Asker, text: str) -> Q:
    token = read_token(text)
    return Q() if token == Token(names.system(names.REPORT), "") else numbered_reports(token)


def _code(_asker: Asker, text: str) -> Q:
    token = read_token(text)
    if token.code == LABORATORY_REPORT and token.system in (None, LOINC):
        return Q()
    if not token.code:  # any code of this system
        return Q() if token.system == LOINC else Q(panel_report__codes__contains=f"\n{token.system or ''}|")
    return Q(panel_report__codes__contains=_line(token))


def _line(token: Token) -> str:
    return f"|{token.code}\n" if token.system is None else f"\n{token.system}|{token.code}\n"


def _based_on(_asker: Asker, text: str) -> Q:
    return Q(panel_report__orders__contains=f"|{unescaped(text)}\n")


def _has(condition: Q) -> Q:
    return Q(Exists(BloodResult.objects.current().filter(condition, specimen=OuterRef("pk"))))


_ANY = _has(Q())
_PRELIMINARY = _has(STATUSES["preliminary"])
_CORRECTED = _has(STATUSES["corrected"] | STATUSES["amended"])
_IS_OPEN = Q(panel_report__status__in=_OPEN)
_IS_LATER = Q(panel_report__status__in=_LATER)
_IS_DONE = _ANY & ~_IS_OPEN & ~_PRELIMINARY
# The same as _status says of one report.
_STATUSES = {
    "entered-in-error": ~_ANY,
    **{status: _ANY & Q(panel_report__status=status) for status in ("registered", "preliminary")},
    "partial": _ANY & (Q(panel_report__status="partial") | (~_IS_OPEN & _PRELIMINARY)),
    **{status: _IS_DONE & Q(panel_report__status=status) for status in ("amended", "appended")},
    "corrected": _IS_DONE & (Q(panel_report__status="corrected") | (~_IS_LATER & _CORRECTED)),
    "final": _IS_DONE & ~_IS_LATER & ~_CORRECTED,
}


class Reports(Family):
    type = PLACE
    reading = MEASUREMENTS
    writing = BENCH
    parameters = {
        "_id": Parameter("token", of_key("pk")),
        "_lastUpdated": Parameter("date", at_moment("_lastUpdated", "changed_at")),
        "identifier": Parameter("token", _identifier),
        "patient": Parameter("reference", refers_to("Patient", "patient")),
        "subject": Parameter("reference", refers_to("Patient", "patient")),
        "specimen": Parameter("reference", refers_to("Specimen", "pk")),
        "code": Parameter("token", _code),
        "category": Parameter("token", coded({"LAB": Q()}, "http://terminology.hl7.org/CodeSystem/v2-0074")),
        "date": Parameter("date", on_day("date", "collected")),
        "status": Parameter("token", coded(_STATUSES, "http://hl7.org/fhir/diagnostic-report-status")),
        "based-on": Parameter("reference", _based_on),
    }
    sorts = {"_id": "pk", "_lastUpdated": "changed_at", "date": "collected", "identifier": "code"}
    includes = {
        "DiagnosticReport:subject": ("Patient", "patient_id"),
        "DiagnosticReport:patient": ("Patient", "patient_id"),
        "DiagnosticReport:specimen": ("Specimen", "pk"),
        "DiagnosticReport:result": ("Observation", "result_ids"),
    }

    def rows(self, asker: Asker) -> QuerySet[Any]:
        rows = visible_specimens(asker.user).filter(Exists(BloodResult.objects.filter(specimen=OuterRef("pk"))))
        if (hidden := hidden_from(asker.user).rows.get(Specimen)) is not None:
            rows = rows.exclude(hidden)
        recorded = BloodResult.objects.filter(specimen=OuterRef("pk")).order_by().values("specimen")
        latest = Subquery(recorded.annotate(latest=Max("recorded_at")).values("latest"))
        said = Coalesce(last_logged(PanelReport, "panel_report__pk"), latest)
        dated: QuerySet[Any] = marked(rows).select_related("panel_report").annotate(changed_at=Greatest(latest, said))
        return dated

    def usual(self, rows: QuerySet[Any], names: set[str]) -> QuerySet[Any]:
        asked = {name.partition(":")[0] for name in names}
        return rows if asked & {"status", "_id", "identifier"} else rows.filter(_ANY)

    def updated(self, row: Any) -> datetime | None:
        found: datetime | None = row.changed_at
        return found

    def present(self, asker: Asker, rows: Sequence[Any], *, is_search: bool = False) -> list[Json]:
        numbers = numbers_of(_KIND, rows)
        events = _events(rows)
        for row, when in zip(rows, times_of(rows).values(), strict=True):
            row.drawn = when
        return [self._one(row, events[row.pk], numbers[row.pk]) for row in rows]

    def _one(self, row: Any, events: "list[_Event]", numbers: list[Identifier]) -> Json:
        """As it was after these events."""
        newest: dict[int, BloodResult] = {}
        said: PanelReport | None = None
        for event in events:
            if event.result is not None:
                newest[event.result.analyte_id] = event.result
            said = event.said or said
        row.result_ids = lambda: [observation_id(each) for each in newest.values() if not each.is_retracted]
        codes = [Identifier(LOINC, LABORATORY_REPORT), *_from_lines(said.codes if said else "")]
        return report_resource(
            ReportShown(
                meta=Meta(str(row.pk), str(len(events)), events[-1].at, row.simulated),
                identifiers=(names.named(names.REPORT, row.code), *numbers),
                status=_status(list(newest.values()), said.status if said else ""),
                codes=tuple(dict.fromkeys(codes)),
                name=_("Blood results of one draw"),
                patient=str(row.patient_id),
                specimen=str(row.pk),
                collected=row.drawn,
                orders=tuple(_from_lines(said.orders if said else "")),
                results=tuple(row.result_ids()),
            )
        )

    def versions(self, asker: Asker, row: Any) -> list[Version]:
        numbers = numbers_of(_KIND, [row])[row.pk]
        events = _events([row])[row.pk]
        row.drawn = times_of([row])[row.pk]
        return [
            Version(self._one(row, events[:count], numbers), events[count - 1].at, "POST" if count == 1 else "PUT")
            for count in range(len(events), 0, -1)
        ]

    def create(self, asker: Asker, resource: Json) -> Written:
        sent = read_report(resource)
        draw = self._draw(asker, sent)
        is_new = not PanelReport.objects.filter(specimen=draw).exists()
        return Written(self._keep(asker, draw, sent), is_new)

    def update(self, asker: Asker, row: Any, resource: Json, expected: str) -> Any:
        sent = read_report(resource)
        if (sent.results or sent.specimens or self._numbered(asker, sent)) and self._draw(asker, sent).pk != row.pk:
            raise Problem(409, Issue(_("These are results of another draw."), f"{PLACE}.result", "conflict"))
        return self._keep(asker, row, sent)

    def _keep(self, asker: Asker, draw: Any, sent: ReportSent) -> Any:
        own = names.system(names.REPORT)
        panel_report_keep(
            draw=Specimen.objects.select_related("patient").get(pk=draw.pk),
            status=sent.status,
            codes=[code for code in sent.codes if code != Identifier(LOINC, LABORATORY_REPORT)],
            orders=sent.orders,
            numbers=[number for number in sent.identifiers if number.system != own],
            by=asker.by,
            reason=_RECEIVED,
        )
        return self.rows(asker).get(pk=draw.pk)

    def _draw(self, asker: Asker, sent: ReportSent) -> Any:
        """The one draw of all its results; else the one that is named; else the one known by its number."""
        results = [referred(asker, each, "Observation", place) for each, place in sent.results]
        drawn = {result.specimen_id for result in results}
        drawn |= {referred(asker, each, "Specimen", place).pk for each, place in sent.specimens}
        if len(drawn) > 1:
            text = _("A report is the panel of one draw; these are results of %d.") % len(drawn)
            raise refused(text, f"{PLACE}.result", "conflict")
        known = self._numbered(asker, sent)
        draw = self.rows(asker).filter(pk__in=drawn).first() if drawn else known
        if draw is None:
            text = _("Send its results as well: a report of none says nothing here.")
            raise refused(text, f"{PLACE}.result", "required")
        if known is not None and known.pk != draw.pk:
            text = _("This identifier belongs to the report on another draw.")
            raise Problem(409, Issue(text, f"{PLACE}.identifier", "duplicate"))
        if (
            sent.subject is not None
            and referred(asker, sent.subject, "Patient", f"{PLACE}.subject").pk != draw.patient_id
        ):
            raise refused(_("The draw is another patient's."), f"{PLACE}.subject", "conflict")
        return draw

    def _numbered(self, asker: Asker, sent: ReportSent) -> Any:
        wanted = nothing()
        for number in sent.identifiers:
            wanted |= numbered_reports(Token(number.system, number.value))
        keys = set(Specimen.objects.filter(wanted).values_list("pk", flat=True))
        if not keys:
            return None
        found = self.rows(asker).filter(pk__in=keys).first() if len(keys) == 1 else None
        if found is None:
            text = _("These identifiers belong to other reports.")
            raise Problem(409, Issue(text, f"{PLACE}.identifier", "duplicate"))
        return found


@dataclass(frozen=True)
class _Event:
    """One version more: a revision of a result, or something that was said of the panel."""

    at: datetime
    result: BloodResult | None = None
    said: PanelReport | None = None


def _events(rows: Sequence[Any]) -> dict[int, list[_Event]]:
    found: dict[int, list[_Event]] = defaultdict(list)
    results = BloodResult.objects.filter(specimen__in=[row.pk for row in rows])
    for result in results.select_related("analyte", "supersedes").order_by("pk"):
        found[result.specimen_id].append(_Event(result.recorded_at, result=result))
    for row in rows:
        if (said := getattr(row, "panel_report", None)) is not None:
            found[row.pk] += _said(said)
        # Of what happened in one moment, the results come before what is said of them.
        found[row.pk].sort(key=lambda event: event.at)
    return found


def _said(report: PanelReport) -> list[_Event]:
    """Each state of it, from the log, oldest first. Orders are not in the log: they are shown as they are now."""
    values = {"status": report.status, "codes": report.codes}
    found = []
    for step, change in steps(report):
        found.append(_Event(step.at, said=PanelReport(orders=report.orders, **values)))
        values |= _old(change, values)
    return found[::-1]


def _old(change: Change, values: dict[str, str]) -> dict[str, str]:
    return {name: str(value) for name, value in change.old_values.items() if name in values}


def _status(results: list[BloodResult], said: str) -> str:
    statuses = {status_shown(result) for result in results if not result.is_retracted}
    if not statuses:
        return "entered-in-error"
    if said in _OPEN:
        return said
    if "preliminary" in statuses:
        return "partial"
    if said in _LATER:
        return said
    return "corrected" if statuses & {"corrected", "amended"} else "final"


def _from_lines(text: str) -> list[Identifier]:
    pairs = (line.partition("|") for line in text.split("\n") if line)
    return [Identifier(system, value) for system, _bar, value in pairs]
