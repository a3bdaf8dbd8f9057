"""What a plan says of the definition: endpoint, variables, cutoff rule with its operator, test."""

from typing import Any

from django.utils.translation import gettext as _

from analysis.cutoffs.models import Cutoff
from analysis.definitions.registry import DEFINITIONS
from analysis.definitions.titles import short
from analysis.engine.models import Analysis
from analysis.frames.request import FrameRequest
from analysis.kinds.registry import still_asked
from analysis.stats.printing import exact


def written_plan(analysis: Analysis) -> dict[str, str]:
    asked = analysis.parameters
    request = still_asked(analysis.kind, asked) or FrameRequest()
    names = [*(variable.name for variable in request.parsed), *request.pairs]
    return {
        "endpoint": _endpoint(asked, is_response=request.response),
        "variable": ", ".join(dict.fromkeys(names)),
        "cutoff_rule": cutoff_rule(analysis),
        "test": _test(analysis),
    }


def _endpoint(asked: dict[str, Any], *, is_response: bool) -> str:
    if is_response:
        return _("response to treatment")
    if "competing" in asked:
        words = {"endpoint": asked["endpoint"], "other": asked["competing"]}
        return _("%(endpoint)s, with %(other)s competing") % words
    return str(asked.get("endpoint", ""))


def _test(analysis: Analysis) -> str:
    usual = str(DEFINITIONS[analysis.kind].test)
    chosen = analysis.parameters.get("test") or analysis.parameters.get("method")
    return f"{usual}: {chosen}" if chosen else usual


def cutoff_rule(analysis: Analysis) -> str:
    """One rule everywhere: high means x > cut. What the cut is, is said as it is declared now."""
    asked = analysis.parameters
    wish = asked.get("cutoff", "median" if "marker" in asked and analysis.kind == "survival" else None)
    if wish is None:
        return ""
    name = str(asked.get("marker") or asked.get("group") or "")
    words = {"marker": short(name) if name else _("the score"), "wish": wish}
    if wish in ("registered", "published"):
        declared = Cutoff.objects.filter(cohort=analysis.cohort, variable=name, status=wish).order_by("-number").first()
        if declared is None:
            return _("high means %(marker)s > the %(wish)s cutoff, of which none is declared") % words
        found = words | {"value": exact(declared.value), "number": declared.number, "source": declared.source}
        return _("high means %(marker)s > %(value)s (%(wish)s, number %(number)s: %(source)s)") % found
    if wish == "median":
        return _("high means %(marker)s > its median (exploratory)") % words
    if wish == "optimal":
        return _("high means %(marker)s > the cutoff with the largest log-rank statistic (exploratory)") % words
    return _("high means %(marker)s > %(wish)s (exploratory)") % words
