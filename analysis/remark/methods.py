"""REMARK items 1, 8, 10 and 11: what was asked, of which variables, by which methods and cutoffs."""

from django.urls import reverse
from django.utils.translation import gettext as _

from analysis import VERSION
from analysis.charts.words import cutoff_method
from analysis.cutoffs.models import Cutoff
from analysis.kinds.registry import kind_of, still_asked
from analysis.kinds.wording import ALPHA
from analysis.remark.content import Filled, Profiled
from analysis.remark.naming import called
from analysis.stats.printing import exact

_MOST_NAMED = 3


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
    asked = [still_asked(cited.kind, cited.analysis.parameters) for cited in found.analyses]
    requests = [request for request in asked if request is not None]
    read = sorted({name for request in requests for name in request.variables})
    names = [
        *(called(found.cohort, name) for name in read),
        *(
            _("%(marker)s in pairs of tumour and normal tissue") % {"marker": marker}
            for marker in sorted({marker for request in requests for marker in request.pairs})
        ),
    ]
    filled.say(_("Read by the analyses: %(names)s.") % {"names": "; ".join(names)} if names else "")
    if not names:
        filled.lacks(_("No analysis is defined."), reverse("analysis:analyses"))
    return filled


def statistics(found: Profiled) -> Filled:
    filled = Filled()
    kinds = sorted({str(kind_of(cited.kind).label) for cited in found.analyses})
    filled.say(
        _("%(kinds)s, by Hepatica %(version)s; two-sided, significant below 0.05.")
        % {"kinds": ", ".join(kinds), "version": VERSION}
        if kinds
        else ""
    )
    filled.say(*_other_thresholds(found))
    filled.say(_("A group of fewer than 10 patients or 5 events has no p.") if kinds else "")
    filled.say(*_left_out(found))
    if not kinds:
        filled.lacks(_("No analysis is defined."), reverse("analysis:analyses"))
    return filled


def _other_thresholds(found: Profiled) -> list[str]:
    """Of a signed plan, or of a look at growing data."""
    return [
        _("Significant below %(threshold)s: %(source)s.")
        % {"threshold": f"{cited.threshold:.3g}", "source": cited.source}
        for cited in found.analyses
        if cited.threshold != ALPHA
    ]


def _left_out(found: Profiled) -> list[str]:
    """Once for all analyses that leave out the same."""
    alike: dict[str, list[str]] = {}
    for cited in found.analyses:
        if dropped := cited.output.get("dropped"):
            reasons = "; ".join(f"{reason} {n}" for reason, n in dropped.items())
            alike.setdefault(reasons, []).append(cited.source)
    if len(alike) == 1 and len(sources := next(iter(alike.values()))) == len(found.analyses) > 1:
        return [
            _("Left out of each of the %(n)d analyses: %(reasons)s.")
            % {"n": len(sources), "reasons": next(iter(alike))}
        ]
    return [
        _("Left out: %(reasons)s (%(sources)s).")
        % {
            "reasons": reasons,
            "sources": "; ".join(sources)
            if len(sources) <= _MOST_NAMED
            else _("of %(n)d analyses") % {"n": len(sources)},
        }
        for reasons, sources in alike.items()
    ]


def cutpoints(found: Profiled) -> Filled:
    filled = Filled()
    newest: dict[tuple[str, str], Cutoff] = {}
    for cutoff in Cutoff.objects.filter(cohort=found.cohort).order_by("number"):
        newest[cutoff.variable, cutoff.status] = cutoff
    for cutoff in newest.values():
        filled.say(
            _("%(variable)s: high is %(operator)s %(value)s, %(status)s on %(day)s (%(source)s).")
            % {
                "variable": called(found.cohort, cutoff.variable),
                "operator": cutoff.operator,
                "value": exact(cutoff.value),
                "status": cutoff.get_status_display(),
                "day": f"{cutoff.declared_at:%Y-%m-%d}",
                "source": cutoff.source,
            }
        )
    for cited in found.analyses:
        used = cited.output.get("cutoff")
        if isinstance(used, dict) and used.get("status") == "exploratory":
            filled.say(
                _("%(label)s was split at %(value)s, an exploratory cutoff (%(method)s; %(source)s).")
                % {
                    "label": cited.output.get("label", ""),
                    "value": exact(used["value"]),
                    "method": cutoff_method(used.get("method", "")),
                    "source": cited.source,
                }
            )
    if not filled.sentences and found.of_kind("survival", "roc", "cutpoint"):
        filled.lacks(_("No cutoff is declared."), reverse("analysis:analyses"))
    return filled
