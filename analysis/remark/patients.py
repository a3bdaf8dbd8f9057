"""REMARK items 2, 3, 4, 6 and 7: whom the study is about."""

from django.db.models import Count, Max, Min, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analysis.remark.content import Filled, Profiled
from labs.specimens.models import Specimen, SpecimenKind
from registry.clinical.models import Treatment
from registry.cohorts.completeness import completeness
from registry.cohorts.endpoints import cohort_endpoints
from registry.cohorts.models import Cohort, EligibilityRule
from registry.cohorts.selectors import event_names
from registry.outcomes.flow import cohort_flow
from registry.patients.models import Enrolment

_EXPECTED_PERCENT = 80


def patients(found: Profiled) -> Filled:
    cohort, filled = found.cohort, Filled()
    flow = cohort_flow(cohort)
    filled.say(
        _("%(site)s: %(registered)d patients registered, %(eligible)d of them eligible.")
        % {"site": cohort.site.name, "registered": flow.registered, "eligible": flow.eligible}
    )
    rules = EligibilityRule.objects.filter(cohort=cohort, retired_reason="").order_by("order", "pk")
    for kind in EligibilityRule.Kind:
        texts = [rule.text for rule in rules if rule.kind == kind]
        filled.say(f"{kind.label}: {'; '.join(texts)}." if texts else "")
    page = reverse("registry:cohort", args=[cohort.code])
    if not rules:
        filled.lacks(_("No eligibility criterion is declared."), page)
    thin = [row for row in completeness(cohort) if row.known > 0 and row.percent < _EXPECTED_PERCENT]
    if names := ", ".join(f"{row.label} ({row.percent} %)" for row in thin):
        filled.lacks(_("Often not known: %(names)s.") % {"names": names}, page)
    return filled


def treatments(found: Profiled) -> Filled:
    filled, members = Filled(), _members(found.cohort)
    rows = Treatment.objects.filter(patient__enrolments__in=members, retired_reason="").order_by()
    counts = rows.values_list("kind").annotate(n=Count("patient", distinct=True))
    named = [f"{Treatment.Kind(kind).label} {n}" for kind, n in sorted(counts, key=lambda row: (-row[1], row[0]))]
    filled.say(_("Patients with each treatment: %(counts)s.") % {"counts": ", ".join(named)} if named else "")
    without = members.exclude(patient__treatments__retired_reason="").count()
    if without:
        text = ngettext(
            "%(n)d patient has no treatment on record.", "%(n)d patients have no treatment on record.", without
        )
        filled.lacks(text % {"n": without}, reverse("registry:patients") + f"?cohort={found.cohort.code}")
    return filled


def specimens(found: Profiled) -> Filled:
    filled = Filled()
    rows = Specimen.objects.filter(patient__enrolments__in=_members(found.cohort), retired_reason="").order_by()
    counts = rows.values_list("kind").annotate(n=Count("pk", distinct=True), of=Count("patient", distinct=True))
    for kind, n, of in sorted(counts):
        filled.say(
            _("%(kind)s: %(n)d specimens of %(of)d patients.") % {"kind": SpecimenKind(kind).label, "n": n, "of": of}
        )
    if not rows.exists():
        filled.lacks(_("No specimen is on record."), reverse("labs:specimens"))
    return filled


def selection(found: Profiled) -> Filled:
    cohort, filled = found.cohort, Filled()
    period = _members(cohort).aggregate(first=Min("index_date"), last=Max("index_date"))
    if period["first"]:
        filled.say(_("%(event)s from %(first)s to %(last)s.") % {"event": cohort.get_index_event_display(), **period})
    else:
        filled.lacks(_("No patient has an index date."), reverse("registry:patients") + f"?cohort={cohort.code}")
    edit = reverse("registry:cohort-edit", args=[cohort.code])
    if cohort.data_cut:
        filled.say(_("Follow-up ends on %(day)s, the data cut.") % {"day": cohort.data_cut})
    else:
        filled.lacks(_("No data cut is set, so that the end of follow-up is not defined."), edit)
    followed = [cited for cited in found.of_kind("survival") if (cited.output.get("follow_up") or {}).get("median")]
    if followed:
        median = followed[0].output["follow_up"]["median"]
        filled.say(_("Median follow-up %(n).1f months (%(source)s).") % {"n": median, "source": followed[0].source})
    return filled


def endpoints(found: Profiled) -> Filled:
    cohort, filled = found.cohort, Filled()
    for endpoint in cohort_endpoints(cohort):
        filled.say(
            _("%(code)s, %(name)s: from %(start)s to the first of %(events)s; otherwise censored at the last contact.")
            % {
                "code": endpoint.code,
                "name": endpoint.name,
                "start": str(cohort.get_index_event_display()).lower(),
                "events": event_names(endpoint.event_kinds).lower(),
            }
        )
    if not filled.sentences:
        filled.lacks(_("No endpoint is defined."), reverse("registry:cohort", args=[cohort.code]))
    filled.say(_("Early recurrence: before %(n)g months.") % {"n": cohort.early_recurrence_months})
    return filled


def _members(cohort: Cohort) -> QuerySet[Enrolment]:
    return Enrolment.objects.filter(cohort=cohort, withdrawn_on=None, retired_reason="")
