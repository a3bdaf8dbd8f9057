"""Readings against what is stored: new, changed, same, to be confirmed, refused. Reads only; storing comes after."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from labs.blood.history import BloodHistory, blood_history
from labs.blood.models import Analyte, BloodResult
from labs.blood.reading import converted, questions, read_result
from labs.blood.upload.readings import Place, Reading
from labs.cohort_import.errors import RowError
from labs.specimens.access import visible_specimens
from labs.specimens.models import Specimen, SpecimenKind
from registry.log.checking import check
from registry.patients.access import visible_patients
from registry.patients.models import Patient
from registry.people.models import User

_CHUNK = 500


class State(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    ASKS = "asks"


@dataclass
class Item:
    """One reading that can be stored. `known` is the newest revision of its result, when there is one."""

    reading: Reading
    draw: Specimen
    analyte: Analyte
    state: State
    result: BloodResult
    known: BloodResult | None = None
    # why it must be confirmed, ticked or not
    questions: tuple[str, ...] = ()

    @property
    def line(self) -> int:
        return self.reading.line

    @property
    def key(self) -> str:
        """The name of its tick: by what it is, so that no other value inherits a tick."""
        return f"ok-{self.line}-{self.analyte.code}"


@dataclass
class Plan:
    items: list[Item] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)

    def of(self, *states: State) -> list[Item]:
        return [item for item in self.items if item.state in states]

    @property
    def asked(self) -> list[Item]:
        """Everything with a question, also when its tick is set."""
        return [item for item in self.items if item.questions]

    @property
    def new_draws(self) -> list[Specimen]:
        """Draws that storing would register, each once."""
        return list({item.draw.code: item.draw for item in self.items if item.draw._state.adding}.values())

    @property
    def counts(self) -> dict[str, int]:
        states = Counter(item.state for item in self.items)
        return {state.value: states[state] for state in State} | {"refused": len(self.errors)}

    @property
    def valid_lines(self) -> set[int]:
        bad = {error.row for error in self.errors} | {item.line for item in self.of(State.ASKS)}
        return {item.line for item in self.items} - bad

    def storable(self, lines: set[int]) -> list[Item]:
        return [item for item in self.of(State.NEW, State.CHANGED) if item.line in lines]

    @property
    def seen(self) -> str:
        """What the person looked at: when somebody stores something in between, this moves."""
        states = sorted(f"{item.line} {item.analyte.code} {item.known.pk if item.known else 0}" for item in self.items)
        return hashlib.sha256("\n".join(states).encode()).hexdigest()[:16]


def make_plan(
    user: User,
    readings: Sequence[Reading],
    errors: Iterable[RowError],
    analytes: dict[str, Analyte],
    *,
    registers_draws: bool,
    ticked: Iterable[str] = (),
) -> Plan:
    plan, ticks = Plan(errors=list(errors)), set(ticked)
    draws = _Draws(user, readings, registers_draws=registers_draws)
    placed = [(reading, draw) for reading in readings if (draw := draws.find(reading, plan.errors)) is not None]
    placed = _without_doubles(placed, plan.errors)
    known = _newest({draw.pk for _reading, draw in placed if not draw._state.adding})
    history = blood_history([draw for _reading, draw in placed])
    # In the order of the draws: within a file, too, a value is compared with the one before it.
    for reading, draw in sorted(placed, key=lambda pair: (pair[1].collected or date.min, pair[0].line)):
        analyte = analytes[reading.analyte]
        try:
            item = _item(reading, draw, analyte, known.get((draw.pk, analyte.pk)), history, ticks)
        except ValidationError as error:
            rules = error.messages
            plan.errors.append(RowError(reading.line, reading.column, _written(reading), " ".join(rules)))
            continue
        plan.items.append(item)
        if item.state in (State.NEW, State.CHANGED):
            history.add(item.result)
    plan.items.sort(key=lambda item: (item.line, item.analyte.code))
    plan.errors = sorted(set(plan.errors))
    return plan


def _item(
    reading: Reading,
    draw: Specimen,
    analyte: Analyte,
    known: BloodResult | None,
    history: BloodHistory,
    ticks: set[str],
) -> Item:
    result = converted(draw, analyte, reading.entered(accept=False))
    if known is not None and known.is_retracted:
        raise ValidationError(
            _("This result was retracted (%(why)s): an upload does not bring it back; enter it in the panel.")
            % {"why": known.correction_reason}
        )
    if known is not None and _is_same(known, result):
        return Item(reading, draw, analyte, State.SAME, known, known)
    check(result)
    item = Item(reading, draw, analyte, State.CHANGED if known else State.NEW, result, known)
    previous = history.before(draw, analyte)
    item.questions = tuple(questions(result, previous).values())
    if item.questions and item.key not in ticks:
        item.state = State.ASKS
    else:
        item.result = read_result(draw, analyte, reading.entered(accept=True), previous)
        item.result.recorded_by = ""
    return item


def _is_same(known: BloodResult, new: BloodResult) -> bool:
    """As results, not as texts: 3.80 g/dL in the file is no change of 38 g/L."""
    return (known.comparator, known.value, known.coded) == (new.comparator, new.value, new.coded)


def _written(reading: Reading) -> str:
    return f"{reading.text} {reading.unit}".strip()


def _without_doubles(placed: list[tuple[Reading, Specimen]], errors: list[RowError]) -> list[tuple[Reading, Specimen]]:
    groups: dict[tuple[str, str], list[Reading]] = defaultdict(list)
    for reading, draw in placed:
        groups[draw.code, reading.analyte].append(reading)
    double = [group for group in groups.values() if len(group) > 1]
    for group in double:
        places = ", ".join(f"{one.line} ({one.column})" for one in group)
        rule = _("The same draw has %(analyte)s more than once: lines %(places)s.")
        names = {"analyte": group[0].analyte, "places": places}
        errors += [RowError(one.line, one.column, _written(one), rule % names) for one in group]
    left_out = {id(reading) for group in double for reading in group}
    return [pair for pair in placed if id(pair[0]) not in left_out]


def _newest(draws: set[int]) -> dict[tuple[int | None, int], BloodResult]:
    found: dict[tuple[int | None, int], BloodResult] = {}
    wanted = sorted(draws)
    for start in range(0, len(wanted), _CHUNK):
        rows = BloodResult.objects.filter(specimen__in=wanted[start : start + _CHUNK], successor__isnull=True)
        found |= {(row.specimen_id, row.analyte_id): row for row in rows.select_related("specimen", "analyte")}
    return found


class _Draws:
    """Which draw a row means, among those that the person may see."""

    def __init__(self, user: User, readings: Sequence[Reading], *, registers_draws: bool) -> None:
        self.registers_draws = registers_draws
        codes = sorted({reading.place.draw for reading in readings})
        numbers = sorted({reading.place.patient for reading in readings} - {""})
        self.by_code: dict[str, Specimen] = {}
        self.patients: dict[str, Patient] = {}
        self.by_day: dict[tuple[str, date | None], list[Specimen]] = defaultdict(list)
        self.new: dict[str, Specimen] = {}
        self.said: set[tuple[int, str]] = set()
        for start in range(0, len(codes), _CHUNK):
            found = visible_specimens(user).filter(code__in=codes[start : start + _CHUNK])
            self.by_code |= {row.code: row for row in found}
        for start in range(0, len(numbers), _CHUNK):
            chunk = numbers[start : start + _CHUNK]
            self.patients |= {row.study_number: row for row in visible_patients(user).filter(study_number__in=chunk)}
            draws = visible_specimens(user).filter(kind=SpecimenKind.BLOOD, patient__study_number__in=chunk)
            for row in draws.order_by("code"):
                self.by_day[row.patient.study_number, row.collected].append(row)

    def find(self, reading: Reading, errors: list[RowError]) -> Specimen | None:
        """The draw, registered or to be; None when the row was refused, which is said once per row."""
        try:
            return self._coded(reading.place) if reading.place.draw else self._dated(reading.place)
        except ValidationError as error:
            place = reading.place
            rule = " ".join(error.messages)
            if (reading.line, rule) not in self.said:
                self.said.add((reading.line, rule))
                errors.append(RowError(reading.line, "", place.draw or f"{place.patient} {place.day}", rule))
            return None

    def _coded(self, place: Place) -> Specimen:
        draw = self.by_code.get(place.draw)
        if draw is None:
            return self._unknown(place.draw, place)
        if draw.kind != SpecimenKind.BLOOD:
            raise ValidationError(_("%s is no blood draw.") % draw.code)
        if place.patient and draw.patient.study_number != place.patient:
            raise ValidationError(
                _("%(draw)s is a draw of another patient than %(patient)s.")
                % {"draw": draw.code, "patient": place.patient}
            )
        if place.day and draw.collected != place.day:
            raise ValidationError(
                _("%(draw)s was drawn on %(stored)s, not on %(given)s.")
                % {"draw": draw.code, "stored": draw.collected or _("an unknown day"), "given": place.day}
            )
        return draw

    def _dated(self, place: Place) -> Specimen:
        if place.patient not in self.patients:
            raise ValidationError(_("There is no patient with this study number."))
        found = self.by_day.get((place.patient, place.day), [])
        if len(found) > 1:
            codes = ", ".join(draw.code for draw in found)
            raise ValidationError(_("The patient has several draws of this day: give the code (%s).") % codes)
        assert place.day is not None  # noqa: S101  # a row without a code has a patient and a day
        return found[0] if found else self._unknown(f"{place.patient}-B{place.day:%Y%m%d}", place)

    def _unknown(self, code: str, place: Place) -> Specimen:
        if not self.registers_draws:
            raise ValidationError(_("There is no such draw: register it first, or let the upload register draws."))
        if place.patient not in self.patients or place.day is None:
            raise ValidationError(
                _("There is no such draw, and to register it the row must give a known study number and the date.")
            )
        draw = self.new.get(code)
        patient = self.patients[place.patient]
        if draw is None:
            draw = Specimen(patient=patient, code=code, kind=SpecimenKind.BLOOD, collected=place.day)
            check(draw)
            self.new[code] = draw
        if (draw.patient_id, draw.collected) != (patient.pk, place.day):
            raise ValidationError(_("Rows above give this draw another patient or another day."))
        return draw
