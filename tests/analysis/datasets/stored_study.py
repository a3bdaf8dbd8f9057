"""The small study of `discover` as data sets of a cohort."""

import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from analysis.datasets.services import Added
from analysis.datasets.uploading import datasets_from
from registry.cohorts.models import Cohort
from tests.analysis.discovery.study import CONFIGURATION, written
from tests.registry.fixtures import BY

STEPS = CONFIGURATION[CONFIGURATION.index("[[steps]]") :]
FILES: tuple[str, ...] = ("tissue.tsv.gz", "exosomes.csv", "people.tsv", "trial.tsv", "mutations.maf", "segments.seg")
FILES = (*FILES, "sets.gmt", "cells.tsv")


@pytest.fixture(scope="session")
def study_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    written(folder)
    return folder


def uploads(folder: Path, names: tuple[str, ...] = FILES) -> list[SimpleUploadedFile]:
    return [SimpleUploadedFile(name, (folder / name).read_bytes()) for name in names]


def stored(cohort: Cohort, folder: Path, text: str = CONFIGURATION, names: tuple[str, ...] = FILES) -> list[Added]:
    return datasets_from(cohort=cohort, text=text, uploads=uploads(folder, names), origin="made up", by=BY)


def block(name: str) -> str:
    """One table [data.NAME] of the configuration."""
    found = re.search(rf"\[data\.{name}\].*?(?=\n\[)", CONFIGURATION, re.DOTALL)
    assert found
    return found.group()
