"""No page and no file shows a number of a result without the run that computed it and whether it still stands.

Every address is asked by whoever sees most. In each answer the numbers of each stored result are looked for, as the
pages print them and as JSON has them; where one is found, a run of that result and a state of freshness must be told.
The addresses come from the table of URLs: a new page is covered without being named here.
"""

import io
import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.test import Client

from analysis.engine.execution import run_stale
from analysis.engine.models import Result
from analysis.reports.services import run_waiting as make_reports
from analysis.templatetags.claims import claim_value
from labs.ihc.services import read_correct
from labs.models import Read
from registry.cohorts.models import Cohort
from registry.people.matrix import Address, addresses
from registry.people.models import User
from tests.contracts.test_access_matrix import url_of
from tests.contracts.world import World, build_world
from tests.registry.fixtures import BY
from tests.registry.people import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

STATES = re.compile(r"\b(fresh|stale|running|failed|frozen)\b", re.IGNORECASE)
# Fewer digits are a number of anything.
DIGITS = 6
# Whole tables as they are stored: there the run is a column's name or its number, and the export has its own manifest.
RAW = ("/export/", "/admin/")


def test_no_answer_shows_a_number_without_its_run_and_its_freshness(a_cohort: Cohort, alice: User) -> None:
    world = two_results(a_cohort)
    numbers = {result: set(printed(result)) for result in Result.objects.all()}
    shared = set.intersection(*(found for result, found in numbers.items() if result.kind == world.analysis.kind))
    telling = {result: found - shared for result, found in numbers.items()}
    assert all(len(found) > 5 for found in telling.values())
    client, silent, count = client_of(alice), [], 0
    shown: set[str] = set()
    for address, url in asked(world):
        text = answer(client, url)
        for result, found in telling.items():
            if text and (seen := first_in(text, found)):
                shown.add(re.sub(r".*\.", "", url.partition("?")[0]) if "." in url else "page")
                count += 1
                silent += [f"{address.pattern} shows {seen}: {lack}" for lack in lacks(text, result)]
    assert silent == [], "\n".join(silent)
    # That it looks at anything: the page, its files, the lists, REST.
    assert count > 15
    assert {"page", "json", "csv", "zip"} <= shown
    assert not shutil.which("pdftotext") or "pdf" in shown


def two_results(cohort: Cohort) -> World:
    """Of one analysis: the present one and the one before."""
    world = build_world(cohort, lambda analysis: run_stale("test"))
    # Of somebody with an event: of who was censored before the first one, no number would move.
    read_correct(read=Read.objects.current().order_by("pk")[2], intensity=1, percent=10, by=BY, reason="wrong slide")
    # Without it nobody would be eligible: the world's rule asks for ages that nobody has.
    cohort.rules.update(retired_reason="not of this test")
    for enrolment in cohort.enrolments.all():
        type(enrolment).objects.filter(pk=enrolment.pk).update(eligibility="eligible")
    run_stale("test")
    make_reports()
    assert world.analysis.results.count() == 2
    return world


def asked(world: World) -> Iterator[tuple[Address, str]]:
    for address in addresses():
        if not address.pattern.startswith(RAW):
            url = url_of(address, world)
            yield address, url
            if address.pattern.endswith(".<slug:extension>"):
                yield from ((address, url.replace(".svg", f".{extension}")) for extension in ("png", "pdf"))


def printed(result: Result) -> Iterator[str]:
    for claim in result.claims:
        if len(re.sub(r"\D", "", value := claim_value(claim))) >= DIGITS:
            yield value
    yield from (text for number in floats(result.output_values) if len(text := repr(number)) > DIGITS + 1)
    steps = result.output_values.get("steps", []) if result.kind == "discovery" else []
    cells = (cell for step in steps for row in step["first"]["rows"] for cell in row)
    yield from (cell for cell in cells if len(re.sub(r"\D", "", cell)) >= DIGITS)


def floats(content: Any) -> Iterator[float]:
    if isinstance(content, float):
        yield content
    elif isinstance(content, dict | list):
        for item in content.values() if isinstance(content, dict) else content:
            yield from floats(item)


def answer(client: Client, url: str) -> str:
    """What it says, markup aside; nothing when there is no answer."""
    response = client.get(url)
    if response.status_code != 200:
        return ""
    body = response.getvalue()
    if response.headers["Content-Type"] == "application/zip":
        archive = zipfile.ZipFile(io.BytesIO(body))
        body = b"\n".join(archive.read(name) for name in archive.namelist())
    if response.headers["Content-Type"] == "application/pdf":
        body += text_of_pdf(body)
    text = body.decode(errors="replace")
    return unescape(text) if "json" in response.headers["Content-Type"] else unescape(re.sub(r"<[^>]+>", " ", text))


def text_of_pdf(body: bytes) -> bytes:
    """Its letters are packed: unread, a PDF would show no number at all."""
    read = shutil.which("pdftotext")
    return subprocess.run([read, "-", "-"], input=body, capture_output=True, check=True).stdout if read else b""


def first_in(text: str, numbers: set[str]) -> str | None:
    return next((number for number in sorted(numbers) if number in text), None)


def lacks(text: str, result: Result) -> list[str]:
    runs = "|".join(str(pk) for pk in result.runs.values_list("pk", flat=True))
    names_run = re.search(rf"\brun\b\W{{0,40}}\b({runs})\b|hepatica:run\W{{0,3}}({runs})\b", text, re.IGNORECASE)
    in_rows = re.search(rf"[,\t]({runs})[,\t]\"?(Fresh|STALE)", text)
    found = [] if names_run or in_rows else [f"no run of result {result.look} ({runs})"]
    return found if STATES.search(text) else [*found, "no freshness"]


def test_it_would_find_a_number_that_stands_alone(a_cohort: Cohort) -> None:
    build_world(a_cohort, lambda analysis: run_stale("test"))
    result = Result.objects.get(kind="survival")
    (number, *_more) = sorted(printed(result))
    run = result.runs.get().pk
    assert first_in(f"the ratio is {number}.", set(printed(result))) == number
    assert lacks(f"Fresh. The ratio is {number}.", result)
    assert lacks(f"Run {run}: the ratio is {number}.", result) == ["no freshness"]
    assert lacks(json.dumps({"run": run, "freshness": {"state": "stale"}, "ratio": number}), result) == []
    assert lacks(f"Run {run}9, fresh: {number}.", result)
