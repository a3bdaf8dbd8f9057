"""What the browser's preview accepts, refuses and computes is what the server's rules do: one table for both."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from labs.ihc.forms import FieldsForm, ScoreForm
from labs.ihc.protocol import protocol
from labs.ihc.scoring import EXTENT_BINS, ReadError, extent_of_percent, field_mean, score

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OF_ANOTHER_PROTOCOL: Mapping[int, tuple[int, int]] = {0: (0, 0), 1: (1, 10), 2: (11, 50), 3: (51, 80), 4: (81, 100)}
PERCENTS = [str(percent) for percent in range(101)]
NO_PERCENTS = ["101", "999", "-1", "+5", "1.5", "1,5", "1e1", "0x10", "abc", "007", "60%", "６０", "٣", "5 0", "½"]
COUNTS = [
    ["1", "2", "3", "4", "5"],
    ["0"] * 5,
    ["99999"] * 5,
    ["7", "", "9", "", ""],
    ["3"],
    ["12", "8", "15", "9", "12"],
]
NO_COUNTS = [["1.5"], ["-1"], ["100000"], ["x", "1", "1", "1", "1"], ["", "", "", "", ""], ["1", "２"]]

PREVIEWS = """async ({ url, table, percents, counts }) => {
  const { preview, meanOf } = await import(url);
  return {
    percents: percents.map((text) => [0, 1, 2, 3].map((intensity) => preview(intensity, text, null, table))),
    pairs: [0, 1, 2, 3].map((intensity) => [0, 1, 2, 3, 4].map((extent) => preview(intensity, "", extent, table))),
    counts: counts.map((texts) => meanOf(texts)),
  };
}"""


def by_percent(intensity: int, text: str, bins: Mapping[int, tuple[int, int]]) -> int | None:
    """What the server makes of an intensity and what was typed as a percentage: the score, or None for a refusal."""
    try:
        percent = int(ScoreForm.base_fields["percent"].clean(text))
        return score(intensity, extent_of_percent(percent, bins))
    except (ValidationError, ReadError):
        return None


def by_extent(intensity: int, extent: int) -> int | None:
    try:
        return score(intensity, extent)
    except ReadError:
        return None


def by_counts(texts: list[str]) -> float | None:
    box = FieldsForm(None, newest=None).fields["field_1"]
    try:
        return field_mean([int(text) for text in map(box.clean, texts) if text], "a reason")
    except (ValidationError, ReadError):
        return None


@pytest.mark.parametrize("bins", [EXTENT_BINS, OF_ANOTHER_PROTOCOL], ids=["study", "another protocol"])
def test_browser_and_server_agree_on_every_input(
    chromium: Browser, live_server: LiveServer, bins: Mapping[int, tuple[int, int]]
) -> None:
    percents, counts = PERCENTS + NO_PERCENTS, COUNTS + NO_COUNTS
    given = {"url": "/static/scoring.js", "table": protocol(bins), "percents": percents, "counts": counts}
    page = chromium.new_page()
    page.goto(f"{live_server.url}/sign-in/")
    found: dict[str, Any] = page.evaluate(PREVIEWS, given)
    page.close()

    accepted = refused = 0
    for intensity, row in enumerate(found["pairs"]):
        for extent, shown in enumerate(row):
            expected = by_extent(intensity, extent)
            assert (shown["score"], shown["refused"]) == (expected, expected is None), (intensity, extent)
            accepted, refused = accepted + (expected is not None), refused + (expected is None)
    assert (accepted, refused) == (13, 7)

    for text, row in zip(percents, found["percents"], strict=True):
        for intensity, shown in enumerate(row):
            expected = by_percent(intensity, text, bins)
            assert (shown["score"], shown["refused"]) == (expected, expected is None), (intensity, text)
    assert all(shown["refused"] for row in found["percents"][101:] for shown in row)

    for texts, mean in zip(counts, found["counts"], strict=True):
        assert (mean and mean["mean"]) == by_counts(texts), texts
    assert found["counts"][len(COUNTS) :] == [None] * len(NO_COUNTS)
