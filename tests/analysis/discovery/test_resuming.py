"""What is computed again, and what is not: changes, kills, single steps, files that somebody touched."""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from analysis.discovery.methods import differential
from tests.analysis.discovery.study import TISSUE_UP, data, discover, kept, written

# Without figures, which take most of the time.
STEPS = f"""
[study]
title = "Resumed"
{data("tissue", "trial", "sets")}
{TISSUE_UP}
[[steps]]
name = "trial-up"
method = "deseq2"
expression = "trial"
case = "PD"
control = "PR"

[[steps]]
name = "shared"
method = "intersect"
lists = ["tissue-up:up", "trial-up:up"]

[[steps]]
name = "pathways"
method = "over_representation"
genes = "shared:common"
sets = "sets"
smallest = 5
"""


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return written(tmp_path, STEPS)


def test_nothing_is_computed_twice(study: Path) -> None:
    out = study.parent / "out"
    assert discover(study, out)["computed"] == ["tissue-up", "trial-up", "shared", "pathways"]
    before = {path: path.read_bytes() for path in (out / "steps").iterdir()}
    report = (out / "report.md").read_bytes()
    again = discover(study, out)
    assert again["computed"] == []
    assert again["as_it_was"] == ["tissue-up", "trial-up", "shared", "pathways"]
    assert {path: path.read_bytes() for path in (out / "steps").iterdir()} == before
    assert (out / "report.md").read_bytes() == report


@pytest.mark.parametrize(
    ("was", "becomes", "computed"),
    [
        ('method = "deseq2"\n', 'method = "deseq2"\nleast_change = 1.0\n', ["trial-up", "shared", "pathways"]),
        ("smallest = 5", "smallest = 4", ["pathways"]),
        ('title = "Resumed"', 'title = "Renamed"\nseed = 9', []),
        ('duplicates = "mean"', 'duplicates = "first"', ["tissue-up", "shared", "pathways"]),
    ],
)
def test_a_change_is_computed_with_what_rests_on_it(study: Path, was: str, becomes: str, computed: list[str]) -> None:
    out = study.parent / "out"
    discover(study, out)
    assert was in STEPS
    study.write_text(STEPS.replace(was, becomes))
    assert discover(study, out)["computed"] == computed


def test_other_data_in_the_same_file_are_computed_and_the_same_data_in_another_are_not(study: Path) -> None:
    out = study.parent / "out"
    discover(study, out)
    (study.parent / "trial.tsv").rename(study.parent / "moved.tsv")
    study.write_text(STEPS.replace("trial.tsv", "moved.tsv"))
    assert discover(study, out)["computed"] == []
    people = study.parent / "people.tsv"
    people.write_text(people.read_text().replace("P0\tPD\n", ""))
    assert discover(study, out)["computed"] == ["trial-up", "shared", "pathways"]
    assert kept(out, "trial-up")["summary"]["n_case"] == 5


def test_a_run_that_was_killed_goes_on(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    out = study.parent / "out"
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(differential, "fit_differential_counts", killed)
        discover(study, out)
    assert not (out / "report.md").exists()
    found = discover(study, out)
    assert found["as_it_was"] == ["tissue-up"]
    assert found["computed"] == ["trial-up", "shared", "pathways"]


HOLDS = """
import sys
from pathlib import Path
from analysis.discovery.alone import alone
with alone(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_of_two_runs_into_one_folder_the_second_is_refused_until_the_first_is_gone(study: Path) -> None:
    """The first is killed, and leaves no lock behind."""
    out = study.parent / "out"
    out.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(out)],
        cwd=Path(__file__).parents[3],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        with pytest.raises(CommandError, match="another run is writing there") as refused:
            discover(study, out)
        assert refused.value.returncode == 2
        assert list((out / "steps").iterdir()) == []
        assert discover(study, out, "--list")["steps"][0]["state"] == "to be computed"
        first.kill()
    assert discover(study, out, "--only", "trial-up")["computed"] == ["trial-up"]


def test_a_table_that_somebody_changed_is_computed_again(study: Path) -> None:
    out = study.parent / "out"
    discover(study, out)
    table = out / "steps" / "shared.tsv"
    table.write_text(table.read_text() + "G999\tby hand\n")
    assert discover(study, out)["computed"] == ["shared"]
    assert "by hand" not in table.read_text()


def test_one_step_with_what_it_rests_on(study: Path) -> None:
    out = study.parent / "out"
    found = discover(study, out, "--only", "trial-up")
    assert (found["computed"], found["left_out"]) == (["trial-up"], ["tissue-up", "shared", "pathways"])
    assert "Left out: tissue-up, shared, pathways." in (out / "report.md").read_text()
    assert discover(study, out, "--only", "shared")["computed"] == ["tissue-up", "shared"]


def test_the_list_says_what_is_up_to_date_and_computes_nothing(study: Path) -> None:
    out = study.parent / "out"
    discover(study, out, "--only", "trial-up")
    printed = io.StringIO()
    call_command("discover", str(study), "--out", str(out), "--list", stdout=printed)
    assert printed.getvalue().splitlines() == [
        "tissue-up (limma): to be computed",
        "trial-up (deseq2): up to date",
        "shared (intersect): to be computed",
        "pathways (over_representation): to be computed",
    ]
    assert discover(study, out, "--list")["steps"][1] == {
        "name": "trial-up",
        "method": "deseq2",
        "state": "up to date",
    }


def test_a_step_that_cannot_be_answered_says_why_and_the_others_go_on(study: Path) -> None:
    study.write_text(STEPS.replace('case = "PD"', 'case = "SD"'))
    found = discover(study, study.parent / "out")
    assert found["computed"] == ["tissue-up"]
    assert found["refused"] == ["trial-up"]
    assert found["skipped"] == ["shared", "pathways"]
    reason = found["steps"][1]["reason"]
    assert reason == "No sample is in the group SD; the groups are PD, PR."
