"""Small pictures for tests, and a folder of their own for the tiles of each test."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from PIL import Image


@pytest.fixture(autouse=True, scope="session")
def tiles_of_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test writes into the folder of the installation."""
    with override_settings(SLIDES_ROOT=tmp_path_factory.mktemp("slides")):
        yield


@pytest.fixture
def slides_root(tmp_path: Path) -> Iterator[Path]:
    with override_settings(SLIDES_ROOT=tmp_path / "slides"):
        yield tmp_path / "slides"


def a_picture(
    width: int = 40, height: int = 30, kind: str = "PNG", name: str = "picture", **options: object
) -> SimpleUploadedFile:
    """A gradient: each pixel says where it is."""
    across = Image.linear_gradient("L").rotate(90).resize((width, height))
    down = Image.linear_gradient("L").resize((width, height))
    buffer = BytesIO()
    Image.merge("RGB", (across, down, Image.new("L", (width, height), 128))).save(buffer, kind, **options)
    return SimpleUploadedFile(name, buffer.getvalue())
