"""Child–Pugh, ALBI and BCLC: the printed bounds, and what holds for any input."""

import math

import pytest
from hypothesis import given, seed
from hypothesis import strategies as st

from registry.clinical.liver.albi import albi
from registry.clinical.liver.bclc import Tumours, bclc
from registry.clinical.liver.child_pugh import ASCITES, ENCEPHALOPATHY, child_pugh
from registry.clinical.liver.quantities import Quantity, StagingRefused

BILIRUBIN, ALBUMIN, INR = Quantity(10, "umol/L"), Quantity(40, "g/L"), Quantity(1.0, "INR")


def score(
    bilirubin: Quantity = BILIRUBIN,
    albumin: Quantity = ALBUMIN,
    clotting: Quantity = INR,
    ascites: str = "none",
    encephalopathy: str = "none",
) -> tuple[dict[str, int], int, str]:
    found = child_pugh(
        bilirubin=bilirubin,
        albumin=albumin,
        clotting=clotting,
        ascites=ascites,
        encephalopathy=encephalopathy,
    )
    return found.points, found.score, found.letter


@pytest.mark.parametrize(
    ("value", "unit", "points"),
    [
        (33.9, "umol/L", 1),
        (34, "umol/L", 2),
        (51, "umol/L", 2),
        (51.1, "umol/L", 3),
        (1.99, "mg/dL", 1),
        (2.0, "mg/dL", 2),
        # 51.3 µmol/L: by the bounds of its own unit still two points
        (3.0, "mg/dL", 2),
        (3.01, "mg/dL", 3),
    ],
)
def test_bilirubin_is_placed_by_the_bounds_of_its_unit(value: float, unit: str, points: int) -> None:
    assert score(bilirubin=Quantity(value, unit))[0]["bilirubin"] == points


@pytest.mark.parametrize(
    ("value", "unit", "points"),
    [(35.1, "g/L", 1), (35, "g/L", 2), (28, "g/L", 2), (27.9, "g/L", 3), (3.6, "g/dL", 1), (2.8, "g/dL", 2)],
)
def test_albumin_is_placed(value: float, unit: str, points: int) -> None:
    assert score(albumin=Quantity(value, unit))[0]["albumin"] == points


@pytest.mark.parametrize(
    ("value", "unit", "points"),
    [(1.69, "INR", 1), (1.7, "INR", 2), (2.3, "INR", 2), (2.31, "INR", 3), (3.9, "s", 1), (4, "s", 2), (6.1, "s", 3)],
)
def test_clotting_is_placed_by_inr_or_seconds_over_control(value: float, unit: str, points: int) -> None:
    assert score(clotting=Quantity(value, unit))[0]["clotting"] == points


@pytest.mark.parametrize(
    ("ascites", "encephalopathy", "albumin", "expected"),
    [
        ("none", "none", 40, (5, "A")),
        ("slight", "none", 40, (6, "A")),
        ("slight", "1-2", 40, (7, "B")),
        ("moderate", "3-4", 40, (9, "B")),
        ("moderate", "3-4", 30, (10, "C")),
    ],
)
def test_the_sum_is_a_class(ascites: str, encephalopathy: str, albumin: float, expected: tuple[int, str]) -> None:
    found = score(albumin=Quantity(albumin, "g/L"), ascites=ascites, encephalopathy=encephalopathy)
    assert found[1:] == expected


def test_the_worst_of_everything_is_fifteen() -> None:
    worst = score(Quantity(99, "umol/L"), Quantity(20, "g/L"), Quantity(4, "INR"), "moderate", "3-4")
    assert worst[1:] == (15, "C")


