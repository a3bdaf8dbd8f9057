"""Patient: the study number; record number and date of birth for whoever may know who that is, and logged. No names."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from labs.connectors.fhir import names
from labs.connectors.fhir.asking import Asker
from labs.connectors.fhir.conditions import at_moment, coded, not_for_everybody, of_key
from labs.connectors.fhir.families import Family, Parameter, Version, Written, nothing
from labs.connectors.fhir.logged import earlier_versions, with_updated
from labs.formats.fhir.elements import Identifier
from labs.formats.fhir.patients import PatientSent, read_patient
from labs.formats.fhir.problems import Issue, Json, Problem, refused
from labs.formats.fhir.search import read_date_asked, read_token
from labs.formats.fhir.systems import GENDERS
from labs.formats.fhir.writing import Meta, PatientShown, patient_resource
from registry.api.simulated import marked
from registry.cohorts.access import visible_sites
from registry.extensions import hidden_from
from registry.log.facts import StaleWrite, changes_since
from registry.log.recording import recording
from registry.patients.access import visible_patients
from registry.patients.duplicates import duplicate_candidates
from registry.patients.forms import IDENTITY_FIELDS
from registry.patients.models import Patient, PatientIdentity, Sex
from registry.patients.registering import patient_register
from registry.patients.services import identities_read, identity_save, patient_update
from registry.people.models import Site
from registry.people.roles import CLINICAL, RECORDING

_LOGGED = "asked for by FHIR"
_RECEIVED = "received by FHIR"
PLACE = "Patient"


def _knows_identities(asker: Asker) -> bool:
    return asker.user.has_role(*RECORDING)


def _with_identity(asker: Asker, **asked: Any) -> Q:
    """Who a patient is concerns the patient's own site only."""
    rows = PatientIdentity.objects.filter(patient=OuterRef("pk"), site__in=visible_sites(asker.user), **asked)
    return Q(Exists(rows))


def _identifier(asker: Asker, text: str) -> Q:
    token = read_token(text)
    if token.system == names.system(names.STUDY_NUMBER):
        return Q(study_number=token.code) if token.code else Q()
    of_site = _site_code(token.system or "")
    if token.system is not None and not of_site:
        return nothing()
    if not _knows_identities(asker):
        return nothing() if of_site else Q(study_number=token.code)
    named = {"site__code": of_site} if of_site else {}
    by_number = _with_identity(asker, record_number=token.code, **named) if token.code else nothing()
    return by_number if of_site else Q(study_number=token.code) | by_number


def _site_code(system: str) -> str:
    start = f"{names.system(names.RECORD_NUMBER)}/"
    return system.removeprefix(start) if system.startswith(start) else ""


def _born(asker: Asker, text: str) -> Q:
    if not _knows_identities(asker):
        raise not_for_everybody("birthdate", _("Your roles do not let you search by who somebody is."))
    asked = read_date_asked("birthdate", text, timezone.get_current_timezone())
    first, last = asked.date.first, asked.date.last
    ways = {"ge": {"gte": first}, "gt": {"gt": last}, "sa": {"gt": last}, "le": {"lte": last}}
    ways |= {"lt": {"lt": first}, "eb": {"lt": first}}
    between = ways.get(asked.prefix, {"range": (first, last)})
    found = _with_identity(asker, **{f"birth_date__{way}": day for way, day in between.items()})
    return _with_identity(asker, birth_date__isnull=False) & ~found if asked.prefix == "ne" else found


_SEXES = {gender: Q(sex=sex) for sex, gender in GENDERS.items() if sex in Sex.values}


