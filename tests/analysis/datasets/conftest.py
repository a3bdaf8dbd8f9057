from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings

from tests.analysis.datasets.stored_study import study_files

__all__ = ["study_files"]


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path) -> Iterator[Path]:
    with override_settings(DATASETS_ROOT=tmp_path / "datasets"):
        yield tmp_path / "datasets"
