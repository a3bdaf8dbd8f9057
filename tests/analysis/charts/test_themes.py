import re
from pathlib import Path

import pytest

from analysis.charts.themes import BROWSER, PAPER, Palette, theme

STYLESHEET = Path(__file__).resolve().parents[3] / "static" / "hepatica.css"
PAIRS: dict[str, str] = dict(
    re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}, #[0-9a-f]{6})\)", STYLESHEET.read_text(encoding="utf-8"))
)
TEXT_ON_GROUND = [
    *(
        (text, ground)
        for text in ("text", "muted", "accent", "accent-strong", "bad")
        for ground in ("page", "surface", "sunken")
    ),
    *((name, f"{name}-soft") for name in ("good", "warn", "bad", "busy", "simulated")),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("accent-strong", "accent-soft"),
    ("chart-text", "chart-surface"),
    ("chart-muted", "chart-surface"),
]
SHAPES = [*(f"chart-{number}" for number in range(1, 7)), "chart-line", "line-strong", "focus"]


def _colour(name: str, mode: str) -> str:
    light, dark = PAIRS[name].split(", ")
    return light if mode == "light" else dark


def _luminance(colour: str) -> float:
    shares = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON_GROUND)
def test_text_is_readable_on_its_ground(text: str, ground: str, mode: str) -> None:
    assert _contrast(_colour(text, mode), _colour(ground, mode)) >= 4.5


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("name", SHAPES)
def test_lines_and_borders_can_be_seen(name: str, mode: str) -> None:
    assert _contrast(_colour(name, mode), _colour("surface", mode)) >= 3


def _flat(palette: Palette) -> list[str]:
    return [*palette.series, *palette.tints, palette.text, palette.muted, palette.line, palette.grid, palette.surface]


def test_the_browser_draws_in_light_mode_what_paper_shows() -> None:
    names = [re.fullmatch(r"var\(--([\w-]+)\)", colour) for colour in _flat(BROWSER)]
    assert [_colour(name[1], "light") for name in names if name] == _flat(PAPER)


def test_a_page_shows_its_own_ground_behind_a_chart_and_paper_is_white() -> None:
    assert theme(BROWSER)["background"] is None
    assert theme(PAPER)["background"] == "#ffffff"
