"""How claims, p values and hazard ratios are written on pages."""

from typing import Any

from django import template
from django.utils.translation import gettext as _

from analysis.kinds.wording import p_cell, p_text
from analysis.stats.printing import significant

register = template.Library()


@register.filter
def claim_value(claim: dict[str, Any] | None) -> str:
    if claim is None or claim["value"] is None:
        return _median_not_reached(claim) if claim and claim["name"].startswith("median_") else "—"
    if claim["name"].endswith("_p"):
        return p_cell(claim["value"])
    return f"{number(claim['value'])}{interval(claim)}{' ' + claim['unit'] if claim['unit'] else ''}"


def _median_not_reached(claim: dict[str, Any]) -> str:
    said = _("not reached")
    return f"{said}{interval(claim)} {claim['unit']}".rstrip() if interval(claim) else said


@register.filter
def is_p(claim: dict[str, Any]) -> bool:
    return str(claim["name"]).endswith("_p") and claim["value"] is not None


@register.filter
def share_of_alpha(value: float) -> str:
    """Of alpha, or the p that a look is judged at: small numbers whose digits matter."""
    if value == 0:
        return "0"
    return f"{value:.1e}" if value < 0.0001 else f"{value:.3g}"


@register.filter
def signed(value: float) -> str:
    """A difference."""
    return f"{'+' if value > 0 else ''}{number(value)}".replace("-", "−", 1)


@register.filter
def moved_by(claim: dict[str, Any]) -> str:
    """The difference of two values of a claim; of two p to the last digit that a p is printed with."""
    difference = claim["difference"]
    if not str(claim["name"]).endswith("_p"):
        return signed(difference)
    return "< 0.0001" if abs(difference) < 0.00005 else f"{difference:+.4f}".replace("-", "−")


@register.filter
def clock(moment: str | None) -> str:
    """Of a stored moment: 2026-11-28 00:18."""
    return moment[:16].replace("T", " ") if moment else "—"


@register.filter
def cell(value: Any) -> str:
    """A value of a table that an analysis was computed from."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return number(value)


def interval(claim: dict[str, Any]) -> str:
    if claim["low"] is None and claim["high"] is None:
        return ""
    ends = [_("not reached") if end is None else number(end) for end in (claim["low"], claim["high"])]
    return f" ({ends[0]}–{ends[1]})"


_LONGEST_COUNT = 1e15


@register.filter
def number(value: Any) -> str:
    """Four significant digits, counts as they are."""
    if value is None:
        return "—"
    if isinstance(value, str):
        return value
    # Of a number that is longer not every digit is one that anybody gave.
    is_count = float(value).is_integer() and abs(value) < _LONGEST_COUNT
    return str(int(value)) if is_count else significant(value)


@register.filter
def coefficient(value: float) -> str:
    """To six significant digits: enough to compute a score by hand."""
    return significant(value, 6)


@register.filter
def percent(share: float | None) -> str:
    return "—" if share is None else f"{100 * share:.1f}%"


@register.filter
def p_value(value: float | None) -> str:
    return p_text(value)


@register.filter
def months(value: float | None) -> str:
    return _("not reached") if value is None else f"{value:.1f}"


@register.filter
def as_written(value: Any) -> str:
    """A parameter as a configuration has it: true, not True; a list by its items."""
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
