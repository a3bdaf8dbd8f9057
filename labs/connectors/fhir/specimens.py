"""Specimen: ours, with the numbers by which others know it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from labs.connectors.fhir import names
from labs.connectors.fhir.asking import Asker
from labs.connectors.fhir.conditions import at_moment, coded, of_key, on_day, refers_to, specimens_numbered
from labs.connectors.fhir.draws import draw_known_as, times_of
from labs.connectors.fhir.families import Family, Parameter, Version, Written, nothing
from labs.connectors.fhir.logged import earlier_versions, with_updated
from labs.connectors.fhir.models import ExternalNumber
from labs.connectors.fhir.references import referred
from labs.connectors.fhir.services import numbers_keep
from labs.formats.fhir.elements import Identifier
from labs.formats.fhir.problems import Issue, Json, Problem, refused
from labs.formats.fhir.search import Token, read_token
from labs.formats.fhir.specimens import KINDS, SpecimenSent, read_specimen
from labs.formats.fhir.writing import Meta, SpecimenShown, When, specimen_resource
from labs.inbox.models import DrawNumber
from labs.specimens.access import BENCH, MEASUREMENTS, visible_specimens
from labs.specimens.models import Specimen, SpecimenKind, Timing
from labs.specimens.services import specimen_correct, specimen_create, specimen_retire
from registry.api.simulated import marked
from registry.extensions import hidden_from
from registry.log.recording import recording
from registry.patients.access import visible_patients
from registry.patients.models import Patient

PLACE = "Specimen"
_KIND = ExternalNumber.Kind.SPECIMEN
_COLUMNS = ("code", "kind", "timing", "collected", "precision")
_RECEIVED = "received by FHIR"


def numbered_specimens(token: Token) -> Q:
    """By our code or by the number of another system."""
    ours = Q(code=token.code) if token.system in (None, names.system(names.SPECIMEN)) and token.code else nothing()
    return ours | specimens_numbered(_KIND, token)


def accessioned(number: str) -> Q:
    """By what a laboratory's messages call the draw; some call all draws of a day the same."""
    return Q(pk__in=DrawNumber.objects.filter(number=number).values("specimen")) if number else nothing()


def _identifier(_asker: Asker, text: str) -> Q:
    token = read_token(text)
    if token == Token(names.system(names.SPECIMEN), ""):
        return Q()
    received = accessioned(token.code) if token.system in (None, "") else nothing()
    return numbered_specimens(token) | received


def _type(_asker: Asker, text: str) -> Q:
    token = read_token(text)
    if token.system in (None, names.system(names.SPECIMEN_KIND)) and token.code in SpecimenKind.values:
        return Q(kind=token.code)
    kinds = {kind for (system, code), kind in KINDS.items() if code == token.code and token.system in (None, system)}
    return Q(kind__in=kinds)


