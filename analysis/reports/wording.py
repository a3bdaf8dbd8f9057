"""How a report says claims, their differences and the changes of the data."""

from math import floor, log10
from typing import Any

from django.apps import apps
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from analysis.templatetags.claims import claim_value
from registry.log.facts import shown_changes
from registry.log.models import Change

# Letters of a value that is shown as it is.
_LONGEST = 40

Claimed = dict[str, Any] | None


def said(claim: Claimed) -> str:
    return str(claim_value(claim))


def difference(before: Claimed, after: Claimed) -> str:
    """New less old; nothing where one of them is no number."""
    old, new = (before or {}).get("value"), (after or {}).get("value")
    if not isinstance(old, int | float) or not isinstance(new, int | float):
        return "—" if before == after else _("changed")
    if old == new:
        return "0"
    # Two digits that count, and no power of ten: a table of differences is read down the column.
    size = floor(log10(abs(new - old)))
    return f"{new - old:+.{min(max(0, 1 - size), 8)}f}".replace("-", "−")  # a minus sign, as wide as the plus


def table_name(subject_type: str, domain: str) -> str:
    """`read`, `ihc/FAP` → IHC reads (FAP)."""
    what = domain.partition("/")[2]
    models = [model for model in apps.get_models() if model._meta.model_name == subject_type]
    name = str(capfirst(models[0]._meta.verbose_name_plural)) if models else subject_type
    return f"{name} ({what})" if what else name


def moved(change: Change, most: int = 6) -> str:
    """intensity 3 → 1; percent 90 → 20"""
    parts = [_moved(name, before, after) for name, before, after in shown_changes(change)]
    rest = [_("and %(n)s more") % {"n": len(parts) - most}] if len(parts) > most else []
    return "; ".join([*parts[:most], *rest]) or "—"


def _moved(name: str, before: str, after: str) -> str:
    if max(len(before), len(after)) > _LONGEST:
        return _("%(name)s changed") % {"name": name}  # a list of findings, a note: the log has it
    return f"{name} {after}" if before == "—" else f"{name} {before} → {after}"
