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


_entries: list[Entry] = []


def add_entry(
    label: str | Promise,
    url_name: str,
    *,
    roles: tuple[Role, ...],
    order: int,
    under: str | Promise = "",
    count: Callable[[Any], int] | None = None,
) -> None:
    """Called by each app's ready(): the lower app does not know the pages of the upper ones."""
    _entries.append(Entry(label, url_name, roles, order, under, count))
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
        link = Link(entry.label, url, _is_current(request.path, url), entry.count(request.user) if entry.count else 0)
        key = str(entry.under) or f"{entry.order} {entry.url_name}"
        items.setdefault(key, Item(entry.under or entry.label, [])).links.append(link)
    return list(items.values())


def _is_current(path: str, url: str) -> bool:
    return path == url if url == "/" else path.startswith(url)
