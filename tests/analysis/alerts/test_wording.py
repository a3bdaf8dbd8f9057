"""The sentences of alerts: what they say, and what they never do."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.alerts.wording import (
    MOST_CODES,
    MOST_FLIPS,
    Records,
    because_text,
    cutoff_text,
    flip_text,
    movement_sentence,
    passage,
    ranking_sentence,
    verdict_text,
)
from analysis.headline.claims import Claim
from analysis.headline.ranking import Overtaken

SLIDES = ("slide", "slides")
probabilities = st.floats(min_value=1e-3, max_value=1, allow_nan=False)
codes = st.lists(st.integers(0, 9999).map(lambda n: f"R2-{n:04d}"), min_size=1, max_size=12, unique=True)


def claim(name: str, value: float | None, verdict: str = "", **more: Any) -> dict[str, Any]:
    return Claim(name, more.pop("label", name), value, verdict=verdict, **more).as_json()


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("FAP splits PFS", "FAP does not split PFS", "FAP no longer splits PFS"),
        ("FAP does not split PFS", "FAP splits PFS", "FAP now splits PFS"),
        ("no cutoff of FAP splits PFS", "FAP splits PFS", "FAP now splits PFS"),
        ("PNI tells responders apart", "PNI does not tell responders apart", "PNI no longer tells responders apart"),
        (
            "the areas of PNI and IL-6 do not differ",
            "the areas of PNI and IL-6 differ",
            "the areas of PNI and IL-6 now differ",
        ),
        ("Age differs", "no difference of Age shown", "Age no longer differs"),
        ("AFP: no effect shown", "AFP: higher hazard", "AFP now goes with higher hazard"),
        ("AFP: higher hazard", "AFP: lower hazard", "AFP now goes with lower hazard, not higher"),
        ("high does worse", "high does better", "high now does better, not worse"),
    ],
)
def test_a_verdict_that_turned_is_said_in_one_passage(before: str, after: str, said: str) -> None:
    assert verdict_text(before, after) == said


def test_verdicts_without_a_common_pattern_are_both_given() -> None:
    turned = flip_text(
        claim("readers", None, "the same under every reader", label="Conclusion by reader"),
        claim("readers", None, "depends on the reader", label="Conclusion by reader"),
    )
    assert turned == "Conclusion by reader: depends on the reader, before: the same under every reader"


@pytest.mark.parametrize(
    ("name", "before", "after", "said"),
    [
        ("logrank_p", 0.031, 0.062, "p 0.031 → 0.062"),
        ("logrank_p", 0.04996, 0.0504, "p 0.04996 → 0.05040"),
        ("logrank_p", 0.05, 0.00001, "p 0.050 → < 0.0001"),
        ("hr_high", 1.92, 0.97, "HR 1.92 → 0.970"),
        ("auc_x", 0.712, 0.6, "AUC 0.712 → 0.600"),
    ],
)
def test_a_flip_names_the_number_that_turned_it(name: str, before: float, after: float, said: str) -> None:
    assert flip_text(claim(name, before, "x splits y"), claim(name, after, "x does not split y")).endswith(f"({said})")


def test_an_estimate_has_its_interval() -> None:
    before = claim("hr_x", 1.05, "x: no effect shown", low=0.981, high=1.13)
    after = claim("hr_x", 1.1, "x: higher hazard", low=1.02, high=None)
    assert flip_text(before, after) == "x now goes with higher hazard (HR 1.05 → 1.10)"
    after["high"] = 1.19
    assert flip_text(before, after).endswith("(HR 1.05 → 1.10, 95% CI 0.981–1.13 → 1.02–1.19)")


def test_medians_and_cutoffs_have_their_units() -> None:
    assert passage(14.2, None, "months", name="median_high") == "14.2 → not reached months"
    assert passage(14.2, 12.1, "months", name="median_high") == "14.2 → 12.1 months"
    moved = cutoff_text(
        claim("youden_il6", 48.6, label="Best cutoff of IL-6", unit="pg/mL"),
        claim("youden_il6", 47.1, label="Best cutoff of IL-6", unit="pg/mL"),
    )
    assert moved == "Best cutoff of IL-6 moved 48.6 → 47.1 pg/mL"


def test_the_whole_sentence_is_that_of_the_product() -> None:
    flip = (claim("logrank_p", 0.031, "FAP splits PFS"), claim("logrank_p", 0.062, "FAP does not split PFS"))
    because = because_text([Records(SLIDES, "corrected", ("R2-7F3K", "R2-9QXD"))])
    assert movement_sentence([flip], because) == (
        "FAP no longer splits PFS (p 0.031 → 0.062) because slides R2-7F3K and R2-9QXD were corrected."
    )
    assert movement_sentence([flip], "", mark="Exploratory cutoff").endswith("(p 0.031 → 0.062). Exploratory cutoff.")
    judged = movement_sentence([flip], "", thresholds=(0.05, 0.0054))
    assert judged == "FAP no longer splits PFS (p 0.031 → 0.062, judged at 0.05 → 0.0054)."


def test_a_ranking_says_who_leads_and_by_what() -> None:
    found = Overtaken("largest AUC", "PNI", "IL-6", {"IL-6": (0.71, 0.78), "PNI": (0.75, 0.74)})
    assert ranking_sentence([found], "") == (
        "IL-6 has the largest AUC now, not PNI (IL-6 0.710 → 0.780, PNI 0.750 → 0.740)."
    )


@given(probabilities, probabilities, st.sampled_from([0.05, 0.0054, 0.01]))
def test_a_printed_p_stays_apart_and_on_its_side_of_the_threshold(before: float, after: float, limit: float) -> None:
    before, after = (float(f"{value:.6g}") for value in (before, after))
    printed = [float(part) for part in passage(before, after, "", (limit, limit)).split(" → ")]
    assert [value < limit for value in printed] == [before < limit, after < limit]
    assert (printed[0] == printed[1]) == (before == after)


@given(st.lists(codes, min_size=1, max_size=4))
def test_a_handful_of_codes_is_named_and_the_rest_counted(groups: list[list[str]]) -> None:
    said = because_text([Records(SLIDES, "corrected", tuple(group)) for group in groups])
    named = re.findall(r"R2-[0-9A-Z]{4}", said)
    counted = sum(int(n) for n in re.findall(r"(\d+) more", said))
    total = sum(len(group) for group in groups)
    assert len(named) == min(MOST_CODES, total)
    assert len(named) + counted == total


@given(st.integers(min_value=1, max_value=9))
def test_many_flips_are_one_sentence(count: int) -> None:
    flip = (claim("logrank_p", 0.031, "FAP splits PFS"), claim("logrank_p", 0.062, "FAP does not split PFS"))
    said = movement_sentence([flip] * count, "")
    assert said.count("no longer splits") == min(count, MOST_FLIPS)
    assert ("more conclusion" in said) == (count > MOST_FLIPS)


def test_nothing_in_the_log_is_said() -> None:
    assert because_text([]) == "and no entry of the change log says why"
    assert because_text([], "the analysis was defined anew") == "because the analysis was defined anew"
