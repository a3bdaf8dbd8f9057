"""The simulation itself, without a database."""

import hashlib
from itertools import pairwise

import numpy as np
import pytest

from analysis.demo.chance import Chance, by_rank, ladder, on_grid
from analysis.demo.ici import ici_cohort
from analysis.demo.records import Person
from analysis.demo.resection import resection_cohort

# A value that changes here changes the figures of everybody who shows the demo: say so in the changelog.
DIGESTS = {"resection": "8bbdfabe5c19ca25", "ici": "c3e5978195dc447b"}


def digest(people: list[Person]) -> str:
    return hashlib.sha256(repr(people).encode()).hexdigest()[:16]


def test_the_resection_cohort_is_the_same_on_every_machine() -> None:
    assert digest(resection_cohort()) == DIGESTS["resection"]


def test_the_ici_cohort_is_the_same_on_every_machine() -> None:
    assert digest(ici_cohort()) == DIGESTS["ici"]


@pytest.mark.parametrize("people", [resection_cohort(), ici_cohort()], ids=["resection", "ici"])
def test_nothing_is_known_of_anybody_after_the_death(people: list[Person]) -> None:
    for person in people:
        for death in (happening.day for happening in person.happenings if happening.kind == "death"):
            assert max([*person.contacts, *(image.day for image in person.imaging)]) <= death
            assert max(therapy.start for therapy in person.therapies) <= death


@pytest.mark.parametrize("people", [resection_cohort(), ici_cohort()], ids=["resection", "ici"])
def test_contacts_come_about_every_three_months(people: list[Person]) -> None:
    for person in people:
        days = [person.index, *person.contacts]
        gaps = [(later - earlier).days for earlier, later in pairwise(days)]
        assert all(0 < gap <= 91 + 91 // 2 + 14 for gap in gaps)


def test_items_are_dealt_in_exact_numbers() -> None:
    dealt = Chance(1).counted({"a": 3, "b": 5})
    assert sorted(dealt) == ["a"] * 3 + ["b"] * 5


def test_equal_seeds_deal_equally_and_others_do_not() -> None:
    items = list(range(30))
    assert Chance(7).dealt(items) == Chance(7).dealt(items) != Chance(8).dealt(items)


def test_noise_is_standard_normal_in_any_order() -> None:
    noise = Chance(3).noise(400)
    assert noise.mean() == pytest.approx(0.0, abs=1e-12)
    assert noise.std() == pytest.approx(1.0, abs=0.01)


def test_a_ladder_goes_through_its_rungs() -> None:
    assert ladder((1.0, 2.0, 10.0), 5).tolist() == [1.0, 1.5, 2.0, 6.0, 10.0]


def test_values_are_given_in_the_order_of_the_ranks() -> None:
    assert by_rank(["low", "middle", "high"], np.array([0.3, -2.0, 0.1])) == ["high", "low", "middle"]


def test_halves_are_rounded_upwards_whatever_the_last_bit() -> None:
    assert on_grid(np.array([0.5, 1.5, 2.4999999999999996, 0.1 + 0.2]), 1.0, 0) == [1.0, 2.0, 3.0, 0.0]