class Specimens(Family):
    type = PLACE
    reading = MEASUREMENTS
    writing = BENCH
    parameters = {
        "_id": Parameter("token", of_key("pk")),
        "_lastUpdated": Parameter("date", at_moment("_lastUpdated", "logged_at")),
        "identifier": Parameter("token", _identifier),
        "accession": Parameter("token", _identifier),
        "patient": Parameter("reference", refers_to("Patient", "patient")),
        "subject": Parameter("reference", refers_to("Patient", "patient")),
        "collected": Parameter("date", on_day("collected", "collected")),
        "type": Parameter("token", _type),
        "status": Parameter("token", coded({"available": Q()}, "http://hl7.org/fhir/specimen-status")),
    }
    sorts = {"_id": "pk", "_lastUpdated": "logged_at", "identifier": "code", "collected": "collected"}
    includes = {"Specimen:subject": ("Patient", "patient_id"), "Specimen:patient": ("Patient", "patient_id")}
    elements = {
        "code": "identifier",
        "kind": "type",
        "collected": "collection.collected",
        "precision": "collection.collected",
        "patient": "subject",
    }

    def rows(self, asker: Asker) -> QuerySet[Any]:
        rows = visible_specimens(asker.user)
        if (hidden := hidden_from(asker.user).rows.get(Specimen)) is not None:
            rows = rows.exclude(hidden)
        return marked(with_updated(rows))

    def gone(self, asker: Asker, key: str) -> bool:
        rows = Specimen.objects.exclude(retired_reason="").filter(patient__in=visible_patients(asker.user))
        return self.keyed(rows, [key]).exists()

    def updated(self, row: Any) -> datetime | None:
        found: datetime | None = row.logged_at
        return found

    def present(self, asker: Asker, rows: Sequence[Any], *, is_search: bool = False) -> list[Json]:
        others = numbers_of(_KIND, rows)
        row_numbers = _accessions(rows)
        when = times_of(rows)
        for row in rows:
            row.drawn = when[row.pk]
            row.accession = row_numbers.get(row.pk) or names.named(names.SPECIMEN, row.code)
        return [self._one(row, row.version, row.logged_at, _values(row), others[row.pk]) for row in rows]

    def _one(
        self, row: Any, version: int, at: datetime | None, values: dict[str, Any], others: list[Identifier]
    ) -> Json:
        code = names.named(names.SPECIMEN, values["code"])
        is_now = (values["collected"], values["precision"]) == (row.collected, row.precision)
        declared = values["timing"] == Timing.BASELINE_DECLARED
        return specimen_resource(
            SpecimenShown(
                meta=Meta(str(row.pk), str(version), at, row.simulated),
                code=code,
                others=tuple(others),
                accession=row.accession,
                kind=names.named(names.SPECIMEN_KIND, values["kind"]),
                kind_name=str(SpecimenKind(values["kind"]).label),
                patient=str(row.patient_id),
                collected=row.drawn if is_now else When(values["collected"], values["precision"]),
                note=str(Timing(values["timing"]).label) if declared else "",
            )
        )

    def versions(self, asker: Asker, row: Any) -> list[Version]:
        others = numbers_of(_KIND, [row])[row.pk]
        row.drawn = times_of([row])[row.pk]
        row.accession = _accessions([row]).get(row.pk) or names.named(names.SPECIMEN, row.code)
        return [
            Version(
                self._one(row, step.version, step.at, values, others), step.at, "POST" if step.version == 1 else "PUT"
            )
            for step, values in earlier_versions(row, _COLUMNS)
        ]

    def create(self, asker: Asker, resource: Json) -> Written:
        """A specimen that is known by one of its numbers is brought up to date, never entered twice."""
        sent = self._sent(resource)
        known = self._known(asker, sent)
        if known is not None:
            return Written(self._write(asker, known, sent, None), is_new=False)
        if sent.is_in_error:
            raise refused(_("There is no specimen with this number to withdraw."), f"{PLACE}.identifier")
        patient = referred(asker, sent.subject, "Patient", f"{PLACE}.subject")
        return Written(self._made(asker, Patient.objects.get(pk=patient.pk), sent), is_new=True)

    def _made(self, asker: Asker, patient: Patient, sent: SpecimenSent) -> Any:
        if not sent.kind:
            raise refused(_("Say which kind of specimen this is."), f"{PLACE}.type", "required")
        if sent.collected is None:
            raise refused(_("Say when it was collected."), f"{PLACE}.collection.collected", "required")
        code, others = self._code(sent)
        with recording(asker.by, _RECEIVED):
            made = specimen_create(
                patient=patient,
                code=code,
                kind=sent.kind,
                collected=sent.collected.first,
                precision=_precision(sent.collected.precision),
                by=asker.by,
            )
            numbers_keep(kind=_KIND, specimen=made, numbers=others, by=asker.by)
            if made.kind == SpecimenKind.BLOOD:  # a message that names the number then finds the draw
                accession = [sent.accession] if sent.accession else []
                known_as = [each.value for each in (*accession, *sent.identifiers)]
                draw_known_as(draw=made, numbers=known_as, collected=sent.collected, by=asker.by)
        return self.rows(asker).get(pk=made.pk)

    def update(self, asker: Asker, row: Any, resource: Json, expected: str) -> Any:
        sent = self._sent(resource)
        version = int(expected) if expected.isascii() and expected.isdigit() and len(expected) < 10 else None
        return self._write(asker, row, sent, row.version if version is None else version)

    def _write(self, asker: Asker, row: Any, sent: SpecimenSent, expected: int | None) -> Any:
        if sent.subject is not None:
            patient = referred(asker, sent.subject, "Patient", f"{PLACE}.subject")
            if patient.pk != row.patient_id:
                raise Problem(409, Issue(_("A specimen keeps its patient."), f"{PLACE}.subject", "conflict"))
        version = row.version if expected is None else expected
        plain = Specimen.objects.select_related("patient").get(pk=row.pk)
        if sent.is_in_error:
            specimen_retire(specimen=plain, expected_version=version, by=asker.by, reason=_RECEIVED)
            raise Withdrawn(f"{PLACE}/{row.pk}")
        with recording(asker.by, _RECEIVED):
            specimen_correct(
                specimen=plain, changes=_changes(sent), expected_version=version, by=asker.by, reason=_RECEIVED
            )
            own = names.system(names.SPECIMEN)
            others = [each for each in _numbers(sent) if each.system != own and each.value != plain.code]
            numbers_keep(kind=_KIND, specimen=plain, numbers=others, by=asker.by)
        return self.rows(asker).get(pk=row.pk)

    def _sent(self, resource: Json) -> SpecimenSent:
        own = names.system(names.SPECIMEN_KIND)
        return read_specimen(resource, timezone.get_current_timezone(), own, tuple(SpecimenKind.values))

    def _known(self, asker: Asker, sent: SpecimenSent) -> Any:
        """A number that somebody else's specimen has is taken, and that is all that is said about it."""
        numbers = _numbers(sent)
        if not numbers:
            text = _("Give the specimen's number, as identifier or accessionIdentifier.")
            raise refused(text, f"{PLACE}.identifier", "required")
        conditions = nothing()
        for number in numbers:
            conditions |= numbered_specimens(Token(number.system, number.value))
        if sent.accession and sent.subject and sent.collected:
            patient = referred(asker, sent.subject, "Patient", f"{PLACE}.subject")
            same_draw = Q(patient=patient.pk, collected=sent.collected.first)
            conditions |= accessioned(sent.accession.value) & same_draw
        keys = set(Specimen.objects.filter(conditions).values_list("pk", flat=True))
        if not keys:
            return None
        found = self.rows(asker).filter(pk__in=keys).first() if len(keys) == 1 else None
        if found is None:
            key = str(min(keys))
            if sent.is_in_error and len(keys) == 1 and self.gone(asker, key):
                raise Withdrawn(f"{PLACE}/{key}")
            text = _("These numbers belong to other specimens.")
            raise Problem(409, Issue(text, f"{PLACE}.identifier", "duplicate"))
        return found

    def _code(self, sent: SpecimenSent) -> tuple[str, list[Identifier]]:
        """Our code is the number in our own system, else the first that was sent; the rest are numbers of others."""
        numbers = _numbers(sent)
        own = names.system(names.SPECIMEN)
        code = next((each.value for each in numbers if each.system == own), numbers[0].value)
        return code, [each for each in numbers if each.system != own]