@pytest.mark.parametrize(
    ("given", "points"),
    [
        (Quantity(34, "umol/L", "<"), 1),
        (Quantity(51, "umol/L", ">"), 3),
        (Quantity(34, "umol/L", "<="), None),
        (Quantity(51, "umol/L", ">="), None),
        (Quantity(100, "umol/L", "<"), None),
        (Quantity(5, "umol/L", ">"), None),
    ],
)
def test_a_bound_counts_only_when_it_leaves_one_answer(given: Quantity, points: int | None) -> None:
    if points is not None:
        assert score(bilirubin=given)[0]["bilirubin"] == points
        return
    with pytest.raises(StagingRefused, match="leaves its points open") as refused:
        score(bilirubin=given)
    assert refused.value.name == "bilirubin"


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"bilirubin": Quantity(10, "g/L")}, "bilirubin"),
        ({"albumin": Quantity(40, "")}, "albumin"),
        ({"clotting": Quantity(90, "%")}, "clotting"),
        ({"ascites": ""}, "ascites"),
        ({"encephalopathy": "5"}, "encephalopathy"),
        ({"bilirubin": Quantity(math.nan, "umol/L")}, "bilirubin"),
        ({"albumin": Quantity(-1, "g/L")}, "albumin"),
    ],
)
def test_what_the_rule_is_not_defined_for_is_refused_by_name(changed: dict[str, object], name: str) -> None:
    with pytest.raises(StagingRefused) as refused:
        score(**changed)  # type: ignore[arg-type]  # any of the inputs
    assert refused.value.name == name


MICROMOLES = st.floats(0.1, 500)
GRAMS = st.floats(5, 80)
RATIO = st.floats(0.5, 10)


@seed(7)
@given(MICROMOLES, GRAMS, RATIO, st.sampled_from(sorted(ASCITES)), st.sampled_from(sorted(ENCEPHALOPATHY)))
def test_the_score_is_the_sum_of_its_points_and_the_class_follows(
    bilirubin: float, albumin: float, inr: float, ascites: str, encephalopathy: str
) -> None:
    points, total, letter = score(
        Quantity(bilirubin, "umol/L"), Quantity(albumin, "g/L"), Quantity(inr, "INR"), ascites, encephalopathy
    )
    assert total == sum(points.values())
    assert 5 <= total <= 15
    assert set(points.values()) <= {1, 2, 3}
    assert letter == ("A" if total < 7 else "B" if total < 10 else "C")


@seed(7)
@given(st.tuples(MICROMOLES, MICROMOLES).map(sorted), st.tuples(GRAMS, GRAMS).map(sorted))
def test_a_worse_value_never_lowers_the_score(bilirubin: list[float], albumin: list[float]) -> None:
    (low, high), (less, more) = bilirubin, albumin
    better = score(Quantity(low, "umol/L"), Quantity(more, "g/L"))[1]
    assert better <= score(Quantity(high, "umol/L"), Quantity(more, "g/L"))[1]
    assert better <= score(Quantity(low, "umol/L"), Quantity(less, "g/L"))[1]


@pytest.mark.parametrize(
    ("bilirubin", "albumin", "expected", "grade"),
    [
        # 0.66 × log10(10) − 0.085 × 40 = 0.66 − 3.4
        (Quantity(10, "umol/L"), Quantity(40, "g/L"), -2.74, 1),
        (Quantity(100, "umol/L"), Quantity(40, "g/L"), -2.08, 2),
        (Quantity(100, "umol/L"), Quantity(30, "g/L"), -1.23, 3),
        (Quantity(1, "umol/L"), Quantity(26, "g/L"), -2.21, 2),
        (Quantity(10, "umol/L"), Quantity(4.0, "g/dL"), -2.74, 1),
    ],
)
def test_albi(bilirubin: Quantity, albumin: Quantity, expected: float, grade: int) -> None:
    found = albi(bilirubin, albumin)
    assert found.score == pytest.approx(expected)
    assert found.grade == grade


def test_the_bounds_of_albi_belong_to_the_better_grade() -> None:
    # 0.66 × log10(1) − 0.085 × albumin
    assert albi(Quantity(1, "umol/L"), Quantity(2.60 / 0.085, "g/L")).grade == 1
    assert albi(Quantity(1, "umol/L"), Quantity(1.39 / 0.085, "g/L")).grade == 2
    assert albi(Quantity(1, "umol/L"), Quantity(1.38 / 0.085, "g/L")).grade == 3


@pytest.mark.parametrize("bilirubin", [Quantity(0, "umol/L"), Quantity(3, "umol/L", "<"), Quantity(3, "g/L")])
def test_albi_needs_a_number_above_zero(bilirubin: Quantity) -> None:
    with pytest.raises(StagingRefused):
        albi(bilirubin, ALBUMIN)


CONFINED = {"vascular_invasion": False, "extrahepatic_spread": False}


