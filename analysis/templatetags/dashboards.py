"""How the table of the dashboard writes estimates, p and q."""

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analysis.charts import words
from analysis.kinds.wording import p_cell
from analysis.stats.multiplicity import Discovery
from analysis.stats.printing import exact

register = template.Library()


@register.filter
def two(value: words.Number) -> str:
    return words.number(value, digits=2)


@register.filter
def p_short(p: float | None) -> str:
    return "–" if p is None else p_cell(p)


register.filter("exact", exact)


@register.filter
def q_note(found: Discovery) -> str:
    """What the q of a family was computed over; or why there is none."""
    if found.outdated:
        return ngettext(
            "no q: %(n)s p answers an earlier question; its new result is on its way",
            "no q: %(n)s p answer an earlier question; their new results are on their way",
            found.outdated,
        ) % {"n": found.outdated}
    parts = [ngettext("q over %(n)s test", "q over %(n)s tests", found.tests) % {"n": found.tests}]
    if found.missing:
        parts.append(ngettext("%(n)s row without p", "%(n)s rows without p", found.missing) % {"n": found.missing})
    if found.stale:
        parts.append(_("not fresh: %(n)s of its p") % {"n": found.stale})
    return "; ".join(parts)
