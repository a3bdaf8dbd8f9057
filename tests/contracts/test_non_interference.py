"""Nothing that another reader did, and no clinical fact, reaches a reader of a round by any address.

The database is built twice, differing only in what the reader may not know; then every address of the project is asked
with every method in both, and the answers must be the same to the byte. Where the second database says to each
statement of an answer what the first one said, that answer need not be made again. The addresses come from the table of
URLs: a new page is covered without being named here.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest
from django.db import connection

from analysis.engine.execution import run_stale
from analysis.reports.services import run_waiting
from labs.ihc.models import ReadQuerySet
from labs.rounds import access, queue
from labs.rounds.adjudicating import adjudication_start, third_reader_add
from labs.rounds.models import Round
from labs.rounds.reading import slide_read_undo
from labs.specimens import selectors
from registry.clinical.services import baseline_save, outcome_event_add
from registry.log.actors import Actor
from registry.patients.models import Patient
from registry.patients.services import identity_save
from registry.people.matrix import Address, addresses
from registry.people.models import User
from registry.people.roles import Role
from registry.people.services import role_grant
from tests.contracts.two_databases import answers, at, differences, later, urls, visitor_of
from tests.contracts.visitor import undone
from tests.contracts.world import World
from tests.labs.rounds.fixtures import Reading
from tests.registry.fixtures import BY
from tests.registry.people import person

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.one_database,
    # PostgreSQL does not take back the numbers that it gave out, so that no database can be built twice in place.
    pytest.mark.skipif(connection.vendor == "postgresql", reason="built twice by savepoints"),
]

Secret = Callable[["Case", int], None]


@dataclass(frozen=True)
class Case:
    """Who must not know what."""

    world: World
    made: Reading
    reader: User
    # the round's own samples, pages and their own forms only
    is_brief: bool = False

    def differences(self, secret: Secret, wanted: list[Address] | None = None) -> list[str]:
        asked = urls(self.world, list(addresses()) if wanted is None else wanted, is_brief=self.is_brief)
        visitor = visitor_of(User.objects.get(pk=self.reader.pk))
        with undone():
            secret(self, 0)
            first = answers(visitor, asked)
        with undone():
            secret(self, 1)
            return differences(visitor, first)


@pytest.fixture
def case(world: World) -> Case:
    first, second = (User.objects.get(username=name) for name in ("ann", "ben"))
    return Case(world, Reading(world.round, first, second), second)


def with_every_role(user: User) -> User:
    for role in sorted(set(Role) - user.roles):
        role_grant(user=user, role=role, by=BY)
    return User.objects.get(pk=user.pk)


# What ann does, which ben must not know.


def little(made: Reading) -> None:
    with at(later(1)):
        made.read(made.first, made.slides("FAP")[0], intensity=3, percent=90)


def much(made: Reading) -> None:
    """Other values, more reads, revisions, a flag, a comment, not assessable, an undo."""
    fap, cd206 = made.slides("FAP"), made.slides("CD206")
    with at(later(2)):
        read = made.read(made.first, fap[0], intensity=1, percent=10, comment="folded", is_flagged=True)
        made.read(made.first, fap[0], seen=read.version, intensity=2, percent=60)
        made.read(made.first, fap[1], not_assessable="no_tissue")
        for slide in cd206:
            made.read(made.first, slide, field_counts=[40, 41, 42, 43, 44])
        slide_read_undo(duty=made.duty(made.first), by=Actor.of(made.first))


def own_reads(made: Reading, user: User) -> None:
    """After the others' reads, so that a number of a row that is shown would betray how many those were."""
    with at(later(3)):
        made.read(user, made.slides("FAP")[0], intensity=2, percent=40)
        made.read(user, made.slides("CD206")[0], field_counts=[1, 2, 3, 4, 5])


def reads_of_the_other(case: Case, which: int) -> None:
    (little, much)[which](case.made)
    own_reads(case.made, case.reader)
    with at(later(4)):
        run_stale("test")
        run_waiting()


def all_reads(case: Case, which: int) -> None:
    """The primary reads are over. Which slides disagree may differ too: that is nothing a primary reader is told."""
    for place, slide in enumerate(case.made.slides("FAP")):
        with at(later(1 + which)):
            judged: Any = ({"intensity": 3, "percent": 90}, {"intensity": 2 - place, "percent": 30})[which]
            read = case.made.read(case.made.first, slide, **judged)
            if which:
                case.made.read(case.made.first, slide, seen=read.version, **(judged | {"comment": "looked again"}))
        with at(later(4)):
            case.made.read(case.made.second, slide, intensity=2, percent=30)
    for slide in case.made.slides("CD206"):
        with at(later(5)):
            case.made.read(case.made.first, slide, field_counts=([9, 9, 9, 9, 9], [50, 60, 70, 80, 90])[which])
            case.made.read(case.made.second, slide, field_counts=[10, 9, 10, 9, 10])
    begin_adjudication(case)


