"""Waterfalls, mutation summaries, copy-number bars, shares by group."""

from typing import Any

import pytest

from analysis.charts.omics import copy_number, mutation_summary, paired_shares, waterfall
from analysis.charts.points import points
from tests.analysis.charts.drawing import colours, texts

Capture = pytest.CaptureFixture[str]
MISSENSE, NONSENSE, MULTI = "Missense_Mutation", "Nonsense_Mutation", "Multi_Hit"


def mutated(**changes: Any) -> dict[str, Any]:
    hits = [[MISSENSE, MULTI, "", ""], ["", NONSENSE, MISSENSE, ""]]
    return {"genes": ["TP53", "CTNNB1"], "hits": hits, "burden": [1.0, 2.0, 1.5, 0.5], "n": 8} | changes


def test_a_waterfall_says_the_share_of_all_samples_and_the_median_burden(capfd: Capture) -> None:
    spec = waterfall.chart(mutated())
    drawn = texts(spec, capfd)
    assert {"TP53", "CTNNB1", "25 %", "median 1.2", MISSENSE, NONSENSE, MULTI} <= set(drawn)
    assert "Altered in 3 of 8 samples (38 %)" in drawn
    assert "Splice_Site" not in drawn
    assert list(colours(spec)) == []
    _, rows = points(spec)
    cells = [(row["gene"], row["first"], row["class"]) for row in rows if row["layer"] == "hits"]
    assert cells == [("TP53", 1, MISSENSE), ("TP53", 2, MULTI), ("CTNNB1", 2, NONSENSE), ("CTNNB1", 3, MISSENSE)]


def test_the_samples_of_a_waterfall_stand_below_their_burden() -> None:
    _, rows = points(waterfall.chart(mutated()))
    burden = [row["left"] for row in rows if row["layer"] == "burdens"]
    cells = {row["first"]: row["left"] for row in rows if row["layer"] == "hits"}
    assert [cells[1], cells[2], cells[3]] == burden[:3]


def test_a_waterfall_of_35_genes_and_450_samples_draws_30_and_400_and_says_so(capfd: Capture) -> None:
    row = [MISSENSE, "", "A class of its own"] * 150
    spec = waterfall.chart(
        mutated(genes=[f"G{i}" for i in range(35)], hits=[row] * 35, burden=[1.0] * 449 + [90.0], n=450)
    )
    drawn = texts(spec, capfd)
    assert {"Not drawn: 5 more genes and 50 more samples", "67 %", "G29", "A class of its own"} <= set(drawn)
    assert "G30" not in drawn


def test_a_waterfall_of_one_gene_in_one_sample_is_drawn(capfd: Capture) -> None:
    spec = waterfall.chart(mutated(genes=["TP53"], hits=[[MISSENSE]], burden=[0.0], n=1))
    assert {"100 %", "median 0"} <= set(texts(spec, capfd))


def counted(n: int = 5, **changes: Any) -> dict[str, Any]:
    return {
        "by_class": {MISSENSE: [4, 40, 2, 3, 0][:n], NONSENSE: [1, 0, 0, 2, 0][:n], "Splice_Site": [0] * n},
        "types": {"DEL": 1, "SNP": 41},
        "substitutions": {"C>T": 30, "T>C": 11},
        "genes": [
            {"gene": "TP53", "mutated": 2, "classes": {MISSENSE: 3, NONSENSE: 1}},
            {"gene": "TTN", "mutated": 1, "classes": {MISSENSE: 9, "Splice_Site": 0}},
        ],
    } | changes


def test_a_summary_of_mutations_shows_the_numbers_given(capfd: Capture) -> None:
    spec = mutation_summary.chart(counted())
    drawn = texts(spec, capfd)
    assert {"52 non-silent variants in 5 samples", "median 5", "49", "3", "41", "30", "11", "40 %", "20 %"} <= set(
        drawn
    )
    assert drawn.index("SNP") < drawn.index("DEL")
    assert "Splice_Site" not in drawn
    assert "Per sample, 1 above the axis" in drawn
    assert list(colours(spec)) == []
    assert "Classes: Missense_Mutation 49, Nonsense_Mutation 3." in spec["description"]


def test_samples_of_a_summary_go_from_the_most_mutated_on() -> None:
    _, rows = points(mutation_summary.chart(counted()))
    tops = [row["to"] for row in rows if row["layer"] == "per-sample-bars" and row["class"] == NONSENSE]
    assert tops == [40, 5, 5, 2, 0, 0]


def test_a_summary_of_one_class_in_one_sample_is_drawn(capfd: Capture) -> None:
    spec = mutation_summary.chart(counted(1, by_class={MISSENSE: [3]}, types={"SNP": 3}))
    assert {"3 non-silent variants in 1 sample", "median 3"} <= set(texts(spec, capfd))


def calls(gene: str, deep: float, loss: float, gain: float, amplification: float) -> dict[str, Any]:
    return {"gene": gene, "deep_deletion": deep, "loss": loss, "gain": gain, "amplification": amplification}


def test_copy_number_bars_say_both_sides_and_keep_the_order_given(capfd: Capture) -> None:
    spec = copy_number.chart({"n": 370, "rows": [calls("MYC", 0, 0.02, 0.4, 0.25), calls("CSMD1", 0.11, 0.5, 0.05, 0)]})
    drawn = texts(spec, capfd)
    assert drawn.index("MYC") < drawn.index("CSMD1")
    assert {"65 %", "2.0 %", "61 %", "5.0 %", "370 samples", "deep deletion", "low-level gain"} <= set(drawn)
    assert "MYC gain 65 % (25 % amplification), loss 2.0 % (0 % deep)" in spec["description"]
    assert list(colours(spec)) == []
    _, rows = points(spec)
    bars = {(row["gene"], row["call"]): (row["start"], row["end"]) for row in rows if row["layer"] == "calls"}
    assert bars["CSMD1", "deep deletion"] == (0, -0.11)
    assert bars["CSMD1", "shallow loss"] == pytest.approx((-0.11, -0.61))
    assert ("MYC", "deep deletion") not in bars


def test_copy_number_bars_of_unchanged_and_of_too_many_genes_are_drawn(capfd: Capture) -> None:
    rows = [calls(f"G{i}", 0, 0, 0, 0) for i in range(42)]
    drawn = texts(copy_number.chart({"n": 9, "rows": rows}), capfd)
    assert "2 more genes are not drawn" in drawn
    assert "G40" not in drawn


def shared(label: str, one: float, other: float, *, found: bool = False) -> dict[str, Any]:
    return {"label": label, "shares": [one, other], "said": f"q of {label}", "found": found}


def test_shares_of_two_groups_stand_beside_each_other_with_their_test(capfd: Capture) -> None:
    groups = [{"name": "high", "n": 78}, {"name": "low", "n": 77}]
    rows = [shared("TP53", 0.385, 0, found=True), *(shared(f"G{i}", 0.05, 0.04) for i in range(31))]
    spec = paired_shares.chart({"what": "mutated", "alpha": 0.05, "groups": groups, "rows": rows})
    drawn = texts(spec, capfd)
    assert {"high: 78", "low: 77", "38 %", "0 %", "q of TP53", "2 more rows are not drawn"} <= set(drawn)
    assert "G29" not in drawn
    assert list(colours(spec)) == []
    assert "Share mutated in high (n 78) and low (n 77). TP53: 38 % against 0 %, q of TP53; " in spec["description"]
    _, drawn_rows = points(spec)
    assert [row["label"] for row in drawn_rows if row["layer"] == "differing"] == ["TP53"]