class Patients(Family):
    type = PLACE
    reading = CLINICAL
    writing = RECORDING
    parameters = {
        "_id": Parameter("token", of_key("pk")),
        "_lastUpdated": Parameter("date", at_moment("_lastUpdated", "logged_at")),
        "identifier": Parameter("token", _identifier),
        "birthdate": Parameter("date", _born),
        "gender": Parameter("token", coded(_SEXES, "http://hl7.org/fhir/administrative-gender")),
    }
    sorts = {"_id": "pk", "_lastUpdated": "logged_at", "identifier": "study_number"}
    elements = {
        "study_number": "identifier",
        "record_number": "identifier",
        "birth_date": "birthDate",
        "sex": "gender",
        "site": "managingOrganization",
    }

    def rows(self, asker: Asker) -> QuerySet[Any]:
        rows = visible_patients(asker.user).select_related("site")
        if (hidden := hidden_from(asker.user).rows.get(Patient)) is not None:
            rows = rows.exclude(hidden)
        return marked(with_updated(rows), "pk")

    def gone(self, asker: Asker, key: str) -> bool:
        rows = Patient.objects.exclude(retired_reason="").filter(site__in=visible_sites(asker.user))
        return self.keyed(rows, [key]).exists()

    def updated(self, row: Any) -> datetime | None:
        found: datetime | None = row.logged_at
        return found

    def present(self, asker: Asker, rows: Sequence[Any], *, is_search: bool = False) -> list[Json]:
        """A list that was not asked for by who somebody is says so of none; each is SUBSETTED then."""
        known = {} if is_search else self._identities(asker, rows)
        return [self._one(asker, row, known.get(row.pk)) for row in rows]

    def _identities(self, asker: Asker, rows: Sequence[Any]) -> dict[int, PatientIdentity]:
        mine = set(visible_sites(asker.user).values_list("pk", flat=True)) if _knows_identities(asker) else set()
        wanted = [row for row in rows if row.site_id in mine]
        return identities_read(patients=wanted, by=asker.by, reason=_LOGGED) if wanted else {}

    def _one(self, asker: Asker, row: Any, identity: PatientIdentity | None) -> Json:
        version = f"{row.version}.{identity.version}" if identity else str(row.version)
        is_subset = identity is None and _knows_identities(asker)
        number = identity.record_number if identity else ""
        return patient_resource(
            PatientShown(
                meta=Meta(str(row.pk), version, row.logged_at, row.simulated, is_subset),
                study_number=names.named(names.STUDY_NUMBER, row.study_number),
                sex=row.sex,
                record_number=names.record_number(row.site, number) if number else None,
                birth_date=identity.birth_date if identity else None,
            )
        )

    def versions(self, asker: Asker, row: Any) -> list[Version]:
        """Earlier ones without the identity: the log has none."""
        now = self.present(asker, [row])[0]
        found = []
        for step, values in earlier_versions(row, ("study_number", "sex")):
            is_now = step.version == row.version
            shown = PatientShown(
                meta=Meta(str(row.pk), str(step.version), step.at, row.simulated, is_subset=True),
                study_number=names.named(names.STUDY_NUMBER, values["study_number"]),
                sex=values["sex"],
            )
            resource = now if is_now else patient_resource(shown)
            found.append(Version(resource, step.at, "POST" if step.version == 1 else "PUT"))
        return found

    def create(self, asker: Asker, resource: Json) -> Written:
        sent = read_patient(resource, timezone.get_current_timezone())
        number = self._study_number(sent)
        if number is None:
            text = _("Give the study number, as an identifier of the system %s.") % names.system(names.STUDY_NUMBER)
            raise refused(text, f"{PLACE}.identifier", "required")
        site = self._site(asker, sent)
        identity = self._identity(sent, site)
        self._refuse_known(asker, number, identity)
        made = patient_register(
            study_number=number,
            site=site,
            sex=sent.sex or Sex.UNKNOWN,
            identity={name: identity.get(name, None if name == "birth_date" else "") for name in IDENTITY_FIELDS},
            cohort=None,
            index_date=None,
            by=asker.by,
            reason=_RECEIVED,
        )
        return Written(self.rows(asker).get(pk=made.pk), is_new=True)

    def update(self, asker: Asker, row: Any, resource: Json, expected: str) -> Any:
        sent = read_patient(resource, timezone.get_current_timezone())
        if self._study_number(sent) not in (None, row.study_number):
            raise refused(_("A patient keeps the study number."), f"{PLACE}.identifier")
        own, _dot, of_identity = expected.partition(".")
        patient = Patient.objects.select_related("site").get(pk=row.pk)
        changes = {"sex": sent.sex} if sent.sex else {}
        with recording(asker.by, _RECEIVED):
            patient_update(patient=patient, changes=changes, expected_version=_number(own), by=asker.by)
            if identity := self._identity(sent, patient.site):
                if not visible_sites(asker.user).filter(pk=patient.site_id).exists():
                    raise Problem(403, Issue(_("Who the patient is concerns the patient's own site."), PLACE))
                self._save_identity(asker, patient, identity, of_identity)
        return self.rows(asker).get(pk=row.pk)

    def _save_identity(self, asker: Asker, patient: Patient, values: dict[str, Any], expected: str) -> None:
        known = PatientIdentity.objects.filter(patient=patient).first()
        if known is None and expected:
            raise StaleWrite(changes_since(patient, patient.version))
        # Of a first entry every column is asked for.
        empty = {} if known else {name: None if name == "birth_date" else "" for name in IDENTITY_FIELDS}
        identity_save(patient=patient, values=empty | values, expected_version=_number(expected), by=asker.by)

    def _study_number(self, sent: PatientSent) -> str | None:
        system = names.system(names.STUDY_NUMBER)
        found = [each.value for each in sent.identifiers if each.system == system]
        if len(found) > 1:
            raise refused(_("A patient has one study number."), f"{PLACE}.identifier")
        return found[0] if found else None

    def _site(self, asker: Asker, sent: PatientSent) -> Site:
        codes = {sent.site} if sent.site else {code for each in sent.identifiers if (code := _site_code(each.system))}
        sites = visible_sites(asker.user)
        found = list(sites.filter(code__in=codes) if codes else sites[:2])
        if len(found) != 1 or len(codes) > 1:
            text = _("Say whose patient this is: managingOrganization.identifier.value is the code of a site of yours.")
            raise refused(text, f"{PLACE}.managingOrganization", "required")
        return found[0]

    def _identity(self, sent: PatientSent, site: Site) -> dict[str, Any]:
        """What was sent of it; what was not stays as it is."""
        found: dict[str, Any] = {}
        numbers = [each.value for each in sent.identifiers if each == Identifier(self._system_of(site), each.value)]
        if numbers:
            found["record_number"] = numbers[0]
        if sent.birth_date:
            found["birth_date"] = sent.birth_date
        if sent.name:
            found["name"] = sent.name
        return found

    def _system_of(self, site: Site) -> str:
        return names.record_number(site, "").system

    def _refuse_known(self, asker: Asker, number: str, identity: dict[str, Any]) -> None:
        if Patient.objects.filter(study_number=number).exists():
            raise Problem(409, Issue(_("This study number is taken."), f"{PLACE}.identifier", "duplicate"))
        blank = {name: None if name == "birth_date" else "" for name in IDENTITY_FIELDS}
        alike = duplicate_candidates(asker.user, study_number=number, identity=blank | identity)
        if alike:
            text = _("Somebody alike is known: %s. Register the patient on the page, where you can compare.")
            known = ", ".join(candidate.patient.study_number for candidate in alike)
            raise Problem(409, Issue(text % known, PLACE, "duplicate"))


def _number(version: str) -> int | None:
    return int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None
