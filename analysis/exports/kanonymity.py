"""Nobody stands out: age and sex are made coarser, or taken away, until every combination is that of k people or more.

The whole combination of a person counts: sex, and for every cohort that the person is in, the age there. Which cohorts
somebody is in cannot be taken away, so whoever shares them with fewer than k people is left out altogether.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

# The oldest are pooled, however many they are.
OLDEST = 90
# Coarser bands rather than a larger share of people blanked than this.
_TOLERATED = 0.1
# Lower bounds of bands, the first of them 0.
Cuts = tuple[int, ...]
_YEARS: Cuts = tuple(range(OLDEST + 1))
_FIVES: Cuts = tuple(range(0, OLDEST + 1, 5))

AgeBand = str | None


@dataclass(frozen=True)
class Person:
    sex: str
    # cohort → age there, where it is known
    ages: Mapping[int, float | None]


@dataclass(frozen=True)
class Released:
    """What may be told of each person."""

    # None: no age is told
    cuts: Cuts | None
    people: dict[int, Person] = field(default_factory=dict)
    # whose age and sex are not told
    blanked: frozenset[int] = frozenset()
    # who is in no table at all
    left_out: frozenset[int] = frozenset()

    def age(self, patient: int, cohort: int | None = None) -> AgeBand:
        person = self.people.get(patient)
        if person is None or patient in self.blanked:
            return None
        if cohort is None:
            known = sorted(person.ages)
            cohort = known[0] if known else None
        return band(person.ages.get(cohort), self.cuts) if cohort is not None else None

    def sex(self, patient: int) -> str | None:
        person = self.people.get(patient)
        return None if person is None or patient in self.blanked else person.sex

    def combination(self, patient: int) -> Hashable:
        cohorts = sorted(self.people[patient].ages)
        return (self.sex(patient), tuple((cohort, self.age(patient, cohort)) for cohort in cohorts))

    @property
    def bands(self) -> list[str]:
        """Those that somebody is in, as they are called; none when no age is told."""
        used = {self.age(patient, cohort) for patient, person in self.people.items() for cohort in person.ages}
        names = [_name(self.cuts, place) for place in range(len(self.cuts))] if self.cuts else []
        return [name for name in names if name in used]

    def counts(self) -> dict[str, Any]:
        return {
            "patients": len(self.people),
            "age_bands": self.bands,
            "age_and_sex_blanked": len(self.blanked),
            "left_out": len(self.left_out),
        }


def band(age: float | None, cuts: Cuts | None) -> AgeBand:
    return None if age is None or cuts is None else _name(cuts, bisect_right(cuts, int(age)) - 1)


def _name(cuts: Cuts, place: int) -> str:
    """In words: a spreadsheet takes 10-19 for a day in October."""
    low = cuts[place]
    if place == len(cuts) - 1:
        return f"{low} or more"
    high = cuts[place + 1] - 1
    if low == high:
        return str(low)
    return f"{low} to {high}" if place else f"under {high + 1}"


def release(people: Mapping[int, Person], k: int) -> Released:
    """Years where they hide enough, else bands of five, of which the smallest are joined with a neighbour until few
    people have to be blanked; with no two bands left, no ages."""
    by_cohorts: defaultdict[tuple[int, ...], set[int]] = defaultdict(set)
    for patient, person in people.items():
        by_cohorts[tuple(sorted(person.ages))].add(patient)
    left_out = frozenset(one for group in by_cohorts.values() if len(group) < k for one in group)
    kept = {patient: person for patient, person in people.items() if patient not in left_out}
    classes = [group for group in by_cohorts.values() if len(group) >= k]

    def with_bands(cuts: Cuts | None) -> Released:
        return Released(cuts, kept, _blanked(Released(cuts, kept), classes, k), left_out)

    found, cuts = with_bands(_YEARS), _FIVES
    while len(found.blanked) > _TOLERATED * len(kept) and len(cuts) > 1:
        found = with_bands(cuts)
        cuts = _joined(found)
    return found if len(found.blanked) <= _TOLERATED * len(kept) else with_bands(None)


def _joined(told: Released) -> Cuts:
    """Without the bound between the smallest band that hides too few and the smaller of its neighbours."""
    cuts = told.cuts or ()
    sizes, wanting = [0] * len(cuts), set()
    for patient, person in told.people.items():
        for age in person.ages.values():
            if age is not None:
                place = bisect_right(cuts, int(age)) - 1
                sizes[place] += 1
                if patient in told.blanked:
                    wanting.add(place)
    if not wanting:
        return cuts[:1]  # nobody's age is known, so bands change nothing
    smallest = min(wanting, key=lambda place: (sizes[place], place))
    sides = [place for place in (smallest - 1, smallest + 1) if 0 <= place < len(cuts)]
    neighbour = min(sides, key=lambda place: (sizes[place], place))
    return tuple(cut for place, cut in enumerate(cuts) if place != max(smallest, neighbour))


def _blanked(told: Released, classes: list[set[int]], k: int) -> frozenset[int]:
    blanked: set[int] = set()
    for group in classes:
        blanked |= _blanked_in(told, group, k)
    return frozenset(blanked)


def _blanked_in(told: Released, group: set[int], k: int) -> set[int]:
    """Whoever is in a small cell; and then, as the blanked are a cell as well, the next smallest until they are k."""
    cells: defaultdict[Hashable, set[int]] = defaultdict(set)
    for patient in group:
        cells[told.combination(patient)].add(patient)
    blanked: set[int] = set()
    for cell in sorted(cells, key=lambda cell: (len(cells[cell]), repr(cell))):
        if len(cells[cell]) < k or 0 < len(blanked) < k:
            blanked |= cells[cell]
    return blanked
