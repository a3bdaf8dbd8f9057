"""Survival under one reader, the other, their mean and the consensus; and the whole life of a round behind it."""

import re
from typing import Any

import pytest
from django.test import Client

from analysis.engine.execution import run_stale
from analysis.engine.freshness import freshness_of
from analysis.engine.models import Analysis
from analysis.frames.frame import Frame
from analysis.frames.reader_columns import reader_column
from analysis.kinds.groups import survival_by_group
from analysis.kinds.survival import SURVIVAL
from labs.ihc.models import Read
from labs.rounds.adjudicating import third_reader_add, third_reader_of
from labs.rounds.amending import read_amend
from labs.rounds.closing import round_reopen
from labs.rounds.models import Consensus
from labs.rounds.reading import Judgement
from labs.rounds.settling import Settlement, slide_settle
from registry.people.models import User
from registry.people.roles import Role
from tests.analysis.agreement.fixtures import close, read_as_scored, round_over, start
from tests.analysis.fixtures import Scored, define_pfs
from tests.registry.fixtures import BY
from tests.registry.people import client_of, person

MARKER = "ihc:FAP@tumour"


def frame(n: int = 30, absent: int = 0) -> Frame:
    """Reader 2 turns every third value around; the consensus follows reader 1."""
    rows = []
    for number in range(n):
        one = 12.0 if number % 2 else 2.0
        two = (2.0 if one > 6 else 12.0) if number % 3 == 0 else one
        row: dict[str, Any] = {"patient": f"P{number:03d}", "months": (3.0 if number % 2 else 20.0) + number}
        row |= {"event": number % 5 != 0, MARKER: one, reader_column(MARKER, "reader 1"): one}
        row |= {reader_column(MARKER, "reader 2"): None if number < absent else two}
        rows.append(row | {reader_column(MARKER, "mean of the readers"): (one + two) / 2})
    named = ("reader 1", "reader 2", "mean of the readers")
    columns = {reader_column(MARKER, name): {"label": name, "unit": "", "rounds": ["R2"]} for name in named}
    return Frame(rows, columns=columns | {MARKER: {"label": "FAP", "unit": ""}})


def panel(given: Frame) -> dict[str, Any]:
    output = SURVIVAL.compute(given, {"endpoint": "PFS", "marker": MARKER, "cutoff": 6})
    return dict(output["readers"])


def test_each_line_is_the_survival_analysis_of_those_values() -> None:
    given = frame()
    readers = panel(given)
    assert [line["name"] for line in readers["lines"]] == ["reader 1", "reader 2", "mean of the readers", "consensus"]
    for line in readers["lines"]:
        column = MARKER if line["name"] == "consensus" else reader_column(MARKER, line["name"])
        groups = ["high" if value > 6 else "low" for value in given.column(column)]
        alone = survival_by_group(given.column("months"), given.column("event"), groups, ["low", "high"])
        assert line["n_high"] == groups.count("high")
        if alone["refused"]:
            assert (line["hr"], line["p"], line["refused"]) == (None, None, alone["refused"])
        else:
            assert line["hr"]["hr"] == alone["hr"]["hr"] and line["p"] == alone["logrank"]["p"]
    assert readers["lines"][0]["hr"] == readers["lines"][3]["hr"] != readers["lines"][1]["hr"]


def test_all_lines_have_the_same_patients() -> None:
    readers = panel(frame(absent=4))
    assert (readers["n"], readers["without"]) == (26, 4)
    assert {line["n_high"] + line["n_low"] for line in readers["lines"]} == {26}


def test_without_a_closed_round_the_output_is_what_it_was() -> None:
    given = frame()
    bare = Frame(
        [{k: v for k, v in row.items() if "/" not in k} for row in given.rows],
        columns={MARKER: {"label": "FAP", "unit": ""}},
    )
    output = SURVIVAL.compute(bare, {"endpoint": "PFS", "marker": MARKER, "cutoff": 6})
    assert "readers" not in output
    assert not [claim for claim in SURVIVAL.headline(output) if claim.name.startswith(("under_", "readers"))]


