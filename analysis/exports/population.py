"""Whose data an export holds, when it does not hold everybody's: which patients, from which day they are counted."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import QuerySet

from analysis.exports.kanonymity import Person, Released, release
from analysis.exports.profiles import Profile
from analysis.exports.pseudonyms import Secret
from analysis.exports.wish import Wish
from analysis.subcohorts.membership import subcohort_members
from registry.cohorts.access import visible_sites
from registry.models import Baseline, Cohort, Enrolment
from registry.people.models import User


@dataclass(frozen=True)
class Population:
    # enrolment → index date
    index: dict[int, date | None]
    cohort_of: dict[int, int]
    # patient → the earliest index date in the chosen cohorts
    first: dict[int, date | None]
    # Only those of a sub-cohort, in every table.
    is_part: bool = False
    released: Released = field(default_factory=lambda: Released(None))
    secret: Secret = field(default_factory=Secret)

    @property
    def left_out(self) -> frozenset[int]:
        return self.released.left_out

    def day_zero(self, patient: int | None, enrolment: int | None) -> date | None:
        if enrolment in self.index:
            return self.index[enrolment]
        return self.first.get(patient) if patient is not None else None

    def band_of(self, patient: int | None, enrolment: int | None) -> str | None:
        cohort = self.cohort_of.get(enrolment) if enrolment is not None else None
        return self.released.age(patient, cohort) if patient is not None else None


def members(user: User, cohorts: list[Cohort], wish: Wish) -> QuerySet[Enrolment]:
    """The enrolments that an export under a profile may tell of.

    Anonymous: the same patients in every table, or the differences between tables would tell of the few.
    """
    found = Enrolment.objects.filter(
        cohort__in=[cohort.pk for cohort in cohorts],
        patient__site__in=visible_sites(user),
        patient__retired_reason="",
        withdrawn_on=None,
        retired_reason="",
    ).order_by()
    if wish.is_ready and wish.profile == Profile.ANONYMOUS:
        found = found.filter(eligibility=Enrolment.Eligibility.ELIGIBLE)
    return found


def load_population(user: User, cohorts: list[Cohort], wish: Wish, using: str) -> Population:
    rows = list(
        members(user, cohorts, wish)
        .using(using)
        .values_list("pk", "patient_id", "cohort_id", "index_date", "patient__sex", "patient__study_number")
    )
    if wish.part:
        belong = set(subcohort_members(cohorts[0], wish.part, using))
        rows = [row for row in rows if row[5] in belong]
    first: dict[int, date | None] = {}
    for _pk, patient, _cohort, day, _sex, _number in rows:
        known = first.get(patient)
        first[patient] = min(known, day) if known and day else known or day
    released = _released(rows, wish, using) if wish.profile == Profile.ANONYMOUS else Released(None)
    return Population(
        index={row[0]: row[3] for row in rows},
        cohort_of={row[0]: row[2] for row in rows},
        first=first,
        is_part=bool(wish.part),
        released=released,
    )


def _released(rows: list[Any], wish: Wish, using: str) -> Released:
    ages = dict(
        Baseline.objects.using(using)
        .filter(enrolment__cohort__code__in=wish.cohorts, retired_reason="", age__isnull=False)
        .values_list("enrolment_id", "age")
    )
    people: dict[int, Person] = {}
    for pk, patient, cohort, _day, sex, _number in rows:
        person = people.setdefault(patient, Person(sex, {}))
        people[patient] = Person(sex, {**person.ages, cohort: ages.get(pk)})
    return release(people, wish.smallest_cell)