class Withdrawn(Exception):
    """The row was marked as entered in error: there is nothing left to show."""


def numbers_of(kind: str, specimens: Iterable[Any]) -> dict[int, list[Identifier]]:
    rows = ExternalNumber.objects.filter(kind=kind, specimen__in=list(specimens), retired_reason="").order_by("pk")
    found: dict[int, list[Identifier]] = defaultdict(list)
    for row in rows:
        found[row.specimen_id].append(Identifier(row.system, row.value))
    return found


def _accessions(specimens: Iterable[Any]) -> dict[int, Identifier]:
    """The number by which a laboratory's messages know a draw."""
    rows = DrawNumber.objects.filter(specimen__in=list(specimens)).exclude(number="").order_by("-pk")
    return {row.specimen_id: Identifier("", row.number) for row in rows}


def _numbers(sent: SpecimenSent) -> list[Identifier]:
    return list(dict.fromkeys([*sent.identifiers, *([sent.accession] if sent.accession else [])]))


def _values(row: Specimen) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _COLUMNS}


def _precision(sent: str) -> str:
    return "day" if sent == "time" else sent


def _changes(sent: SpecimenSent) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": sent.kind} if sent.kind else {}
    if sent.collected is not None:
        day: date = sent.collected.first
        found |= {"collected": day, "precision": _precision(sent.collected.precision), "timing": Timing.DATED}
    return found
