"""Whose the rows of a message are: by number and authority, by PID-2 where agreed, by a known draw; never by name."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from labs.formats.messages.received import Observation, PatientSent, Received
from labs.formats.messages.senders import settings_of
from labs.inbox.mapping.selectors import default_authority, sent_numbers
from labs.inbox.mapping.site import Agreed
from labs.inbox.models import RowReason
from labs.specimens.models import Specimen, SpecimenKind
from registry.log.actors import Actor
from registry.patients.matching import SentNumber, contradictions, patients_numbered
from registry.patients.models import Patient


@dataclass(frozen=True)
class Match:
    """`patient` is None when nobody may be meant: `reason` and `detail`, which holds no identifier, say why."""

    patient: Patient | None
    reason: str = ""
    detail: str = ""


class Matcher:
    """For one message. Each patient in it is looked up once."""

    def __init__(self, received: Received, agreed: Agreed, by: Actor) -> None:
        self._received, self._agreed, self._by = received, agreed, by
        self._settings = settings_of(agreed.site, received.sender, received.standard)
        self._default = default_authority(received.sender)
        self._known: dict[int, Match | None] = {}
        self._drawn: dict[tuple[str, ...], Match] = {}

    def of(self, row: Observation) -> Match:
        """1. A number in PID-3 (or P), then PID-2 where agreed. 2. Only when none was sent: the draw's number."""
        if row.patient not in self._known:
            self._known[row.patient] = self._by_number(self._sent(row.patient))
        known = self._known[row.patient]
        return known if known is not None else self._by_draw(row)

    def numbers(self) -> list[SentNumber]:
        """Of all its patients."""
        return [number for sent in self._received.patients for number in self._numbers(self._ids(sent))]

    def _sent(self, group: int) -> PatientSent:
        patients = self._received.patients
        return patients[group] if group < len(patients) else PatientSent()

    def _by_number(self, sent: PatientSent) -> Match | None:
        ids = self._ids(sent)
        if not ids:
            return None
        numbers = self._numbers(ids)
        if not numbers:
            return Match(None, RowReason.UNMATCHED, _("No authority of these patient numbers is known here."))
        return self._checked(patients_numbered(numbers), sent)

    def _ids(self, sent: PatientSent) -> list[tuple[str, str]]:
        ids = [(number, authority) for number, authority in sent.ids if number.strip()]
        if not ids and self._settings.patient_id_in_pid2 and sent.second_id.strip():
            return [(sent.second_id, "")]
        return ids

    def _numbers(self, ids: Iterable[tuple[str, str]]) -> list[SentNumber]:
        named = [(number, authority.strip() or self._default) for number, authority in ids]
        return sent_numbers(named, self._agreed.authorities)

    def _by_draw(self, row: Observation) -> Match:
        numbers = tuple(sorted(_draw_numbers(row)))
        if not numbers:
            return Match(None, RowReason.UNMATCHED, _("The message names no patient and no draw."))
        if numbers not in self._drawn:
            self._drawn[numbers] = self._checked(list(_drawn_as(numbers)), self._sent(row.patient))
        return self._drawn[numbers]

    def _checked(self, found: list[Patient], sent: PatientSent) -> Match:
        if not found:
            return Match(None, RowReason.UNMATCHED, _("No patient has this number."))
        if len(found) > 1:
            return Match(None, RowReason.UNMATCHED, _("More than one patient has these numbers."))
        patient = found[0]
        differing = contradictions(patient=patient, birth_date=sent.birth_date, sex=sent.sex, by=self._by)
        if differing:
            names = {"sex": _("sex"), "birth_date": _("date of birth")}
            detail = _("Differs from what is known of the patient: %s.") % ", ".join(names[each] for each in differing)
            return Match(None, RowReason.IDENTITY_CONFLICT, detail)
        return Match(patient)


def patients_meant(messages: Iterable[Received], agreed: Agreed, by: Actor) -> set[int]:
    """Whom rows of these messages may be of, by any number in them; nobody's identity is looked at."""
    messages = list(messages)
    numbers = [number for received in messages for number in Matcher(received, agreed, by).numbers()]
    draws = {number for received in messages for row in received.observations for number in _draw_numbers(row)}
    return {patient.pk for patient in (*patients_numbered(numbers), *_drawn_as(draws))}


def _draw_numbers(row: Observation) -> set[str]:
    return {number.strip() for number in (row.specimen_id, row.filler) if number.strip()}


def _drawn_as(numbers: Collection[str]) -> QuerySet[Patient]:
    draws = Specimen.objects.filter(kind=SpecimenKind.BLOOD, retired_reason="", patient__retired_reason="")
    drawn = draws.filter(Q(code__in=numbers) | Q(numbers__number__in=numbers)).values("patient")
    return Patient.objects.filter(pk__in=drawn)
