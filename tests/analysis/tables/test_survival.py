"""`analyse survival` on tables made here, against R where R is installed, and its refusals."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from openpyxl import Workbook

from tests.analysis.tables.command import analyse, compare, refused, reproduced_by_r, table
from tests.services.absent import absent
from tests.services.r import R


@pytest.fixture
def patients(tmp_path: Path) -> Path:
    """Ties in time and marker, a blank marker, a blank time, a group with a space and a quote in its name."""
    random = np.random.default_rng(5)
    lines = ["id,months,status,FAP score,arm"]
    for i in range(90):
        arm = ("TACE", 'TACE "plus" ICI', "none")[i % 3]
        marker = "" if i == 7 else str(int(random.integers(0, 13)))
        time = "" if i == 11 else f"{random.exponential(20):.0f}"
        quoted = arm.replace('"', '""')
        lines.append(f'{i},{time},{random.integers(1, 3)},{marker},"{quoted}"')
    return table(tmp_path, "\n".join(lines) + "\n")


FOLLOW_UP = ("--time", "months", "--event", "status", "--event-value", "2")


@pytest.mark.parametrize("conf_type", ["log", "log-log", "plain", "logit"])
def test_r_gives_the_same_numbers_for_groups(r: R, patients: Path, tmp_path: Path, conf_type: str) -> None:
    wish = ("--group", "arm", "--times", "6,12,24", "--tau", "18", "--conf-type", conf_type)
    output = reproduced_by_r(r, tmp_path, "survival", patients, *FOLLOW_UP, *wish)
    assert [group["name"] for group in output["groups"]] == ["TACE", 'TACE "plus" ICI', "none"]
    assert output["dropped"] == {"no value of months": 1}
    assert output["hr"] is None
    assert len(output["hrs"]) == 2


@pytest.mark.parametrize("cutoff", ["median", "optimal", "4"])
def test_r_gives_the_same_numbers_for_a_split_marker(r: R, patients: Path, tmp_path: Path, cutoff: str) -> None:
    wish = ("--marker", "FAP score", "--cutoff", cutoff)
    output = reproduced_by_r(r, tmp_path, "survival", patients, *FOLLOW_UP, *wish)
    assert output["dropped"] == {"no value of FAP score": 1, "no value of months": 1}
    assert (output["cutoff"]["p_corrected"] is not None) == (cutoff == "optimal")
    assert (output["hr"] is None) == bool(output["refused"])


def test_a_group_of_t_and_f_is_not_taken_for_yes_and_no(r: R, tmp_path: Path) -> None:
    rows = "\n".join(f"{1 + i * 7 % 31},{int(i % 3 > 0)},{'TF'[i % 2]}" for i in range(60))
    path = table(tmp_path, f"t,e,g\n{rows}\n")
    output = reproduced_by_r(r, tmp_path, "survival", path, "--time", "t", "--event", "e", "--group", "g")
    assert [group["name"] for group in output["groups"]] == ["F", "T"]


def test_everybody_is_one_group_without_a_refusal(r: R, patients: Path, tmp_path: Path) -> None:
    output = reproduced_by_r(r, tmp_path, "survival", patients, *FOLLOW_UP, "--times", "12")
    assert output["refused"] is None
    assert output["logrank"] is None


@pytest.mark.parametrize("by", [("--group", "arm"), ("--marker", "FAP score", "--cutoff", "median"), ()])
def test_from_a_landmark_r_gives_the_same_numbers(r: R, patients: Path, tmp_path: Path, by: tuple[str, ...]) -> None:
    wish = (*by, "--landmark", "3", "--times", "6,12", "--time-unit", "months")
    output = reproduced_by_r(r, tmp_path, "survival", patients, *FOLLOW_UP, *wish)
    assert output["endpoint"] == "months from 3 months"
    assert output["dropped"]["event by the landmark of 3 months"] > 0


def test_the_script_runs_from_anywhere_as_its_first_line_says(patients: Path, tmp_path: Path) -> None:
    rscript = shutil.which("Rscript") or absent("no R: install the packages r-base-core and r-cran-survival")
    script = tmp_path / "by arm.R"
    output = analyse("survival", patients, *FOLLOW_UP, "--group", "arm", "--r-script", script)
    ran = subprocess.run([rscript, "--vanilla", script], capture_output=True, text=True, cwd="/", check=True)
    compare(output, ran.stdout)


def test_few_events_leave_no_p_behind(patients: Path) -> None:
    output = analyse("survival", patients, *FOLLOW_UP, "--group", "arm", "--where", "months<5")
    assert output["refused"].startswith("No test")
    assert output["logrank"] is None
    assert output["hr"] is None
    assert output["groups"][0]["n"] > 0


@pytest.mark.parametrize("ending", ["svg", "png", "pdf"])
def test_the_figure_is_drawn(patients: Path, tmp_path: Path, ending: str) -> None:
    drawn = tmp_path / f"km.{ending}"
    analyse("survival", patients, *FOLLOW_UP, "--group", "arm", "--figure", drawn)
    assert drawn.stat().st_size > 2000


@pytest.mark.parametrize(
    ("content", "options", "parts"),
    [
        ("t,e\n1,0\nx,1\n", ("--time", "t", "--event", "e"), ("Column t", "row 3", "'x'")),
        ("t,e\n1,0\n-2,1\n", ("--time", "t", "--event", "e"), ("Column t", "row 3", "below zero")),
        ("t,e\n1,0\n2,5\n", ("--time", "t", "--event", "e"), ("Column e", "row 3", "'5'")),
        ("t,e\n1,0\n2,1\n", ("--time", "t", "--event", "e", "--event-value", "7"), ("Column e", "'7'")),
        ("t,e\n1,0\n", ("--time", "u", "--event", "e"), ("'u'", "t, e")),
        ("t,t\n1,0\n", ("--time", "t", "--event", "e"), ("'t'", "twice")),
        ("t,e\n1,0,3\n", ("--time", "t", "--event", "e"), ("Row 2", "3 cells")),
        ("t,e\n1,0\ninf,1\n", ("--time", "t", "--event", "e"), ("Column t", "row 3", "infinite")),
        ("t,e\n1,0\n", ("--time", "t", "--event", "e", "--cutoff", "3"), ("--cutoff", "--marker")),
        ("t,e,m\n1,0,3\n", ("--time", "t", "--event", "e", "--marker", "m", "--cutoff", "x"), ("--cutoff 'x'",)),
        ("t,e\n1,0\n", ("--time", "t", "--event", "e", "--where", "t"), ("--where 't'",)),
        ("t,e\n1,0\n", ("--event", "e"), ("--time",)),
        ("t,e\n1,0\n", ("--time", "t", "--event", "e", "--landmark", "-1"), ("landmark", "above zero")),
        ("", ("--time", "t", "--event", "e"), ("no header",)),
    ],
)
def test_wrong_input_is_one_sentence_that_names_the_place(
    tmp_path: Path, content: str, options: tuple[str, ...], parts: tuple[str, ...]
) -> None:
    sentence = refused("survival", table(tmp_path, content), *options)
    for part in parts:
        assert part in sentence
    assert "\n" not in sentence


def test_semicolons_tabs_and_a_workbook_are_tables_too(tmp_path: Path, patients: Path) -> None:
    book = Workbook()
    for line in patients.read_text().splitlines()[:30]:
        cells = line.replace('"', "").split(",")
        book.active.append(cells)
    book.save(tmp_path / "table.xlsx")
    rows = patients.read_text().splitlines()[:30]
    tabs = table(tmp_path, "\n".join(row.replace('"', "").replace(",", "\t") for row in rows), "table.tsv")
    one, other = (analyse("survival", path, *FOLLOW_UP) for path in (tmp_path / "table.xlsx", tabs))
    assert one["n"] == other["n"] == 28
    assert one["groups"] == other["groups"]
