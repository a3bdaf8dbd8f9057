"""What somebody has answered so far, kept in the session as it was typed: going back or an error loses nothing."""

from typing import Any

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict

Typed = dict[str, list[str]]
_KEY = "export"
# Buttons and Django's own.
_NOT_ANSWERS = {"csrfmiddlewaretoken", "go"}


class Draft:
    def __init__(self, request: HttpRequest) -> None:
        self._session = request.session
        self._kept: dict[str, Any] = self._session.get(_KEY, {})

    def typed(self, step: str) -> Typed | None:
        typed: Typed | None = self._kept.get("steps", {}).get(step)
        return typed

    def data(self, step: str) -> QueryDict:
        found = QueryDict(mutable=True)
        for name, values in (self.typed(step) or {}).items():
            found.setlist(name, values)
        return found

    def keep(self, step: str, posted: "MultiValueDict[str, Any]") -> None:
        typed = {name: list(posted.getlist(name)) for name in posted if name not in _NOT_ANSWERS}
        self.put(step, typed)

    def put(self, step: str, typed: Typed) -> None:
        self._kept = self._kept | {"steps": self._kept.get("steps", {}) | {step: typed}}
        self._session[_KEY] = self._kept

    @property
    def listed(self) -> dict[str, list[str]]:
        """Table → columns that were there to be ticked."""
        return dict(self._kept.get("listed", {}))

    @listed.setter
    def listed(self, columns: dict[str, list[str]]) -> None:
        self._kept = self._kept | {"listed": columns}
        self._session[_KEY] = self._kept

    def forget(self) -> None:
        self._session.pop(_KEY, None)
        self._kept = {}


def prefill(form: forms.Form, typed: Typed | None) -> None:
    """Shows what was typed before, without judging it."""
    if typed is None:
        return
    for name, field in form.fields.items():
        values = typed.get(name, [])
        if isinstance(field, forms.MultipleChoiceField):
            form.initial[name] = values
        elif isinstance(field, forms.BooleanField):
            form.initial[name] = bool(values)
        elif values:
            form.initial[name] = values[-1]
