"""Draw a specification as the product does, and read the picture."""

import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import vl_convert

from analysis.charts.themes import PAPER, theme


def texts(spec: dict[str, Any], capture: pytest.CaptureFixture[str]) -> list[str]:
    """The lines of text in the picture, after the compiler had nothing to complain about."""
    drawn = vl_convert.vegalite_to_svg(spec, config=theme(PAPER), show_warnings=True)
    written = capture.readouterr()
    assert "WARN" not in written.out + written.err
    root = ET.fromstring(drawn)  # noqa: S314  # our own picture
    return [line for element in root.iter("{http://www.w3.org/2000/svg}text") for line in element.itertext()]


def colours(spec: Any) -> Iterator[str]:
    """Every colour in a specification."""
    if isinstance(spec, dict):
        yield from (part for value in spec.values() for part in colours(value))
    elif isinstance(spec, list):
        yield from (part for value in spec for part in colours(value))
    elif isinstance(spec, str) and re.search(r"#[0-9a-f]{3,8}\b|rgb|var\(|^(black|white|gr[ae]y)$", spec):
        yield spec
