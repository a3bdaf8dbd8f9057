"""What the registry's pages show of the apps above it, which it does not know: they fill this in their ready().

    add_patient_panel(Panel(_("Specimens"), roles=CLINICAL, query=specimens_of, template="labs/panel.html", lanes=…))
    add_dependents(analyses_reading)

`query(user, subject)` gives the template's context, or None when there is nothing to show; `lanes(user, patient)` adds
rows to the patient's timeline. `dependents(streams)` names what a change of these streams makes stale: forms show it
before anybody confirms. `hidden_from(user)` is what somebody may not learn at the moment, whatever the roles say: the
change log, histories and exports leave it out.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Model, Q
from django.utils.functional import Promise

from registry.log.recording import StreamKey
from registry.people.models import User
from registry.people.roles import Role

Text = str | Promise


@dataclass(frozen=True)
class Mark:
    """One fact on the timeline: a point, or a bar when it has an end."""

    day: date
    label: Text
    end: date | None = None
    is_uncertain: bool = False
    is_event: bool = False
    # Written beside the mark in its lane, so short: a letter, an agent.
    caption: str = ""
    url: str = ""
    history_url: str = ""


@dataclass(frozen=True)
class Lane:
    label: Text
    marks: Sequence[Mark]


@dataclass(frozen=True)
class Panel:
    title: Text
    roles: tuple[Role, ...]
    query: Callable[[User, Any], dict[str, Any] | None]
    template: str
    order: int = 100
    lanes: Callable[[User, Any], list[Lane]] | None = None


@dataclass(frozen=True)
class ShownPanel:
    title: Text
    template: str
    context: dict[str, Any]


Dependents = Callable[[Iterable[StreamKey]], list[str]]


@dataclass(frozen=True)
class Hidden:
    # of the change log: no entry in these streams is shown
    domains: frozenset[str] = frozenset()
    # of an export: rows that are left out of a table
    rows: Mapping[type[Model], Q] = field(default_factory=dict)
    no_export: bool = False


@dataclass
class _Extensions:
    patient_panels: list[Panel] = field(default_factory=list)
    cohort_panels: list[Panel] = field(default_factory=list)
    dependents: list[Dependents] = field(default_factory=list)
    hidden: list[Callable[[User], Hidden]] = field(default_factory=list)


_extensions = _Extensions()


def add_patient_panel(panel: Panel) -> None:
    _extensions.patient_panels.append(panel)


def add_cohort_panel(panel: Panel) -> None:
    """A part of the cohort page: links to its analyses, completeness of its measurements."""
    _extensions.cohort_panels.append(panel)


def add_dependents(find: Dependents) -> None:
    _extensions.dependents.append(find)


def add_hidden(find: Callable[[User], Hidden]) -> None:
    _extensions.hidden.append(find)


def hidden_from(user: User) -> Hidden:
    found = [find(user) for find in _extensions.hidden]
    rows: dict[type[Model], Q] = {}
    for hidden in found:
        for model, condition in hidden.rows.items():
            rows[model] = rows[model] | condition if model in rows else condition
    domains = frozenset(domain for hidden in found for domain in hidden.domains)
    return Hidden(domains, rows, no_export=any(hidden.no_export for hidden in found))


def patient_panels(user: User, patient: Any) -> list[ShownPanel]:
    return _shown(_extensions.patient_panels, user, patient)


def cohort_panels(user: User, cohort: Any) -> list[ShownPanel]:
    return _shown(_extensions.cohort_panels, user, cohort)


def patient_lanes(user: User, patient: Any) -> list[Lane]:
    allowed = [panel for panel in _in_order(_extensions.patient_panels, user) if panel.lanes]
    return [lane for panel in allowed if panel.lanes for lane in panel.lanes(user, patient)]


def dependents(streams: Iterable[StreamKey]) -> list[str]:
    keys = list(streams)
    return [name for find in _extensions.dependents for name in find(keys)]


def _shown(panels: list[Panel], user: User, subject: Any) -> list[ShownPanel]:
    found = [(panel, panel.query(user, subject)) for panel in _in_order(panels, user)]
    return [ShownPanel(panel.title, panel.template, context) for panel, context in found if context is not None]


def _in_order(panels: list[Panel], user: User) -> list[Panel]:
    return sorted((panel for panel in panels if user.has_role(*panel.roles)), key=lambda panel: panel.order)
