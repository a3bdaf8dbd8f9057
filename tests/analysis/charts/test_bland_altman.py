import pytest

from analysis.charts import bland_altman
from analysis.stats.agreement import agreement_of
from tests.analysis.charts.drawing import texts

Capture = pytest.CaptureFixture[str]
READS = [[10.0 + n, 12.0 + n + n % 3] for n in range(12)]


def test_the_lines_carry_their_numbers(capfd: Capture) -> None:
    pair = agreement_of(READS, None, readers=["R1", "R2"]).pairs[0]
    spec = bland_altman.chart(pair, "CD206", "cells per field")
    drawn = texts(spec, capfd)
    assert "R1 less R2, cells per field" in drawn and "Mean of both, cells per field" in drawn
    assert {"bias -3", "upper limit -1.33", "lower limit -4.67"} <= set(drawn)
    assert spec["description"].startswith("CD206, R1 less R2 in 12 slides: bias -3 (95 % CI ")


def test_scores_have_no_differences_to_draw() -> None:
    pair = agreement_of([[4.0, 6.0]] * 12, (4, 6), readers=["R1", "R2"]).pairs[0]
    with pytest.raises(ValueError, match="no differences"):
        bland_altman.chart(pair, "FAP", "")
