import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from analysis.cutoffs.models import Cutoff
from analysis.engine.models import Analysis
from labs.cohort_import.progress import Bar
from registry.cohorts.models import Cohort
from registry.log.models import Change
from tests.labs.cohort_import.tables import CLINIC_CSV, CLINIC_TOML, spoiled

pytestmark = pytest.mark.django_db


def run(file: Path = CLINIC_CSV, *options: str, mapping: Path = CLINIC_TOML) -> tuple[str, str, int]:
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("import_cohort", file, *options, mapping=mapping, stdout=out, stderr=err)
    except CommandError as error:
        return out.getvalue(), f"{err.getvalue()}{error}", error.returncode
    return out.getvalue(), err.getvalue(), 0


def as_json(*arguments: Any) -> tuple[dict[str, Any], int]:
    out, _err, code = run(*arguments)
    return json.loads(out), code


def test_the_analyses_and_cutoffs_of_the_mapping_are_defined_once() -> None:
    run()
    run()
    analysis = Analysis.objects.get(slug="pfs-by-fap")
    assert (analysis.kind, analysis.is_registered, analysis.order, analysis.version) == ("survival", True, 5, 1)
    cutoff = Cutoff.objects.get()
    assert (cutoff.variable, cutoff.value, cutoff.status, cutoff.number) == ("ihc:FAP@tumour", 4, "registered", 1)


def test_one_json_object_tells_everything() -> None:
    said, code = as_json(CLINIC_CSV, "--json")
    assert code == 0
    assert said.keys() == {"cohort", "rows", "patients", "facts", "changes", "errors", "dry_run", "seconds"}
    assert (said["cohort"], said["rows"], said["errors"], said["dry_run"]) == ("clinic", 4, [], False)
    assert said["patients"] == {"new": 4, "changed": 0, "same": 0}
    assert said["facts"]["analyses"] == {"new": 1, "changed": 0, "same": 0}


def test_the_second_run_writes_no_change_at_all() -> None:
    run()
    before = Change.objects.count()
    said, _code = as_json(CLINIC_CSV, "--json")
    assert Change.objects.count() == before
    assert all(not (each["new"] or each["changed"]) for each in said["facts"].values())


def test_a_dry_run_prints_the_difference_and_defines_nothing(tmp_path: Path) -> None:
    run()
    before = Change.objects.count()
    out, _err, code = run(spoiled(tmp_path, ("61,5", "62")), "--dry-run")
    assert code == 0
    assert "CL-001 baseline: age 61.5 → 62" in out
    assert "Dry run: nothing was changed." in out
    assert Change.objects.count() == before


def test_bad_rows_end_with_2_and_a_sentence_for_each(tmp_path: Path) -> None:
    out, err, code = run(spoiled(tmp_path, ("61,5", "old"), ("410", "-1"), ("15.06.2021", "soon")))
    assert (out, code) == ("", 2)
    assert err.splitlines() == [
        "row 2, column Age, 'old': A number is expected (decimal sign ',').",
        "row 3, column AFP, '-1': Ensure this value is greater than or equal to 0.0.",
        "row 4, column First ICI, 'soon': A date such as 31.01.2024 is expected.",
        "3 rows of 4 cannot be imported; nothing was changed.",
    ]
    assert not Cohort.objects.exists()


def test_bad_rows_are_all_in_the_json(tmp_path: Path) -> None:
    said, code = as_json(spoiled(tmp_path, ("61,5", "old")), "--json")
    assert code == 2
    assert said["errors"] == [
        {"row": 2, "column": "Age", "value": "old", "rule": "A number is expected (decimal sign ',')."}
    ]


def test_only_the_first_errors_are_printed(tmp_path: Path) -> None:
    lines = CLINIC_CSV.read_text(encoding="utf-8").splitlines()
    many = tmp_path / "many.csv"
    many.write_text("\n".join([lines[0], *[f"{number};;;;x" for number in range(60)]]), encoding="utf-8")
    _out, err, code = run(many)
    assert code == 2
    assert err.count("column Sex") == 50
    assert "… and 10 more; --json lists them all." in err


def test_accepting_the_valid_rows_ends_well_and_lists_the_others(tmp_path: Path) -> None:
    out, err, code = run(spoiled(tmp_path, ("61,5", "old")), "--accept-valid")
    assert code == 0
    assert "row 2, column Age, 'old'" in err
    assert "1 row was left out." in out


def test_a_wrong_mapping_ends_with_2_and_names_key_and_file(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(CLINIC_TOML.read_text(encoding="utf-8").replace('column = "Age"', 'column = "Years"'))
    _out, err, code = run(mapping=wrong)
    assert code == 2
    assert "[baseline.age] column names the column 'Years', which clinic.csv does not have." in err


def test_an_analysis_that_makes_no_sense_refuses_the_whole_import(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(CLINIC_TOML.read_text(encoding="utf-8").replace('kind = "survival"', 'kind = "magic"'))
    said, code = json.loads(run(CLINIC_CSV, "--json", mapping=wrong)[0]), run(mapping=wrong)[2]
    assert code == 2
    assert "[[analyses]] pfs-by-fap parameters: kind: 'magic' is none of" in said["errors"][0]["rule"]
    assert not Cohort.objects.exists()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_bar_is_drawn_for_a_terminal_only() -> None:
    terminal, pipe = Terminal(), io.StringIO()
    for stream in (terminal, pipe):
        Bar(stream)(2, 2)
    assert "100 %  2/2" in terminal.getvalue()
    assert pipe.getvalue() == ""
