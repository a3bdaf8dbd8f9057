"""The agreement of a round's readers, and what each reader sees of it after the close."""

import csv
import io
import re

import pytest
from django.test import Client

from analysis.agreement.content import agreement_in
from analysis.stats.agreement import agreement_of
from labs.ihc.scoring import ATTAINABLE
from labs.rounds.models import Assignment, Round
from registry.cohorts.models import Cohort
from registry.people.models import User
from registry.people.roles import Role
from tests.analysis.agreement.fixtures import close, manager, start
from tests.labs.rounds.fixtures import Reading, reading
from tests.registry.fixtures import make_cohort
from tests.registry.people import client_of, person, site

pytestmark = pytest.mark.django_db
URL = "/rounds/R2/agreement/"
SCORES = [(3, 90), (3, 60), (2, 90), (2, 60), (1, 90), (1, 60), (1, 30), (1, 10), (2, 30), (3, 30), (3, 10), (2, 10)]


@pytest.fixture(scope="module")
def kept(lasting: None) -> Reading:
    """Twelve tissues; ben is one line further down in every third of them, and counts three cells more than ann."""
    made = reading(make_cohort(site()), patients=12, consensus_rule="mean", repeat_percent=0)
    for place, slide in enumerate(made.slides("FAP")):
        intensity, percent = SCORES[place]
        made.read(made.first, slide, intensity=intensity, percent=percent, is_flagged=place == 0)
        intensity, percent = SCORES[(place + 1) % 12] if place % 3 == 0 else (intensity, percent)
        made.read(made.second, slide, intensity=intensity, percent=percent)
    for place, slide in enumerate(made.slides("CD206")):
        made.read(made.first, slide, field_counts=[10 + 3 * place] * 5)
        made.read(made.second, slide, field_counts=[13 + 3 * place + place % 2] * 5)
    return made


@pytest.fixture
def made(kept: Reading) -> Reading:
    first, second = (User.objects.get(pk=user.pk) for user in (kept.first, kept.second))
    return Reading(Round.objects.get(pk=kept.round.pk), first, second)


@pytest.fixture
def coordinator(db: None) -> Client:
    return client_of(manager())


def text_of(client: Client, url: str = URL, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status
    return answer.content.decode()


def test_the_numbers_are_those_of_the_statistics(made: Reading, coordinator: Client) -> None:
    items = {item.reads.marker.code: item for item in agreement_in(made.round, {"ann": "ann", "ben": "ben"})}
    assert items["FAP"].agreement is not None and items["CD206"].agreement is not None
    again = agreement_of(items["FAP"].reads.values, ATTAINABLE, readers=["ann", "ben"])
    pair = again.pairs[0]
    assert pair.linear and pair.quadratic and again.icc_agreement
    page = text_of(coordinator)
    for number in (pair.linear.value, pair.quadratic.value, again.icc_agreement.value):
        assert f"{number:.3f}" in page
    differences = items["CD206"].agreement.pairs[0].differences
    assert differences is not None and differences.bias.value == pytest.approx(-3.5)
    assert "-3.50" in page


def test_the_table_of_reads_leaves_out_what_nobody_used(made: Reading) -> None:
    item = next(item for item in agreement_in(made.round, {"ann": "A", "ben": "B"}) if item.reads.marker.code == "FAP")
    pair = item.pairs[0]
    assert sum(cell.n for _level, cells in pair.matrix for cell in cells) == 12
    assert 0 not in pair.used_levels
    assert all(cell.shade == 0 for _level, cells in pair.matrix for cell in cells if cell.n == 0)
    assert max(cell.shade for _level, cells in pair.matrix for cell in cells) == 4


def test_too_few_slides_get_a_reason_instead_of_a_number(a_cohort: Cohort, coordinator: Client) -> None:
    made = reading(a_cohort, patients=3, code="R3")
    for user in (made.first, made.second):
        made.read(user, made.slides()[0], intensity=1, percent=10)
    page = text_of(coordinator, "/rounds/R3/agreement/")
    assert "1 subject was read by both, fewer than 10." in page
    assert "Nobody has read a slide of this marker yet." in page


def test_a_reader_of_the_open_round_sees_nothing_whatever_else_the_login_may(made: Reading) -> None:
    both = person(Role.PATHOLOGIST, Role.DATA_MANAGER, username="both")
    made.round.readers.filter(reader=made.first).update(reader=both)
    assert client_of(both).get(URL).status_code == 404
    assert client_of(both).get(f"{URL}reads.csv").status_code == 404
    assert client_of(made.second).get(URL).status_code == 403


def test_an_investigator_sees_it_once_the_round_is_closed_and_readers_by_number(made: Reading) -> None:
    ivy = client_of(person(Role.INVESTIGATOR, username="ivy"))
    assert "not closed yet" in text_of(ivy)
    assert len(text_of(ivy, f"{URL}reads.csv").splitlines()) == 1
    start(made)
    close(made)
    page = text_of(ivy)
    assert "reader 1" in page
    assert not re.search(r"\b(ann|ben)\b", page)


def test_the_reads_can_be_computed_anew_elsewhere(made: Reading, coordinator: Client) -> None:
    text = text_of(coordinator, f"{URL}reads.csv").removeprefix("\ufeff")
    rows = [row for row in csv.DictReader(io.StringIO(text)) if row["marker"] == "FAP"]
    values = [[float(row["reader_1"]), float(row["reader_2"])] for row in rows]
    item = next(item for item in agreement_in(made.round, {"ann": "A", "ben": "B"}) if item.reads.marker.code == "FAP")
    assert values == item.reads.values
    assert {row["slide"] for row in rows} == {slide.code for slide in made.slides("FAP")}
    assert "R2-P0" not in text and "R2T0" not in text


def test_hidden_repeats_say_how_a_reader_agrees_with_the_own_reads(a_cohort: Cohort, coordinator: Client) -> None:
    made = reading(a_cohort, patients=4, code="R3", repeat_percent=50, washout_days=0)
    for user in (made.first, made.second):
        entries = Assignment.objects.filter(round_reader__reader=user, slide__round=made.round)
        for entry in entries.select_related("slide__stain__marker"):
            if entry.slide.stain.marker.code == "FAP":
                again = entry.slide.repeats_id is not None
                made.read(user, entry.slide, intensity=2, percent=60 if again and user == made.first else 90)
    item = next(item for item in agreement_in(made.round, {"ann": "A", "ben": "B"}) if item.reads.marker.code == "FAP")
    found = {name: pair.agreement.exact.value for name, pair in item.intra if pair}
    assert found == {"A": 0.0, "B": 1.0}
    assert "2 slides read twice" in text_of(coordinator, "/rounds/R3/agreement/")


def test_each_reader_sees_the_own_reads_against_the_consensus_after_the_close(made: Reading) -> None:
    ben = client_of(made.second)
    url = "/rounds/R2/comparison/"
    assert "not closed yet" in text_of(ben, url)
    start(made)
    assert "not closed yet" in text_of(ben, url)
    close(made)
    page = text_of(ben, url)
    assert "8 of 12 slides as the consensus" in page
    assert not re.search(r"\bann\b", page)
    assert f'href="{url}"' in text_of(ben, "/rounds/")
    assert client_of(person(Role.PATHOLOGIST, username="other")).get(url).status_code == 404
