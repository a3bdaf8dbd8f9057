from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject

from registry.people.roles import Role


@dataclass(frozen=True)
class Entry:
    label: str | Promise
    url_name: str
    roles: tuple[Role, ...]
    order: int
    # the menu that it stands in; on its own in none
    under: str | Promise = ""
    # how many of its things wait for this user; shown beside the label when there are any
    count: Callable[[Any], int] | None = None
    # the pages that its app has of one cohort: the word after the cohort in their addresses
    of_cohorts: tuple[str, ...] = ()
    # beginnings of other addresses that are read from there, whichever app answers them
    also: tuple[str, ...] = ()

    def is_current(self, request: HttpRequest, url: str) -> bool:
        if url == "/":
            return request.path == url
        if request.path.startswith(self.also):
            return True
        match = request.resolver_match
        if match is not None and match.namespace != self.url_name.partition(":")[0]:
            return False
        return request.path.startswith(url) or _word_after_cohort(request.path) in self.of_cohorts


def _word_after_cohort(path: str) -> str:
    parts = path.split("/")
    return parts[3] if len(parts) > 3 and parts[1] == "cohorts" else ""


@dataclass(frozen=True)
class Link:
    label: str | Promise
    url: str
    is_current: bool
    count: int = 0


@dataclass
class Item:
    """A link of the navigation, or a menu of several."""

    label: str | Promise
    links: list[Link]

    @property
    def is_current(self) -> bool:
        return any(link.is_current for link in self.links)

    @property
    def count(self) -> int:
        return sum(link.count for link in self.links)


_entries: list[Entry] = []


def add_entry(
    label: str | Promise,
    url_name: str,
    *,
    roles: tuple[Role, ...],
    order: int,
    under: str | Promise = "",
    count: Callable[[Any], int] | None = None,
    of_cohorts: tuple[str, ...] = (),
    also: tuple[str, ...] = (),
) -> None:
    """Called by each app's ready(): the lower app does not know the pages of the upper ones."""
    _entries.append(Entry(label, url_name, roles, order, under, count, of_cohorts, also))
    _entries.sort(key=lambda entry: entry.order)


def navigation(request: HttpRequest) -> dict[str, Any]:
    # Parts of a page have none, and what waits is counted in the database.
    return {"navigation": SimpleLazyObject(lambda: _items(request))}


def _items(request: HttpRequest) -> list[Item]:
    if not hasattr(request, "user") or not request.user.is_authenticated:
        return []
    visible = [entry for entry in _entries if request.user.has_role(*entry.roles)]
    items: dict[str, Item] = {}
    for entry in visible:
        url = reverse(entry.url_name)
        waiting = entry.count(request.user) if entry.count else 0
        link = Link(entry.label, url, entry.is_current(request, url), waiting)
        key = str(entry.under) or f"{entry.order} {entry.url_name}"
        items.setdefault(key, Item(entry.under or entry.label, [])).links.append(link)
    return list(items.values())
