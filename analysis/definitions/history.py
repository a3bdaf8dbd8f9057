"""How the question came to be what it is: the change log of a definition, in the words of its form."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysis.definitions.parameters import Text
from analysis.definitions.registry import DEFINITIONS
from analysis.engine.models import Analysis
from analysis.stats.printing import exact
from registry.log.models import Action, Change

_NAMES = {
    "title": gettext_lazy("title"),
    "kind": gettext_lazy("kind"),
    "subcohort": gettext_lazy("sub-cohort (its key)"),
    "is_registered": gettext_lazy("registered"),
    "waits_for_plan": gettext_lazy("computed only after its plan is signed"),
    "order": gettext_lazy("order"),
}


@dataclass(frozen=True)
class Moved:
    what: Text
    before: str
    after: str


@dataclass(frozen=True)
class Version:
    number: int | None
    at: datetime
    who: str
    what: str
    reason: str
    moved: list[Moved]


def definition_history(analysis: Analysis, changes: QuerySet[Change]) -> list[Version]:
    """Of the changes that somebody may see, newest first."""
    found = changes.filter(subject_type="analysis", subject_id=str(analysis.pk)).order_by("-id")
    return [_version(analysis, change) for change in found]


def asked_of(kind: str, parameters: dict[str, Any]) -> list[tuple[Text, str]]:
    """What is asked, each parameter by the label of its field."""
    return [(_label(kind, name), worded(value)) for name, value in parameters.items()]


def worded(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict):
        return "; ".join(f"{name}: {worded(part)}" for name, part in value.items())
    if isinstance(value, list):
        return ", ".join(" × ".join(part) if isinstance(part, list) else worded(part) for part in value)
    if isinstance(value, float):
        return exact(value)
    return "—" if value in (None, "") else str(value)


def _version(analysis: Analysis, change: Change) -> Version:
    old, new = change.old_values, change.new_values
    return Version(
        number=new.get("version"),
        at=change.at,
        who=change.actor_name,
        what=_what(change, old, new),
        reason=change.reason,
        moved=list(_moved(analysis.kind, old, new)) if change.action == Action.UPDATE else [],
    )


def _what(change: Change, old: dict[str, Any], new: dict[str, Any]) -> str:
    if change.action == Action.CREATE:
        return _("defined")
    if "retired_reason" in new:
        return _("retired") if new["retired_reason"] else _("restored")
    if {"parameters", "kind", "subcohort"} & set(new):
        return _("another question")
    if new.get("is_registered"):
        return _("plan registered")
    return _("changed")


def _moved(kind: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Moved]:
    for name in (name for name in _NAMES if name in new):
        yield Moved(_NAMES[name], worded(old.get(name)), worded(new[name]))
    if "parameters" not in new:
        return
    before, after = old.get("parameters") or {}, new["parameters"] or {}
    for name in dict.fromkeys([*before, *after]):
        if before.get(name) != after.get(name):
            yield Moved(_label(kind, name), worded(before.get(name)), worded(after.get(name)))


def _label(kind: str, name: str) -> Text:
    definition = DEFINITIONS.get(kind)
    rows = definition.parameters if definition else ()
    return next((row.label for row in rows if row.name == name), name)
