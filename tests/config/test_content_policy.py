"""What the content security policy would refuse in the browser is found here, for every template."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
FORBIDDEN = {
    "a style sheet of its own": r"<style\b",
    "a style attribute": r"\sstyle\s*=",
    "a handler in an attribute": r"\son[a-z]+\s*=\s*[\"']",
    "a script with code in it": r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>",
    "an address outside": r"(?:src|href|action)\s*=\s*[\"']https?://",
    "code for HTMX to evaluate": r"hx-on|[\"']js:|javascript:",
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_template_holds_nothing_that_the_policy_refuses(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [name for name, pattern in FORBIDDEN.items() if re.search(pattern, text)] == []


@pytest.mark.parametrize(
    "sample",
    [
        "<style>",
        '<p style="color:red">',
        '<a onclick="x()">',
        "<script>x()</script>",
        '<img src="https://a.b/c">',
        '<a hx-on:click="x">',
    ],
)
def test_the_patterns_find_what_they_forbid(sample: str) -> None:
    assert any(re.search(pattern, sample) for pattern in FORBIDDEN.values())
