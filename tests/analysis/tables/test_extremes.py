"""Tables at the edge of what numbers can hold get an answer or a sentence, and soon."""

from pathlib import Path

import pytest

from tests.analysis.tables.command import analyse, table

FOLLOW_UP = ("--time", "t", "--event", "e")


@pytest.mark.parametrize("unit", [1e-4, 0.01, 1.0, 1e6, 1e12])
def test_the_risk_table_has_few_times_in_any_unit(tmp_path: Path, unit: float) -> None:
    rows = "".join(f"{(i + 1) * unit},{i % 2}\n" for i in range(40))
    times = analyse("survival", table(tmp_path, "t,e\n" + rows), *FOLLOW_UP)["risk_table"]["times"]
    assert 4 <= len(times) <= 12
    assert times[0] == 0
    assert times == sorted(set(times))


def test_a_marker_too_large_to_square_has_no_curve_and_the_other_has(tmp_path: Path) -> None:
    rows = "".join(f"{i // 2 % 2},{i}e300,{i % 7}\n" for i in range(1, 41))
    output = analyse("roc", table(tmp_path, "o,a,b\n" + rows), "--outcome", "o", "--markers", "a,b", "--compare")
    large, usual = output["markers"]
    assert large["auc"] is None
    assert large["p"] is None
    assert "take another unit" in large["refused"]
    assert usual["auc"] is not None
    assert output["comparisons"][0]["p"] is None


def test_printed_counts_of_a_whole_country_have_a_chi_square() -> None:
    output = analyse("table1", "--from-counts", "100000000,1000;2000,300000000")
    assert output["rows"][0]["p"] is not None


def test_event_codes_of_many_digits_stay_apart(tmp_path: Path) -> None:
    rows = "".join(f"{i + 1},{1000001 + i % 4}\n" for i in range(40))
    output = analyse("survival", table(tmp_path, "t,e\n" + rows), *FOLLOW_UP, "--event-value", "1000001.0")
    assert output["events"] == 10


def test_without_a_cutoff_the_patients_are_counted_all_the_same(tmp_path: Path) -> None:
    rows = "".join(f"{i + 1},{i % 2},5\n" for i in range(40))
    output = analyse("survival", table(tmp_path, "t,e,m\n" + rows), *FOLLOW_UP, "--marker", "m", "--cutoff", "optimal")
    assert "No cutoff" in output["refused"]
    assert (output["n"], output["events"], output["groups"]) == (40, 20, [])


def test_a_heading_of_two_lines_is_one_name(tmp_path: Path) -> None:
    path = table(tmp_path, '"t\nmonths",e\n' + "".join(f"{i + 1},{i % 2}\n" for i in range(40)))
    drawn = tmp_path / "curve.svg"
    output = analyse("survival", path, "--time", "t months", "--event", "e", "--figure", drawn)
    assert output["n"] == 40
    assert drawn.stat().st_size > 2000
