"""The readers of a bundle: R's is run, SPSS's is read."""

import re
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from analysis.exports.profiles import Profile
from analysis.exports.readers import spss_names
from registry.models import Cohort
from registry.people.models import User
from tests.analysis.exports.fixtures import PATIENTS, made, planted, wish
from tests.services.r import R

pytestmark = pytest.mark.django_db

_CHECK = """
source("{folder}/import.R", local = TRUE)
data <- read_export("{folder}")
ready <- data[["analysis-ready"]]
cat(names(data), sep = "|"); cat("\\n")
cat(nrow(ready), class(ready$index_date), class(ready$PFS_months), class(ready$PFS_event), class(ready$sex), sep = "|")
cat("\\n")
cat(levels(ready$sex), attr(ready$PFS_months, "unit"), attr(ready$age, "label"), sep = "|")
cat("\\n")
cat(sum(ready$PFS_event), as.character(min(as.Date(data[["registry-treatment"]]$start))), sep = "|")
"""


def test_r_reads_types_labels_levels_and_units(
    a_cohort: Cohort, ada: User, tmp_path: Path, settings: Any, r: R
) -> None:
    settings.EXPORTS_ROOT = tmp_path / "exports"
    planted(a_cohort)
    job = made(ada, wish(a_cohort, Profile.IDENTIFIED, tables=("registry.treatment",)))
    folder = tmp_path / "bundle"
    with zipfile.ZipFile(job.path) as archive:
        archive.extractall(folder)
    script = tmp_path / "check.R"
    script.write_text(_CHECK.format(folder=folder))
    names, kinds, labels, values = r.run(script).splitlines()
    assert names == "analysis-ready|registry-treatment"
    assert kinds == f"{PATIENTS}|Date|numeric|logical|factor"
    assert labels == "Female|Male|mo|age (years)"
    assert values == f"{PATIENTS}|2022-03-15"
    shutil.rmtree(folder)


def test_spss_reads_every_column_with_its_labels(a_cohort: Cohort, ada: User, tmp_path: Path, settings: Any) -> None:
    settings.EXPORTS_ROOT = tmp_path
    planted(a_cohort, patients=1)
    job = made(ada, wish(a_cohort, Profile.IDENTIFIED, tables=("registry.treatment",)))
    with zipfile.ZipFile(job.path) as archive:
        syntax = archive.read("import.sps").decode()
    assert "GET DATA /TYPE=TXT /FILE='data/registry-treatment.csv' /ENCODING='UTF8'" in syntax
    assert re.search(r"^    start SDATE10$", syntax, re.MULTILINE)
    assert re.search(r"^    PFS_months F16.6$", syntax, re.MULTILINE)
    assert "  PFS_months 'Progression-free survival: months from the index event, mo'" in syntax
    assert "VALUE LABELS sex\n  'F' 'Female'\n  'M' 'Male'" in syntax
    # A line that ends with a dot ends the command: none does but the commands' own.
    assert all(line in ("  .", "EXECUTE.") or line[0] in "*D" for line in syntax.splitlines() if line.endswith("."))


def test_spss_takes_every_name() -> None:
    long = "a" * 70
    names = spss_names(["with", "1st", "a.b", "a_b", long, long, "é", "x_"])
    assert len({name.upper() for name in names}) == len(names)
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,63}", name) and not name.endswith("_") for name in names)
    assert names[0] != "with"