@pytest.mark.parametrize(
    ("tumours", "ecog", "letter", "stage"),
    [
        (Tumours(1, 2.0, **CONFINED), 0, "A", "0"),
        (Tumours(1, 2.0, **CONFINED), 0, "B", "A"),
        (Tumours(1, 2.1, **CONFINED), 0, "A", "A"),
        (Tumours(1, 12.0, **CONFINED), 0, "B", "A"),
        (Tumours(3, 3.0, **CONFINED), 0, "A", "A"),
        (Tumours(3, 3.1, **CONFINED), 0, "A", "B"),
        (Tumours(4, 1.0, **CONFINED), 0, "A", "B"),
        (Tumours(4, None, **CONFINED), 0, "", "B"),
        (Tumours(1, 2.0, **CONFINED), 1, "A", "C"),
        (Tumours(1, 2.0, **CONFINED), 2, "A", "C"),
        (Tumours(1, 2.0, vascular_invasion=True, extrahepatic_spread=False), 0, "A", "C"),
        (Tumours(extrahepatic_spread=True), 0, "", "C"),
        (Tumours(1, 2.0, **CONFINED), 3, "A", "D"),
        (Tumours(), None, "C", "D"),
        (Tumours(), 4, "", "D"),
    ],
)
def test_bclc(tumours: Tumours, ecog: int | None, letter: str, stage: str) -> None:
    found = bclc(tumours, ecog=ecog, child_pugh=letter)
    assert found.stage == stage
    assert found.reason.startswith(f"BCLC {stage}: ")


@pytest.mark.parametrize(
    ("tumours", "ecog", "letter", "name"),
    [
        (Tumours(1, 2.0, **CONFINED), None, "A", "ecog"),
        (Tumours(1, 2.0), 0, "A", "vascular_invasion"),
        (Tumours(1, 2.0, vascular_invasion=False), 0, "A", "extrahepatic_spread"),
        (Tumours(None, 2.0, **CONFINED), 0, "A", "tumour_count"),
        (Tumours(2, None, **CONFINED), 0, "A", "tumour_size_cm"),
        (Tumours(1, None, **CONFINED), 0, "A", "tumour_size_cm"),
        (Tumours(1, 1.5, **CONFINED), 0, "", "child_pugh"),
        (Tumours(0, 1.5, **CONFINED), 0, "A", "tumour_count"),
        (Tumours(1, 0.0, **CONFINED), 0, "A", "tumour_size_cm"),
        (Tumours(1, 1.5, **CONFINED), 5, "A", "ecog"),
    ],
)
def test_bclc_says_what_it_lacks(tumours: Tumours, ecog: int | None, letter: str, name: str) -> None:
    with pytest.raises(StagingRefused) as refused:
        bclc(tumours, ecog=ecog, child_pugh=letter)
    assert refused.value.name == name


ORDER = "0ABCD"
EXTENT = st.builds(
    Tumours,
    count=st.integers(1, 9),
    largest_cm=st.floats(0.1, 30),
    vascular_invasion=st.booleans(),
    extrahepatic_spread=st.booleans(),
)


@seed(7)
@given(EXTENT, st.integers(0, 4), st.sampled_from("ABC"))
def test_known_inputs_always_have_a_stage_and_more_disease_is_no_better(
    tumours: Tumours, ecog: int, letter: str
) -> None:
    stage = ORDER.index(bclc(tumours, ecog=ecog, child_pugh=letter).stage)
    assert tumours.count and tumours.largest_cm
    larger = Tumours(tumours.count + 1, tumours.largest_cm + 1, tumours.vascular_invasion, tumours.extrahepatic_spread)
    spread = Tumours(tumours.count, tumours.largest_cm, tumours.vascular_invasion, extrahepatic_spread=True)
    # A single large tumour is stage A, two of them are B: never the other way round.
    assert stage <= ORDER.index(bclc(larger, ecog=ecog, child_pugh=letter).stage)
    assert stage <= ORDER.index(bclc(spread, ecog=ecog, child_pugh=letter).stage)
    assert stage <= ORDER.index(bclc(tumours, ecog=min(ecog + 1, 4), child_pugh=letter).stage)
    assert stage <= ORDER.index(bclc(tumours, ecog=ecog, child_pugh="C").stage)
