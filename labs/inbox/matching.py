"""Whose the rows of a message are: by number and authority, by PID-2 where agreed, by a known draw; never by name."""

from collections.abc import Callable, Collection, Iterable
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
from registry.patients.matching import Identities, SentNumber, patients_by_number
from registry.patients.models import Patient


@dataclass(frozen=True)
class Match:
    """`patient` is None when nobody may be meant: `reason` and `detail`, which holds no identifier, say why."""

    patient: Patient | None
    reason: str = ""
    detail: str = ""


class People:
    """Whom the numbers in messages mean, asked at once for all messages of a transaction."""

    def __init__(self, by: Actor) -> None:
        self._known: dict[SentNumber, list[Patient]] = {}
        self.identities = Identities(by)

    def foresee(self, numbers: Iterable[SentNumber]) -> None:
        if missing := set(numbers) - self._known.keys():
            self._known |= patients_by_number(missing)
            self.identities.foresee(patient for number in missing for patient in self._known[number])

    def numbered(self, numbers: Collection[SentNumber]) -> list[Patient]:
        """Everybody whom one of the numbers means; more than one is for a person to decide."""
        self.foresee(numbers)
        return list({patient.pk: patient for number in numbers for patient in self._known[number]}.values())


class Matcher:
    """For one message. `before_looking` is called before the database is asked for draws: it writes what is new."""

    def __init__(
        self, received: Received, agreed: Agreed, people: People, before_looking: Callable[[], None] = lambda: None
    ) -> None:
        self._received, self._agreed, self._people = received, agreed, people
        self._before_looking = before_looking
        self._settings = settings_of(agreed.site, received.sender, received.standard)
        self._default = default_authority(received.sender, agreed.senders)
        self._known: dict[int, Match | None] = {}
        self._drawn: dict[tuple[str, ...], Match] = {}

    def of(self, row: Observation) -> Match:
        """1. A number in PID-3 (or P), then PID-2 where agreed. 2. Only when none was sent: the draw's number."""
        known = self.by_number(row)
        return known if known is not None else self._by_draw(row)

    def by_number(self, row: Observation) -> Match | None:
        """None where none was sent."""
        if row.patient not in self._known:
            self._known[row.patient] = self._numbered(self._sent(row.patient))
        return self._known[row.patient]

    def numbers(self) -> list[SentNumber]:
        """Of all its patients."""
        return [number for sent in self._received.patients for number in self._numbers(self._ids(sent))]

    def draw_numbers(self) -> set[str]:
        """By which the draws of patients without a number are looked for."""
        rows = self._received.observations
        return {number for row in rows if not self._ids(self._sent(row.patient)) for number in _draw_numbers(row)}

    def _sent(self, group: int) -> PatientSent:
        patients = self._received.patients
        return patients[group] if group < len(patients) else PatientSent()

    def _numbered(self, sent: PatientSent) -> Match | None:
        ids = self._ids(sent)
        if not ids:
            return None
        numbers = self._numbers(ids)
        if not numbers:
            return Match(None, RowReason.UNMATCHED, _("No authority of these patient numbers is known here."))
        return self._checked(self._people.numbered(numbers), sent)

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
            self._before_looking()
            self._drawn[numbers] = self._checked(list(_drawn_as(numbers)), self._sent(row.patient))
        return self._drawn[numbers]

    def _checked(self, found: list[Patient], sent: PatientSent) -> Match:
        if not found:
            return Match(None, RowReason.UNMATCHED, _("No patient has this number."))
        if len(found) > 1:
            return Match(None, RowReason.UNMATCHED, _("More than one patient has these numbers."))
        patient = found[0]
        differing = self._people.identities.contradictions(patient, birth_date=sent.birth_date, sex=sent.sex)
        if differing:
            names = {"sex": _("sex"), "birth_date": _("date of birth")}
            detail = _("Differs from what is known of the patient: %s.") % ", ".join(names[each] for each in differing)
            return Match(None, RowReason.IDENTITY_CONFLICT, detail)
        return Match(patient)


def patients_meant(matchers: Collection[Matcher], people: People) -> set[int]:
    """Whom rows of these messages may be of, by any number in them; nobody's identity is compared."""
    numbers = [number for matcher in matchers for number in matcher.numbers()]
    people.foresee(numbers)
    found = {patient.pk for patient in people.numbered(numbers)}
    draws = {number for matcher in matchers for number in matcher.draw_numbers()}
    return found.union(_drawn_as(draws).values_list("pk", flat=True)) if draws else found


def _draw_numbers(row: Observation) -> set[str]:
    return {number.strip() for number in (row.specimen_id, row.filler) if number.strip()}


def _drawn_as(numbers: Collection[str]) -> QuerySet[Patient]:
    draws = Specimen.objects.filter(kind=SpecimenKind.BLOOD, retired_reason="", patient__retired_reason="")
    drawn = draws.filter(Q(code__in=numbers) | Q(numbers__number__in=numbers)).values("patient")
    return Patient.objects.filter(pk__in=drawn)
