"""REMARK items 1, 8, 10 and 11: what was asked, of which variables, by which methods and cutoffs."""

from django.urls import reverse
from django.utils.translation import gettext as _

from analysis import VERSION
from analysis.cutoffs.models import Cutoff
from analysis.kinds.registry import kind_of
from analysis.remark.content import Filled, Profiled


def objectives(found: Profiled) -> Filled:
    filled = Filled()
    registered = [cited.analysis.title for cited in found.analyses if cited.analysis.is_registered]
    filled.say(_("Registered analyses: %(titles)s.") % {"titles": "; ".join(registered)} if registered else "")
    explored = len(found.analyses) - len(registered)
    filled.say(_("Exploratory analyses: %(n)d.") % {"n": explored} if explored else "")
    if not registered:
        filled.lacks(
            _("No analysis is registered: nothing is known to have been planned."), reverse("analysis:analyses")
        )
    return filled


def candidates(found: Profiled) -> Filled:
    filled = Filled()
    names = sorted(
        {name for cited in found.analyses for name in _variables(cited.analysis.kind, cited.analysis.parameters)}
    )
    filled.say(_("Read by the analyses: %(names)s.") % {"names": ", ".join(names)} if names else "")
    if not names:
        filled.lacks(_("No analysis is defined."), reverse("analysis:analyses"))
    return filled


def _variables(kind: str, parameters: dict[str, object]) -> list[str]:
    request = kind_of(kind).request(parameters)
    return [*request.variables, *(f"{marker} (tissue pairs)" for marker in request.pairs)]


def statistics(found: Profiled) -> Filled:
    filled = Filled()
    kinds = sorted({str(kind_of(cited.kind).label) for cited in found.analyses})
    filled.say(
        _("%(kinds)s, by Hepatica %(version)s; two-sided, significant below 0.05.")
        % {"kinds": ", ".join(kinds), "version": VERSION}
        if kinds
        else ""
    )
    filled.say(_("A group of fewer than 10 patients or 5 events has no p.") if kinds else "")
    for cited in found.analyses:
        dropped = cited.output.get("dropped") or {}
        if dropped:
            reasons = "; ".join(f"{reason} {n}" for reason, n in dropped.items())
            filled.say(_("Left out of %(source)s: %(reasons)s.") % {"source": cited.source, "reasons": reasons})
    if not kinds:
        filled.lacks(_("No analysis is defined."), reverse("analysis:analyses"))
    return filled


def cutpoints(found: Profiled) -> Filled:
    filled = Filled()
    newest: dict[tuple[str, str], Cutoff] = {}
    for cutoff in Cutoff.objects.filter(cohort=found.cohort).order_by("number"):
        newest[cutoff.variable, cutoff.status] = cutoff
    for cutoff in newest.values():
        filled.say(
            _("%(variable)s: high is %(operator)s %(value)g, %(status)s on %(day)s (%(source)s).")
            % {
                "variable": cutoff.variable,
                "operator": cutoff.operator,
                "value": cutoff.value,
                "status": cutoff.get_status_display(),
                "day": f"{cutoff.declared_at:%Y-%m-%d}",
                "source": cutoff.source,
            }
        )
    for cited in found.analyses:
        used = cited.output.get("cutoff")
        if isinstance(used, dict) and used.get("status") == "exploratory":
            filled.say(
                _("%(label)s was split at %(value)g, an exploratory cutoff (%(method)s; %(source)s).")
                % {
                    "label": cited.output.get("label", ""),
                    "value": used["value"],
                    "method": used.get("method", ""),
                    "source": cited.source,
                }
            )
    if not filled.sentences and found.of_kind("survival", "roc", "cutpoint"):
        filled.lacks(_("No cutoff is declared."), reverse("analysis:analyses"))
    return filled
