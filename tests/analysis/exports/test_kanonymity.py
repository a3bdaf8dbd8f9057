"""Whatever the people are: nobody who is told of is in a smaller group than asked."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.exports.kanonymity import OLDEST, Person, release

FAST = settings(max_examples=60, deadline=None, derandomize=True)
# In the first, the second, or both.
COHORTS = ((1,), (2,), (1, 2))
# sex, cohorts, age in the one and in the other; 999 for an age that is not known
DRAWN = st.tuples(st.integers(0, 2), st.integers(0, 2), st.sampled_from([*range(20, 100, 3), 999]), st.integers(30, 95))


def person(drawn: tuple[int, int, int, int]) -> Person:
    sex, cohorts, *ages = drawn
    known = [None if age == 999 else age + 0.5 for age in ages]
    return Person("FMU"[sex], dict(zip(COHORTS[cohorts], known, strict=False)))


PEOPLE = st.lists(DRAWN, max_size=40).map(lambda found: dict(enumerate(map(person, found))))


@FAST
@given(PEOPLE, st.sampled_from([2, 5, 11]))
def test_every_combination_is_that_of_k_people_or_more(people: dict[int, Person], k: int) -> None:
    told = release(people, k)
    cells = Counter(told.combination(patient) for patient in told.people)
    assert all(size >= k for size in cells.values())
    assert told.left_out | set(told.people) == set(people)


@FAST
@given(PEOPLE)
def test_an_age_lies_in_the_band_that_is_told(people: dict[int, Person]) -> None:
    told = release(people, 2)
    for patient, person in told.people.items():
        for cohort, age in person.ages.items():
            band = told.age(patient, cohort)
            if band is None or age is None:
                continue
            low, high = bounds(band)
            assert low <= int(age) <= high
            assert int(age) < OLDEST or band.endswith("or more")


def bounds(band: str) -> tuple[float, float]:
    words = band.split()
    if words[0] == "under":
        return 0, int(words[1]) - 1
    if words[-1] == "more":
        return int(words[0]), 200
    return int(words[0]), int(words[-1])


def test_many_people_keep_their_years() -> None:
    people = {number: Person("FM"[number % 2], {1: 40.0 + number % 10}) for number in range(200)}
    told = release(people, 5)
    assert (told.age(0, 1), told.sex(0), told.blanked) == ("40", "F", frozenset())


def test_few_people_share_wider_bands_before_anybody_is_blanked() -> None:
    people = {number: Person("F", {1: 40.0 + 1.5 * number}) for number in range(20)}
    told = release(people, 5)
    assert not told.blanked
    assert len({told.age(number, 1) for number in people} - {None}) > 1
