"""Every address of the project and who may call it, as the views declare it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import admin
from django.urls import URLPattern, URLResolver, get_resolver

from registry.people.roles import Role

# Django's admin still writes one address as a regular expression.
_REGULAR = re.compile(r"\^?\(\?P<(\w+)>[^)]*\)")
YES, NO, SIGN_IN, NOT_FOUND, READS = "yes", "no", "sign in", "not found", "reads"


@dataclass(frozen=True)
class Address:
    """One URL pattern. `roles` is None for everybody, signed in or not."""

    name: str
    pattern: str
    arguments: tuple[str, ...]
    roles: frozenset[Role] | None
    # None where whoever may call it may send as well.
    writing_roles: frozenset[Role] | None
    # An object of another site answers like a wrong number.
    belongs_to_site: bool

    def answer(self, *roles: Role, signed_in: bool = True) -> str:
        if self.roles is None:
            return YES
        if not signed_in:
            return SIGN_IN
        return YES if self.roles.intersection(roles) else NO

    def only_reads(self, role: Role) -> bool:
        return self.writing_roles is not None and self.answer(role) == YES and role not in self.writing_roles

    @property
    def other_site(self) -> str:
        if self.roles is None or not self.belongs_to_site:
            return self.answer(*Role)
        return NOT_FOUND


class Undeclared(Exception):
    """A view that does not say who may call it."""


def addresses() -> list[Address]:
    return sorted(_walk(get_resolver(), "/", ""), key=lambda address: (address.pattern, address.name))


def _walk(resolver: URLResolver, prefix: str, namespace: str) -> Iterator[Address]:
    for pattern in resolver.url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from _walk(pattern, path, namespace + inner)
        else:
            yield _address(pattern, path, namespace)


def _address(pattern: URLPattern, path: str, namespace: str) -> Address:
    name = f"{namespace}{pattern.name or ''}"
    path = _REGULAR.sub(r"<\1>", path).rstrip("$")
    arguments = _arguments(path)
    if namespace.startswith("admin:"):
        roles, belongs_to_site = _admin(path, arguments)
        return Address(name, path, arguments, roles, None, belongs_to_site)
    if not hasattr(pattern.callback, "allowed_roles"):
        raise Undeclared(f"{path} ({name}) declares nobody who may call it")
    roles = pattern.callback.allowed_roles
    writing = getattr(pattern.callback, "writing_roles", None)
    belongs_to_site = bool(arguments) and getattr(pattern.callback, "of_site", True)
    return Address(name, path, arguments, roles, writing, belongs_to_site)


def _arguments(path: str) -> tuple[str, ...]:
    parts = (part.split(">", 1)[0] for part in path.split("<")[1:])
    return tuple(part.split(":")[-1] for part in parts)


def _admin(path: str, arguments: tuple[str, ...]) -> tuple[frozenset[Role] | None, bool]:
    """Django's own views, guarded by the site's has_permission."""
    pages = admin.site._registry.items()
    paths = {f"/admin/{model._meta.app_label}/{model._meta.model_name}/": page for model, page in pages}
    site_paths = [getattr(page, "site_path", "") for start, page in paths.items() if path.startswith(start)]
    return frozenset({Role.ADMINISTRATOR}), bool(arguments) and any(site_paths)


def as_markdown() -> str:
    heads = ["Address", "Name", "Anonymous", *(str(role.label) for role in Role), "Other site"]
    lines = [_INTRODUCTION, _line(heads), _line(["---"] * len(heads))]
    return "\n".join(lines + [_line(_cells(address)) for address in addresses()]) + "\n"


def _cells(address: Address) -> list[str]:
    roles = [READS if address.only_reads(role) else address.answer(role) for role in Role]
    anonymous = address.answer(signed_in=False)
    # Not a link and not HTML: the arguments' angle brackets must be seen.
    return [f"`{address.pattern}`", address.name, anonymous, *roles, address.other_site]


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


_INTRODUCTION = """# Who may call which address

Made by `manage.py access_matrix` from what the views declare; a test asks every address as every person and compares.
A view that declares nothing is refused to everybody.

*yes*: answers. *reads*: answers who asks, 403 to who sends. *no*: 403. *sign in*: sent to the sign-in page; an address
of `/api/` or `/fhir/` answers 401. *not found*: 404, the same answer that a wrong number
gets. *Other site*: somebody who holds every role, at a site that has nothing to do with the object.
"""
