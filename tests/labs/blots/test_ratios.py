"""The sums of a blot, on numbers small enough to do by hand."""

import pytest
from hypothesis import given, seed
from hypothesis import strategies as st

from labs.blots.ratios import (
    Background,
    Intensity,
    NotComputable,
    is_saturated,
    log2_ratio,
    net,
    ratio,
    relative,
    summary,
)

BAND = Intensity(volume=1000.0, adjusted=850.0, background=1.5, area=100.0, greatest=255.0)
BLANK = Intensity(volume=200.0, area=100.0)
POSITIVE = st.floats(1e-3, 1e9)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (Background.NONE, 1000.0),
        (Background.PROGRAM, 850.0),
        (Background.LOCAL, 850.0),
        (Background.BLANK_LANE, 800.0),
    ],
)
def test_the_background_is_taken_off_as_declared(method: Background, expected: float) -> None:
    assert net(BAND, method, BLANK) == expected


def test_an_empty_lane_is_scaled_to_the_area_of_the_band() -> None:
    assert net(Intensity(1000.0, area=50.0), Background.BLANK_LANE, BLANK) == 900.0
    assert net(Intensity(1000.0), Background.BLANK_LANE, Intensity(200.0)) == 800.0


@pytest.mark.parametrize(
    ("method", "sentence"),
    [
        (Background.PROGRAM, "no adjusted volume"),
        (Background.LOCAL, "no background and area"),
        (Background.BLANK_LANE, "no empty lane"),
    ],
)
def test_a_method_says_what_it_lacks(method: Background, sentence: str) -> None:
    with pytest.raises(NotComputable, match=sentence):
        net(Intensity(volume=5.0), method)
    with pytest.raises(NotComputable, match="no volume before"):
        net(Intensity(volume=None, adjusted=5.0), Background.NONE)


@pytest.mark.parametrize("control", [0.0, -3.0])
def test_no_ratio_without_a_control(control: float) -> None:
    with pytest.raises(NotComputable, match="loading control"):
        ratio(5.0, control)


def test_a_target_below_its_background_was_not_seen() -> None:
    assert ratio(-20.0, 10.0) == 0.0
    with pytest.raises(NotComputable):
        log2_ratio(0.0, 1.0)
    with pytest.raises(NotComputable):
        relative(1.0, 0.0)


def test_saturation_is_marked_or_reaches_the_limit() -> None:
    assert is_saturated(BAND, 255)
    assert not is_saturated(BAND, 65535)
    assert not is_saturated(BAND, None)
    assert is_saturated(Intensity(1.0, is_saturated=True), None)


def test_replicates_are_summed_up() -> None:
    found = summary([1.0, 2.0, 3.0])
    assert (found.n, found.mean, found.sd) == (3, 2.0, 1.0)
    assert summary([1.0]).sd is None
    with pytest.raises(NotComputable):
        summary([])


@seed(1)
@given(POSITIVE, POSITIVE, POSITIVE)
def test_the_exposure_of_a_membrane_does_not_move_its_pairs(tumour: float, normal: float, exposure: float) -> None:
    once = log2_ratio(ratio(tumour, 7.0), ratio(normal, 7.0))
    again = log2_ratio(ratio(tumour * exposure, 7.0), ratio(normal * exposure, 7.0))
    assert again == pytest.approx(once, abs=1e-6)
    assert log2_ratio(normal, tumour) == pytest.approx(-log2_ratio(tumour, normal))