def agreed_and_not(case: Case, which: int) -> None:
    """Both primary readers differ from the other database, and yet the same slides disagree."""
    fap, cd206 = case.made.slides("FAP"), case.made.slides("CD206")
    high, low = (({"intensity": 3, "percent": 90}, {"intensity": 0, "percent": 0}))[:: 1 - 2 * which]
    with at(later(1 + which)):
        for user, judged in ((case.made.first, high), (case.made.second, low)):
            case.made.read(user, fap[0], **judged)
            for slide in fap[1:]:
                case.made.read(user, slide, **(high if which else low))
            for slide in cd206:
                case.made.read(user, slide, field_counts=[10 + which] * 5)
    begin_adjudication(case)


def begin_adjudication(case: Case) -> None:
    with at(later(6)):
        round = Round.objects.get(pk=case.made.round.pk)
        adjudication_start(round=round, expected_version=round.version, by=BY)
        run_stale("test")
        run_waiting()


def identities_and_outcomes(case: Case, which: int) -> None:
    reads_of_the_other(case, which)
    with at(later(7)):
        for number, patient in enumerate(Patient.objects.order_by("pk")):
            identity_save(patient=patient, values={"name": ("Wang Fang", "Li Na")[which]}, by=BY)
            for enrolment in patient.enrolments.all():
                baseline_save(enrolment=enrolment, values={"age": 40.0 + 30 * which}, by=BY)
            if number % 2 == which:
                outcome_event_add(patient=patient, kind="death", day=date(2023, 12, 1), by=BY)
            Patient.objects.filter(pk=patient.pk).update(study_number=f"{'AB'[which]}-{number}")
        run_stale("test")


def test_a_pathologist_learns_nothing_of_the_other_reader_nor_of_any_patient(case: Case) -> None:
    # What this role may not read is refused to every method alike; the other methods are asked with every role below.
    assert replace(case, is_brief=True).differences(identities_and_outcomes) == []


def test_a_pathologist_learns_nothing_while_the_round_is_settled(case: Case) -> None:
    assert replace(case, is_brief=True).differences(all_reads) == []


def test_a_reader_with_every_role_learns_nothing_of_the_other_reader(case: Case) -> None:
    with_every_role(case.reader)
    assert case.differences(reads_of_the_other) == []


def test_a_reader_with_every_role_learns_nothing_while_the_round_is_settled(case: Case) -> None:
    with_every_role(case.reader)
    assert replace(case, is_brief=True).differences(all_reads) == []


def test_the_third_reader_learns_nothing_of_the_first_two(case: Case) -> None:
    third = with_every_role(person(Role.PATHOLOGIST, username="cleo"))
    third_reader_add(round=case.made.round, reader=third, by=BY)
    assert Case(case.world, case.made, third, is_brief=True).differences(agreed_and_not) == []


# The comparison itself: each gate in turn is taken away, and the address that leaks is named.


def only(*starts: str) -> list[Address]:
    return [address for address in addresses() if address.pattern.startswith(starts)]


def test_it_finds_a_count_that_includes_others(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    from labs.ihc.models import Read

    monkeypatch.setattr(queue.Queue, "done", property(lambda self: Read.objects.count()))
    found = case.differences(reads_of_the_other, only("/rounds/"))
    assert any(line.startswith("GET /rounds/:") for line in found), found


def test_it_finds_reads_of_an_open_round_on_a_specimens_page(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    with_every_role(case.reader)
    monkeypatch.setattr(ReadQuerySet, "of_record", lambda self: self)
    monkeypatch.setattr(selectors, "without_blinded", lambda rows, user: rows)
    found = case.differences(reads_of_the_other, only("/specimens/"))
    assert any(line.startswith("GET /specimens/") for line in found), found


def test_it_finds_a_round_that_is_shown_to_its_reader(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    with_every_role(case.reader)
    monkeypatch.setattr(access, "coordinated_rounds", lambda user: Round.objects.all())
    found = case.differences(reads_of_the_other, only("/rounds/<slug:code>/"))
    assert any(line.startswith(f"GET /rounds/{case.world.round.code}/:") for line in found), found