def test_the_headline_says_when_the_conclusion_depends_on_the_reader() -> None:
    output = SURVIVAL.compute(frame(60), {"endpoint": "PFS", "marker": MARKER, "cutoff": 6})
    claims = {claim.name: claim for claim in SURVIVAL.headline(output)}
    verdicts = {claims[name].verdict for name in claims if name.startswith("under_")} | {claims["logrank_p"].verdict}
    assert claims["readers"].verdict == (
        "the same under every reader" if len(verdicts) == 1 else "depends on the reader"
    )


@pytest.mark.django_db
def test_a_round_from_its_first_read_to_an_amendment(scored: Scored, pfs_by_fap: Analysis) -> None:
    def computed() -> dict[str, Any]:
        assert freshness_of(pfs_by_fap).state in ("stale", "waiting")
        run_stale("test")
        pfs_by_fap.refresh_from_db()
        assert freshness_of(pfs_by_fap).state == "fresh" and pfs_by_fap.current is not None
        return pfs_by_fap.current.output_values

    assert "readers" not in computed()

    made = round_over(scored, consensus_rule="joint")
    run_stale("test")
    third = third_reader_add(round=made.round, reader=person(Role.PATHOLOGIST, username="cat"), by=BY)
    read_as_scored(made, turned=2)
    assert freshness_of(pfs_by_fap).state == "fresh", "reads of an open round reach no analysis"
    start(made)

    queue = list(third.assignments.select_related("slide"))
    assert len(queue) == 4, "two discordant slides and as many decoys"
    discordant = made.slides()[:2]
    for assignment in queue:
        made.read(User.objects.get(username="cat"), assignment.slide, intensity=3, percent=60)
    slide_settle(slide=discordant[0], settlement=Settlement("third"), seen=0, by=BY, reason="third read is clear")
    joint = Settlement("joint", {"intensity": 1, "percent": 40})
    slide_settle(slide=discordant[1], settlement=joint, seen=0, by=BY, reason="looked together")
    assert freshness_of(pfs_by_fap).state == "fresh"

    close(made)
    output = computed()
    assert [line["name"] for line in output["readers"]["lines"]][:2] == ["reader 1", "reader 2"]
    assert output["readers"]["n"] == 24 and output["readers"]["rounds"] == ["R2"]
    assert (output["readers"]["lines"][0]["n_high"], output["readers"]["lines"][0]["n_low"]) == (12, 12)

    before = pfs_by_fap.current
    slide = made.slides()[5]
    read = Read.objects.current().get(slide=slide, reader="ann")
    for reader in ("ann", "ben"):
        read = Read.objects.current().get(slide=slide, reader=reader)
        read_amend(read=read, judgement=Judgement({"intensity": 3, "percent": 90}), by=BY, reason="other tissue")
    output = computed()
    assert pfs_by_fap.current != before
    assert output["readers"]["lines"][0]["n_high"] == 13
    assert Consensus.objects.current().get(slide=slide).value == 12

    made.round.refresh_from_db()
    round_reopen(round=made.round, expected_version=made.round.version, by=BY, reason="a slide was swapped")
    assert "readers" not in computed()
    assert third_reader_of(made.round) == third


@pytest.mark.django_db
def test_the_panel_is_on_the_page_without_the_readers_names(scored: Scored) -> None:
    made = round_over(scored)
    read_as_scored(made)
    start(made)
    close(made)
    analysis = define_pfs(scored.cohort)
    run_stale("test")
    ivy: Client = client_of(person(Role.INVESTIGATOR, username="ivy"))
    page = ivy.get(analysis.get_absolute_url()).content.decode()
    assert "If one reader were right" in page and "reader 1" in page and "mean of the readers" in page
    assert not re.search(r"\b(ann|ben)\b", page)
