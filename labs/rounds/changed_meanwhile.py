"""What somebody saved meanwhile, in words: labels and readable values, neither columns nor numbers of rows."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from labs.ihc.models import Read
from labs.rounds.models import Consensus, Round
from registry.forms import ServiceForm
from registry.log.facts import StaleWrite, Versioned
from registry.log.models import Change

_TABLES: Mapping[str, type[Versioned]] = {table._meta.model_name or "": table for table in (Read, Consensus, Round)}
# What the page says anyway: whose judgement of what, and that it is another revision.
_SAID = {"slide", "stain", "reader", "version"}


class MeanwhileForm(ServiceForm):
    def show_stale(self, stale: StaleWrite) -> None:
        for sentence in sentences(stale):
            self.add_error(None, sentence)


class RoundStepForm(MeanwhileForm):
    """A step in the life of a round: it carries the version of the round that the person saw."""

    version = forms.IntegerField(label=_("Version"), widget=forms.HiddenInput)

    def __init__(self, data: Any, *, round: Round) -> None:
        super().__init__(data)
        self.initial = {"version": round.version}

    def show_stale(self, stale: StaleWrite) -> None:
        """The page shows the round as it is now; sending once more is then a decision."""
        super().show_stale(stale)
        self.type_over(**self.initial)


def sentences(refused: ValidationError) -> list[str]:
    """The messages of a refusal, those of a stale save in words."""
    if not isinstance(refused, StaleWrite) or not refused.changes:
        return refused.messages
    return [_sentence(change) for change in refused.changes]


def _sentence(change: Change) -> str:
    return _("%(who)s changed this at %(when)s: %(what)s. Your entries were not saved.") % {
        "who": change.actor_name,
        "when": f"{change.at:%Y-%m-%d %H:%M} UTC",
        "what": "; ".join(_moves(change)),
    }


def _moves(change: Change) -> Iterator[str]:
    table = _TABLES[change.subject_type]
    old, unsaid = change.old_values, _SAID.union(table.unlogged_values)
    for name, after in sorted(change.new_values.items()):
        before = old.get(name)
        if name not in unsaid and after != before and not (_is_nothing(before) and _is_nothing(after)):
            column: Any = table._meta.get_field(name)
            yield f"{column.verbose_name}: {_in_words(column, before)} → {_in_words(column, after)}"


def _is_nothing(value: Any) -> bool:
    return value is False or value in (None, "", [])  # but not 0, which is a judgement


def _in_words(column: Any, value: Any) -> str:
    if value in (None, "", []):
        return "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if column.name == "cites":
        return _reads(value)
    if column.choices:
        return str(dict(column.flatchoices).get(value, value))
    if isinstance(column, models.DateTimeField):
        return f"{datetime.fromisoformat(value):%Y-%m-%d %H:%M} UTC"
    if isinstance(column, models.ForeignKey):
        return str(column.related_model._base_manager.filter(pk=value).first() or "—")
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _reads(cites: list[list[int]]) -> str:
    """Of each cited read, whose it is and which revision of it."""
    readers = dict(Read.objects.filter(pk__in=[pk for pk, _version in cites]).values_list("pk", "reader"))
    return ", ".join(
        _("%(reader)s (revision %(number)s)") % {"reader": readers.get(pk, "—"), "number": version}
        for pk, version in cites
    )
