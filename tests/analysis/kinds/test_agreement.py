"""The readers of a marker of a cohort: with a frame made here, and once through a closed round."""

from pathlib import Path
from typing import Any

import pytest

from analysis.canonical import plain
from analysis.engine.execution import run_stale
from analysis.engine.services import analysis_define
from analysis.frames.frame import Frame
from analysis.frames.reader_columns import reader_column
from analysis.kinds.agreement import AGREEMENT
from analysis.kinds.base import ParameterError
from tests.analysis.agreement.fixtures import close, read_as_scored, round_over, start
from tests.analysis.fixtures import Scored
from tests.analysis.tables.command import frame_reproduced_by_r
from tests.registry.fixtures import BY
from tests.services.r import R

MARKER = "ihc:FAP@tumour"
READERS = [reader_column(MARKER, name) for name in ("reader 1", "reader 2", "mean of the readers")]


def frame(n: int = 30, scale: str = "score") -> Frame:
    rows = []
    for number in range(n):
        one = (0.0, 4.0, 6.0, 12.0)[number % 4]
        two = 4.0 if number % 5 == 0 else one
        absent = number == 3
        values = [one, None if absent else two, None if absent else (one + two) / 2]
        rows.append({"patient": f"P{number:02d}", MARKER: one} | dict(zip(READERS, values, strict=True)))
    columns = {reader: {"label": reader, "unit": ""} for reader in READERS}
    return Frame(rows, columns={MARKER: {"label": "FAP", "unit": "", "scale": scale}} | columns)


def run(given: Frame, **parameters: Any) -> dict[str, Any]:
    return run_of(given, **{"marker": MARKER} | parameters)


def run_of(given: Frame, **parameters: Any) -> dict[str, Any]:
    AGREEMENT.check(parameters)
    return dict(plain(AGREEMENT.compute(given, parameters)))


def test_the_readers_are_compared_and_neither_their_mean_nor_the_consensus() -> None:
    output = run(frame(), weights="linear", icc=True)
    assert output["raters"] == ["reader 1", "reader 2"]
    assert output["n"] == 29
    assert output["dropped"] == {f"no value of {READERS[1]}": 1}
    assert output["levels"] == ["0", "1", "2", "3", "4", "6", "8", "9", "12"]
    claims = {claim.name: claim for claim in AGREEMENT.headline(output)}
    kappa = claims["kappa_reader 1_reader 2"]
    assert (kappa.value, kappa.verdict) == (output["kappa"]["value"], "better than chance")
    assert claims["icc2"].value == output["icc"][1]["value"]


def test_r_gives_the_same_numbers_of_the_readers(r: R, tmp_path: Path) -> None:
    wish = {"marker": MARKER, "weights": "linear", "icc": True}
    frame_reproduced_by_r(r, tmp_path, AGREEMENT, frame(), wish, run(frame(), **wish))


def test_tables_and_figure_come_from_the_output() -> None:
    output = run(frame(), icc=True)
    assert [result.name for result in AGREEMENT.tables(output)] == ["pairs", "icc"]
    assert all(len(row) == len(found.columns) for found in AGREEMENT.tables(output) for row in found.rows)
    assert [figure.name for figure in AGREEMENT.figures(output)] == ["reads"]


def test_of_many_raters_every_kappa_is_on_one_figure() -> None:
    names = [f"extra:R{number}" for number in range(5)]
    rows = [
        {"patient": f"P{i:02d}"} | {name: float((i + (i % 7 == place)) % 3) for place, name in enumerate(names)}
        for i in range(30)
    ]
    output = run_of(Frame(rows, columns={name: {"label": name, "unit": ""} for name in names}), raters=names)
    assert [figure.name for figure in AGREEMENT.figures(output)] == ["kappas", "reads"]
    assert "Cohen's kappa" in str(AGREEMENT.figures(output)[0].spec["title"])


def test_without_a_closed_round_there_is_nothing_to_compare() -> None:
    given = frame()
    bare = Frame(given.rows, columns={MARKER: given.columns[MARKER]})
    output = run(bare)
    assert output["refused"] == "No closed round of this marker has two readers to compare."
    assert AGREEMENT.figures(output) == []
    assert AGREEMENT.tables(output) == []
    assert [claim.name for claim in AGREEMENT.headline(output)] == ["n"]


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({"marker": "blood:ALB"}, "marker"),
        ({"marker": "FAP"}, "marker"),
        ({}, "marker"),
        ({"raters": ["blood:ALB"]}, "raters"),
        ({"raters": ["blood:ALB", "bad"]}, "raters"),
        ({"marker": MARKER, "weights": "cubic"}, "weights"),
        ({"marker": MARKER, "icc": 1}, "icc"),
        ({"marker": MARKER, "levels": [1]}, "levels"),
        ({"marker": MARKER, "cutoff": 6}, "cutoff"),
    ],
)
def test_parameters_that_make_no_sense_are_named(parameters: dict[str, Any], name: str) -> None:
    with pytest.raises(ParameterError) as caught:
        AGREEMENT.check(parameters)
    assert caught.value.name == name


@pytest.mark.django_db
def test_a_closed_round_of_a_cohort_is_compared(scored: Scored) -> None:
    made = round_over(scored)
    read_as_scored(made)
    start(made)
    close(made)
    analysis = analysis_define(
        cohort=scored.cohort,
        slug="readers",
        title="Readers of FAP",
        kind="agreement",
        parameters={"marker": MARKER, "weights": "quadratic"},
        by=BY,
    )
    run_stale("test")
    analysis.refresh_from_db()
    assert analysis.current is not None
    output = analysis.current.output_values
    assert output["n"] == 24
    assert output["raters"] == ["reader 1", "reader 2"]
    assert sum(map(sum, output["pairs"][0]["matrix"])) == 24
    assert output["pairs"][0]["exact"]["value"] == pytest.approx(20 / 24)
