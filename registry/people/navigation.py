from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise

from registry.people.roles import Role


@dataclass(frozen=True)
class Entry:
    label: str | Promise
    url_name: str
    roles: tuple[Role, ...]
    order: int


_entries: list[Entry] = []


def add_entry(label: str | Promise, url_name: str, *, roles: tuple[Role, ...], order: int) -> None:
    """Called by each app's ready(): the lower app does not know the pages of the upper ones."""
    _entries.append(Entry(label, url_name, roles, order))
    _entries.sort(key=lambda entry: entry.order)


def navigation(request: HttpRequest) -> dict[str, Any]:
    if not hasattr(request, "user") or not request.user.is_authenticated:
        return {"navigation": []}
    visible = [entry for entry in _entries if request.user.has_role(*entry.roles)]
    links = [(entry.label, reverse(entry.url_name)) for entry in visible]
    return {"navigation": [(label, url, _is_current(request.path, url)) for label, url in links]}


def _is_current(path: str, url: str) -> bool:
    return path == url if url == "/" else path.startswith(url)
