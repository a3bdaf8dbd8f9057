import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.canonical import canonical_json, plain
from analysis.frames.frame import Frame
from analysis.frames.request import FrameRequest
from analysis.frames.variables import VariableNameError, parse

numbers = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(numbers, max_size=20))
def test_writing_down_twice_is_writing_down_once(values: list[float]) -> None:
    once = plain(values)
    assert plain(once) == once
    assert all(math.isclose(a, b, rel_tol=1e-11) for a, b in zip(once, values, strict=True))


@given(st.permutations([{"patient": f"P{i}", "x": i / 7} for i in range(6)]))
def test_the_fingerprint_does_not_depend_on_the_order_of_the_rows(rows: list[dict[str, object]]) -> None:
    in_order = sorted(rows, key=lambda row: str(row["patient"]))
    assert Frame(rows).fingerprint() == Frame(in_order).fingerprint()


def test_a_frame_survives_its_bytes() -> None:
    frame = Frame([{"patient": "P1", "x": 0.1 + 0.2}], [{"patient": "P2", "reason": "no x"}], notes=["b", "a", "a"])
    again = Frame.from_bytes(frame.to_bytes())
    assert again.fingerprint() == frame.fingerprint()
    assert again.rows == [{"patient": "P1", "x": 0.3}]


def test_what_has_no_number_is_written_as_words() -> None:
    assert canonical_json([math.nan, math.inf, -math.inf, -0.0]) == '[null,"Inf","-Inf",0.0]'


@pytest.mark.parametrize("name", ["FAP", "ihc:", "xray:FAP", "blood:ALB@tumour", "index:BMI", "ihc:FAP@tumour@x"])
def test_a_name_that_is_no_variable_is_refused(name: str) -> None:
    with pytest.raises(VariableNameError):
        parse(name)


def test_an_analysis_reads_exactly_the_streams_of_its_variables() -> None:
    request = FrameRequest(variables=("ihc:FAP", "index:PNI"), endpoint="PFS")
    assert request.domains() == (
        "blood/ALB",
        "blood/LYM",
        "definition",
        "enrolment",
        "ihc/FAP",
        "outcomes",
        "response",
        "treatments",
    )
    assert request.shared_domains() == ("analyte/ALB", "analyte/LYM", "marker/FAP")
    assert "outcomes" not in FrameRequest(variables=("ihc:FAP",)).domains()
