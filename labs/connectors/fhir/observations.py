"""Observation: a blood result, its revisions as versions. The id is that of draw and analyte, which never changes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from labs.blood.models import BloodResult, ResultStatus
from labs.blood.selectors import revisions_of
from labs.blood.units import printed
from labs.connectors.fhir import names
from labs.connectors.fhir.asking import Asker
from labs.connectors.fhir.conditions import at_moment, coded, key_is, numbered, on_day, refers_to
from labs.connectors.fhir.draws import draw_of_day, times_of
from labs.connectors.fhir.families import Family, Parameter, Version, Written, nothing
from labs.connectors.fhir.judging import Placeable, judged_observation
from labs.connectors.fhir.models import ExternalNumber
from labs.connectors.fhir.references import referred
from labs.connectors.fhir.services import Meant, place_observation
from labs.formats.fhir.elements import Identifier
from labs.formats.fhir.observations import ObservationSent, read_observation
from labs.formats.fhir.problems import Issue, Json, Problem, refused
from labs.formats.fhir.search import Token, read_token
from labs.formats.fhir.systems import CATEGORY, LOINC
from labs.formats.fhir.writing import Meta, ObservationShown, When, observation_resource
from labs.revisions import newest_of
from labs.specimens.access import BENCH, MEASUREMENTS, visible_specimens
from labs.specimens.models import Specimen, SpecimenKind
from registry.api.simulated import marked
from registry.extensions import hidden_from
from registry.patients.models import Patient

PLACE = "Observation"
_RECEIVED = "received by FHIR"
_STATUS_SYSTEM = "http://hl7.org/fhir/observation-status"
# A final value that was followed by another one is a corrected one, whatever its sender calls it.
_FOLLOWS_FINAL = Q(supersedes__isnull=False, supersedes__is_retracted=False) & ~Q(
    supersedes__status=ResultStatus.PRELIMINARY
)
_VALID = Q(is_retracted=False)
STATUSES = {
    "final": _VALID & Q(status=ResultStatus.FINAL) & ~_FOLLOWS_FINAL,
    "corrected": _VALID & (Q(status=ResultStatus.CORRECTED) | (Q(status=ResultStatus.FINAL) & _FOLLOWS_FINAL)),
    "amended": _VALID & Q(status=ResultStatus.AMENDED),
    "preliminary": _VALID & Q(status=ResultStatus.PRELIMINARY),
    "entered-in-error": Q(is_retracted=True),
}


def status_shown(result: BloodResult) -> str:
    if result.is_retracted:
        return "entered-in-error"
    before = cast(BloodResult | None, result.supersedes)
    follows_final = before is not None and not before.is_retracted and not before.is_preliminary
    return "corrected" if result.status == ResultStatus.FINAL and follows_final else str(result.status)


def observation_id(result: BloodResult) -> str:
    return f"{result.specimen_id}-{result.analyte_id}"


def _id(_asker: Asker, text: str) -> Q:
    return _key(read_token(text).code)


def _key(key: str) -> Q:
    draw, _dash, analyte = key.partition("-")
    return key_is("specimen_id", draw) & key_is("analyte_id", analyte)


def _code(_asker: Asker, text: str) -> Q:
    token = read_token(text)
    if not token.code:  # any code of this system
        return {names.system(names.ANALYTE): Q(), LOINC: ~Q(analyte__loinc="")}.get(token.system or "", nothing())
    ours, loinc = Q(analyte__code=token.code), Q(analyte__loinc=token.code)
    return {names.system(names.ANALYTE): ours, LOINC: loinc, None: ours | loinc}.get(token.system, nothing())


def _identifier(_asker: Asker, text: str) -> Q:
    token = read_token(text)
    if token == Token(names.system(names.RESULT), ""):
        return Q()
    if token.system and not token.code:  # whatever has a number of this system
        rows = ExternalNumber.objects.filter(**numbered(ExternalNumber.Kind.OBSERVATION, token))
        return Q(Exists(rows.filter(specimen=OuterRef("specimen"), analyte=OuterRef("analyte"))))
    return numbered_results(Identifier(token.system or "", token.code), any_system=token.system is None)


def numbered_results(number: Identifier, *, any_system: bool = False) -> Q:
    """By our own number, B-0001/ALB, or by that of somebody else."""
    asked = {"kind": ExternalNumber.Kind.OBSERVATION, "value": number.value, "retired_reason": ""}
    asked |= {} if any_system else {"system": number.system}
    found = nothing()
    for specimen, analyte in ExternalNumber.objects.filter(**asked).values_list("specimen", "analyte"):
        found |= Q(specimen=specimen, analyte=analyte)
    draw, slash, analyte_code = number.value.rpartition("/")
    if slash and (any_system or number.system == names.system(names.RESULT)):
        found |= Q(specimen__code=draw, analyte__code=analyte_code)
    return found


class Observations(Family):
    type = PLACE
    reading = MEASUREMENTS
    writing = BENCH
    parameters = {
        "_id": Parameter("token", _id),
        "_lastUpdated": Parameter("date", at_moment("_lastUpdated", "recorded_at")),
        "identifier": Parameter("token", _identifier),
        "patient": Parameter("reference", refers_to("Patient", "specimen__patient")),
        "subject": Parameter("reference", refers_to("Patient", "specimen__patient")),
        "code": Parameter("token", _code),
        "date": Parameter("date", on_day("date", "specimen__collected")),
        "status": Parameter("token", coded(STATUSES, _STATUS_SYSTEM)),
        "category": Parameter("token", coded({"laboratory": Q()}, CATEGORY)),
        "specimen": Parameter("reference", refers_to("Specimen", "specimen")),
    }
    sorts = {
        "_id": "specimen_id",
        "_lastUpdated": "recorded_at",
        "date": "specimen__collected",
        "code": "analyte__code",
        "patient": "specimen__patient_id",
    }
    includes = {
        "Observation:subject": ("Patient", "specimen__patient_id"),
        "Observation:patient": ("Patient", "specimen__patient_id"),
        "Observation:specimen": ("Specimen", "specimen_id"),
    }
    elements = {
        "collected": "effective",
        "analyte": "code",
        "unit": "value.unit",
        "coded": "value",
        "entered_value": "value",
    }

    def rows(self, asker: Asker) -> QuerySet[Any]:
        """The newest revisions, those that were taken back as well."""
        rows = BloodResult.objects.filter(specimen__in=visible_specimens(asker.user), successor__isnull=True)
        if (hidden := hidden_from(asker.user).rows.get(BloodResult)) is not None:
            rows = rows.exclude(hidden)
        return marked(rows, "specimen__patient_id").select_related("specimen__patient", "analyte", "supersedes")

    def usual(self, rows: QuerySet[Any], names: set[str]) -> QuerySet[Any]:
        asked = {name.partition(":")[0] for name in names}
        return rows if asked & {"status", "_id", "identifier"} else rows.filter(is_retracted=False)

    def keyed(self, rows: QuerySet[Any], ids: Sequence[str]) -> QuerySet[Any]:
        wanted = nothing()
        for key in ids:
            wanted |= _key(key)
        return rows.filter(wanted)

    def id_of(self, row: Any) -> str:
        return observation_id(row)

    def updated(self, row: Any) -> datetime | None:
        found: datetime = row.recorded_at
        return found

    def present(self, asker: Asker, rows: Sequence[Any], *, is_search: bool = False) -> list[Json]:
        drawn = {row.specimen_id for row in rows}
        kind = ExternalNumber.Kind.OBSERVATION
        numbers: dict[tuple[int, int | None], list[Identifier]] = {}
        for each in ExternalNumber.objects.filter(kind=kind, specimen__in=drawn, retired_reason="").order_by("pk"):
            numbers.setdefault((each.specimen_id, each.analyte_id), []).append(Identifier(each.system, each.value))
        when = times_of({row.specimen for row in rows})
        return [
            self._one(row, when[row.specimen_id], numbers.get((row.specimen_id, row.analyte_id), []), row.simulated)
            for row in rows
        ]

    def _one(self, row: BloodResult, when: When, numbers: list[Identifier], is_simulated: bool) -> Json:
        draw, analyte = row.specimen, row.analyte
        return observation_resource(
            ObservationShown(
                meta=Meta(observation_id(row), str(row.version), row.recorded_at, is_simulated),
                identifiers=(names.named(names.RESULT, f"{draw.code}/{analyte.code}"), *numbers),
                status=status_shown(row),
                loinc=analyte.loinc,
                code=names.named(names.ANALYTE, analyte.code),
                name=analyte.name,
                patient=str(draw.patient_id),
                specimen=str(draw.pk),
                collected=when,
                value=row.value,
                unit=analyte.unit,
                unit_shown=printed(analyte.unit),
                comparator=row.comparator,
                word=names.named(names.WORD, row.coded) if row.coded else None,
                note=_as_sent(row),
            )
        )

    def versions(self, asker: Asker, row: Any) -> list[Version]:
        numbers = [Identifier(each.system, each.value) for each in _numbers(row)]
        when, found = times_of([row.specimen])[row.specimen_id], []
        for revision in reversed(revisions_of(row)):
            revision.specimen, revision.analyte = row.specimen, row.analyte
            resource = self._one(revision, when, numbers, row.simulated)
            found.append(Version(resource, revision.recorded_at, "POST" if revision.version == 1 else "PUT"))
        return found

    def create(self, asker: Asker, resource: Json) -> Written:
        """By its identifier a result that is known gets a revision; there is never a second one."""
        sent = read_observation(resource, timezone.get_current_timezone())
        placeable = judged_observation(asker, sent)
        known = self._known(asker, sent)
        draw = known.specimen if known else self._draw(asker, sent, placeable)
        before = BloodResult.objects.filter(specimen=draw, analyte=placeable.analyte).exists()
        stored = self._place(asker, sent, placeable, Meant(draw, _foreign(sent), known))
        return Written(self.rows(asker).get(pk=stored.pk), is_new=not before)

    def update(self, asker: Asker, row: Any, resource: Json, expected: str) -> Any:
        sent = read_observation(resource, timezone.get_current_timezone())
        meant = Meant(row.specimen, _foreign(sent), row, may_overrule=bool(expected))
        stored = self._place(asker, sent, judged_observation(asker, sent), meant)
        return self.rows(asker).get(pk=stored.pk)

    def _place(self, asker: Asker, sent: ObservationSent, placeable: Placeable, meant: Meant) -> BloodResult:
        if meant.known is not None and meant.known.analyte_id != placeable.analyte.pk:
            text = _("The result is one of %s, and stays one.") % meant.known.analyte.name
            raise Problem(409, Issue(text, f"{PLACE}.code", "conflict"))
        _refuse_elsewhere(asker, sent, meant.draw)
        return place_observation(meant=meant, placeable=placeable, by=asker.by, reason=_RECEIVED)

    def _known(self, asker: Asker, sent: ObservationSent) -> BloodResult | None:
        wanted = nothing()
        for number in sent.identifiers:
            wanted |= numbered_results(number)
        keys = set(BloodResult.objects.filter(wanted, successor__isnull=True).values_list("pk", flat=True))
        if not keys:
            return None
        found = self.rows(asker).filter(pk__in=keys).first() if len(keys) == 1 else None
        if found is None:
            text = _("These identifiers belong to other results.")
            raise Problem(409, Issue(text, f"{PLACE}.identifier", "duplicate"))
        return newest_of(BloodResult.objects.select_related("specimen__patient", "analyte").get(pk=found.pk))

    def _draw(self, asker: Asker, sent: ObservationSent, placeable: Placeable) -> Specimen:
        if sent.specimen is not None:
            draw: Specimen = referred(asker, sent.specimen, "Specimen", f"{PLACE}.specimen")
            if draw.kind != SpecimenKind.BLOOD:
                raise refused(_("A blood result belongs to a blood draw."), f"{PLACE}.specimen")
            return Specimen.objects.select_related("patient").get(pk=draw.pk)
        patient = referred(asker, sent.subject, "Patient", f"{PLACE}.subject")
        if sent.effective is None or sent.effective.precision not in ("day", "time"):
            text = _("Name the specimen, or say on which day the blood was drawn.")
            raise refused(text, f"{PLACE}.effective", "required")
        return draw_of_day(
            patient=Patient.objects.select_related("site").get(pk=patient.pk),
            effective=sent.effective,
            analyte=placeable.analyte,
            judged=placeable.judged,
            by=asker.by,
        )


def _refuse_elsewhere(asker: Asker, sent: ObservationSent, draw: Specimen) -> None:
    """What the sender says about patient, specimen and day must be so of the draw."""
    if sent.subject is not None:
        patient = referred(asker, sent.subject, "Patient", f"{PLACE}.subject")
        if patient.pk != draw.patient_id:
            raise refused(_("The specimen is another patient's."), f"{PLACE}.subject", "conflict")
    if sent.specimen is not None and referred(asker, sent.specimen, "Specimen", f"{PLACE}.specimen").pk != draw.pk:
        raise refused(_("The result is one of another specimen."), f"{PLACE}.specimen", "conflict")
    if sent.effective and draw.collected and draw.precision == "day":
        # A sender's day may be that of another time zone.
        near = timedelta(days=1)
        if not sent.effective.first - near <= draw.collected <= sent.effective.last + near:
            text = _("The specimen was collected on another day: %s.") % draw.collected
            raise refused(text, f"{PLACE}.effective", "conflict")


def _foreign(sent: ObservationSent) -> list[Identifier]:
    own = names.system(names.RESULT)
    return [number for number in sent.identifiers if number.system != own]


def _numbers(row: BloodResult) -> QuerySet[ExternalNumber]:
    kind = ExternalNumber.Kind.OBSERVATION
    return ExternalNumber.objects.filter(kind=kind, specimen=row.specimen_id, analyte=row.analyte_id).order_by("pk")


def _as_sent(row: BloodResult) -> str:
    """Said where the value was converted: what a person or a laboratory wrote."""
    written = f"{row.entered_value} {row.entered_unit}".strip()
    is_converted = row.value is not None and row.entered_unit not in (row.analyte.unit, printed(row.analyte.unit))
    return _("As entered: %s") % written if is_converted and row.entered_unit and not row.is_retracted else ""
