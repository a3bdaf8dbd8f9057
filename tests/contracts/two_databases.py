"""The same database twice, differing in what one person may not know, and every address asked in both."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any
from unittest.mock import patch

from django.test import Client
from django.utils import timezone

from registry.people.matrix import Address
from registry.people.models import User
from tests.contracts.heard import Heard
from tests.contracts.test_access_matrix import url_of
from tests.contracts.visitor import Visitor
from tests.contracts.world import World

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)

# What may differ between two answers to the same question, and nothing else.
_MASKED = (
    re.compile(rb'name="csrfmiddlewaretoken" value="\w+"'),
    re.compile(rb'"X-CSRFToken": "\w+"'),
    # when the slide was shown, signed: the seconds of the clock
    re.compile(rb'name="shown" value="[^"]*"'),
    # a new API token: chance
    re.compile(rb"\bhep_[0-9a-f]{8}(_[\w-]{43})?"),
    re.compile(rb'name="prefix" value="[0-9a-f]{8}"'),
    # of REST's errors: the request's own number
    re.compile(rb'\bid"?: ?"?[0-9a-f]{12}\b'),
)
# The web server's clock.
_OTHER_HEADERS = {"Date", "Expires", "X-Request-Id"}

_QUERY = {"q": "T", "reader": "ann", "marker": "FAP", "state": "read", "page": "2", "seen": "x", "format": "csv"}
_OTHER_METHODS = ("HEAD", "PUT", "PATCH", "DELETE", "OPTIONS")
_GARBAGE = {
    "seen": "999",
    "version": "-1",
    "expected_version": "zz",
    "reason": "\x00",
    "intensity": "9",
    "percent": "1e3",
    "marker": "FAP",
    "pk": "1",
    "table": "labs.read",
    "reader": "ann",
    "file_format": "csv",
    "purpose": "p",
}


@dataclass(frozen=True)
class Asked:
    method: str
    url: str
    data: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.method} {self.url} {dict(self.data) or ''}".strip()


@dataclass(frozen=True)
class Told:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True)
class Answer:
    told: Told
    # typed into the form
    fields: dict[str, str]
    heard: Heard


def _more(url: str, place: int, first: int, has_fields: bool, is_brief: bool) -> list[Asked]:
    """After a plain GET: a query, the page's own form filled in, garbage, and the other methods in turn."""
    seen = [Asked("FILL", url)] if has_fields else []
    if is_brief:
        return seen
    method = _OTHER_METHODS[place % len(_OTHER_METHODS)]
    sent = [Asked("POST", url, tuple(_GARBAGE.items())), Asked(method, url)]
    if first == 403:
        return sent  # refused by role, before anything is looked up
    return [Asked("GET", url, tuple(_QUERY.items())), *seen, *sent]


def urls(world: World, addresses: Sequence[Address], *, is_brief: bool) -> dict[str, bool]:
    """With the samples that belong to the round, and, unless brief, with the world's others: url → whether briefly.

    How an address answers to another method, to a query or to garbage does not hang on its sample.
    """
    stain = world.round.slides.filter(repeats__isnull=True).order_by("pk")[0].stain
    in_round = replace(world, stain=stain, specimen=stain.specimen, patient=stain.specimen.patient)
    found = {url_of(address, in_round): is_brief for address in addresses}
    others = {} if is_brief else {url_of(address, world): True for address in addresses}
    return others | found


def visitor_of(user: User) -> Visitor:
    """One session for both databases, made before they differ."""
    with at(NOW):
        return Visitor(user, raise_request_exception=False)


def answers(visitor: Visitor, addressed: Mapping[str, bool]) -> dict[Asked, Answer]:
    """`addressed`: url → whether it is asked briefly.

    The form that is filled in is that of the page which the plain question showed.
    """
    found: dict[Asked, Answer] = {}
    with at(NOW):
        for place, (url, is_brief) in enumerate(addressed.items()):
            plain = Asked("GET", url)
            found[plain], page = _answer(visitor, plain, {})
            status = found[plain].told.status
            fields = _Fields.of(page) if status == 200 else {}
            for question in _more(url, place, status, bool(fields), is_brief):
                found[question], _ = _answer(visitor, question, fields)
    return found


def differences(visitor: Visitor, first: Mapping[Asked, Answer]) -> list[str]:
    """Between these answers and those to the same questions now."""
    found = []
    with at(NOW):
        for question, answer in first.items():
            if not answer.heard.is_said_again():
                told = _answer(visitor, question, answer.fields)[0].told
                if told != answer.told:
                    found.append(f"{question}: {_first_difference(answer.told, told)}")
    return found


def _answer(visitor: Visitor, question: Asked, fields: dict[str, str]) -> tuple[Answer, bytes]:
    heard = Heard()
    with visitor.asking() as client, heard.listening():
        told, page = _told(_ask(client, question, fields))
    return Answer(told, fields, heard), page


def _first_difference(first: Told, second: Told) -> str:
    if first.status != second.status:
        return f"status {first.status} or {second.status}"
    if first.headers != second.headers:
        return f"headers {sorted(set(first.headers) ^ set(second.headers))}"
    place = next(
        (n for n, pair in enumerate(zip(first.body, second.body, strict=False)) if pair[0] != pair[1]),
        min(len(first.body), len(second.body)),
    )
    one, other = (body[max(0, place - 60) : place + 60] for body in (first.body, second.body))
    return f"…{one!r} or …{other!r}"


def _ask(client: Client, question: Asked, fields: dict[str, str]) -> Any:
    data = dict(question.data)
    if question.method == "FILL":
        return client.post(question.url, fields, follow=True)
    if question.method == "GET":
        return client.get(question.url, data)
    if question.method == "POST":
        return client.post(question.url, data, follow=True)
    ask: Callable[..., Any] = getattr(client, question.method.lower())
    return ask(question.url)


def _told(answer: Any) -> tuple[Told, bytes]:
    chain = tuple(("redirect", f"{status} {url}") for url, status in getattr(answer, "redirect_chain", []))
    headers = sorted((name, value) for name, value in answer.headers.items() if name not in _OTHER_HEADERS)
    cookies = tuple(("cookie", name) for name in sorted(answer.cookies))
    body = _body(answer)
    return Told(answer.status_code, (*headers, *chain, *cookies), masked(body)), body


def _body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


def masked(body: bytes) -> bytes:
    for pattern in _MASKED:
        body = pattern.sub(b"(masked)", body)
    return body


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """The clock stands, so that no time needs a mask: a time that somebody else left behind would show."""
    with patch.object(timezone, "now", lambda: moment):
        yield


def later(days: float) -> datetime:
    return NOW - timedelta(days=30) + timedelta(days=days)


class _Fields(HTMLParser):
    """The fields of a page with something in each: its own value, the first choice, or a plausible text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._select = ""

    @classmethod
    def of(cls, page: bytes) -> dict[str, str]:
        parser = cls()
        parser.feed(page.decode(errors="replace"))
        return {name: value for name, value in parser.found.items() if name != "csrfmiddlewaretoken"}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select and given.get("value") and not self.found.get(self._select):
            self.found[self._select] = given["value"]
        elif tag == "textarea" and name:
            self.found[name] = "because"
        elif tag == "input" and name:
            self._input(name, given)

    def _input(self, name: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        if kind in ("radio", "checkbox"):
            if "checked" in given or name not in self.found:
                self.found[name] = given.get("value", "on")
        elif kind == "hidden" or given.get("value"):
            self.found[name] = given.get("value", "")
        elif "required" in given or name == "reason":
            self.found[name] = "2023-01-01" if kind == "date" else "1"
