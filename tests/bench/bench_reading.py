"""What a reader waits for on the scoring screen: a save until the next form stands, and a key until it is painted."""

import statistics
from typing import Any

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from tests.browser.reading import KeyboardReader, keyboard_reader
from tests.labs.rounds.fixtures import reading
from tests.registry import people
from tests.registry.fixtures import make_cohort

SLIDES = 30
# Of each key until the frame after the one that paints it.
WATCH = """window.painted = [];
addEventListener("keydown", (event) => {
  requestAnimationFrame(() => setTimeout(() => painted.push(performance.now() - event.timeStamp)));
}, true);"""
# The answer to the save itself, from the browser's own clock.
SAVES = """window.saves = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries())
    if (entry.initiatorType === "fetch" && /\\/read\\/[^/]+\\/$/.test(entry.name)) {
    const all = JSON.parse(sessionStorage.getItem("saves") ?? "[]");
    sessionStorage.setItem("saves", JSON.stringify([...all, entry.duration]));
  }
}).observe({ type: "resource", buffered: true });
addEventListener("pagehide", () => {
  const all = JSON.parse(sessionStorage.getItem("keys") ?? "[]");
  sessionStorage.setItem("keys", JSON.stringify([...all, ...painted]));
});"""


@pytest.mark.django_db(transaction=True)
def bench_a_readers_save_and_keys(chromium: Browser, live_server: LiveServer, transactional_db: None) -> None:
    made = reading(make_cohort(people.site("HEB")), patients=SLIDES)
    with keyboard_reader(chromium, live_server, made.first) as me:
        me.page.context.add_init_script(WATCH + SAVES)
        slide = me.open_next()
        done = 0
        while slide and done < SLIDES:
            if me.is_counting:
                me.count([12, 8, 15, 9, 12])
            else:
                me.score(2, 60)
            slide = me.save()
            done += 1
        saves, keys = _kept(me, "saves"), _kept(me, "keys")
    assert len(saves) >= SLIDES - 1
    _tell("save round trip", saves, 300)
    _tell("key to paint", keys, 100)


def _kept(me: KeyboardReader, name: str) -> list[float]:
    found: Any = me.page.evaluate("(name) => JSON.parse(sessionStorage.getItem(name) ?? '[]')", name)
    return [float(value) for value in found]


def _tell(what: str, milliseconds: list[float], target: int) -> None:
    p95 = statistics.quantiles(milliseconds, n=20)[-1]
    median = statistics.median(milliseconds)
    print(f"\n{what}: median {median:.0f} ms   p95 {p95:.0f} ms   target {target} ms   ({len(milliseconds)} times)")
