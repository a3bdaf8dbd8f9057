"""REMARK items 4 and 5: how the markers were measured, and whether blind."""

from django.urls import reverse
from django.utils.translation import gettext as _

from analysis.remark.content import Filled, Profiled
from labs.blood.models import BloodResult
from labs.markers.models import Antibody, Stain
from labs.rounds.models import Duty, Round, RoundStatus
from labs.wetlab.models import BlotRatio, FoldChange
from registry.cohorts.models import Cohort


def assays(found: Profiled) -> Filled:
    filled = Filled()
    _add_stains(filled, found.cohort)
    _add_rounds(filled, found.cohort)
    _add_bench(filled, found.cohort)
    if not filled.sentences and not filled.gaps:
        filled.lacks(_("Nothing was measured in this cohort."), reverse("labs:specimens"))
    return filled


def _add_stains(filled: Filled, cohort: Cohort) -> None:
    stains = Stain.objects.filter(specimen__patient__enrolments__cohort=cohort, retired_reason="").order_by()
    without = sorted(stains.filter(antibody=None).values_list("marker__code", flat=True).distinct())
    used = Antibody.objects.filter(stains__in=stains).select_related("marker").distinct().order_by("marker__code", "pk")
    for antibody in used:
        parts = [antibody.vendor, antibody.clone, antibody.dilution, antibody.lot and f"{_('lot')} {antibody.lot}"]
        filled.say(f"IHC, {antibody.marker.code}: {', '.join(part for part in parts if part)}.")
    page = reverse("labs:stains")
    if without:
        filled.lacks(_("Stains without an antibody: %(markers)s.") % {"markers": ", ".join(without)}, page)
    if no_lot := sorted({antibody.marker.code for antibody in used if not antibody.lot}):
        filled.lacks(_("Antibodies without a lot: %(markers)s.") % {"markers": ", ".join(no_lot)}, page)


def _add_rounds(filled: Filled, cohort: Cohort) -> None:
    closed = Round.objects.filter(cohort=cohort, status=RoundStatus.CLOSED, retired_reason="")
    for round in closed.select_related("protocol").order_by("pk"):
        filled.say(
            _(
                "Round %(code)s, closed %(day)s: %(slides)d slides read by %(readers)d readers, independently and "
                "blind to patient, outcome and each other, by protocol %(protocol)s; discordant slides: %(rule)s."
            )
            % {
                "code": round.code,
                "day": f"{round.closed_at:%Y-%m-%d}",
                "slides": round.slides.filter(repeats=None).count(),
                "readers": round.readers.filter(duty=Duty.PRIMARY, retired_reason="").count(),
                "protocol": round.protocol,
                "rule": round.protocol.get_consensus_rule_display(),
            }
        )
    if not closed and Stain.objects.filter(specimen__patient__enrolments__cohort=cohort, retired_reason="").exists():
        filled.lacks(
            _("No blind reading round was closed: the reads are not known to be blind."), reverse("labs:rounds")
        )


def _add_bench(filled: Filled, cohort: Cohort) -> None:
    mine = {"specimen__patient__enrolments__cohort": cohort}
    blots = BlotRatio.objects.current().filter(**mine).order_by()
    if markers := sorted(blots.values_list("marker__code", flat=True).distinct()):
        filled.say(_("Western blot, ratio to the loading control: %(markers)s.") % {"markers": ", ".join(markers)})
    folds = FoldChange.objects.current().filter(**mine).order_by()
    if markers := sorted(folds.values_list("marker__code", flat=True).distinct()):
        genes = ", ".join(sorted(folds.values_list("reference_gene", flat=True).distinct()))
        filled.say(
            _("qPCR by 2^-ΔΔCt against %(genes)s: %(markers)s.") % {"genes": genes, "markers": ", ".join(markers)}
        )
    blood = BloodResult.objects.for_analysis().filter(**mine).order_by()
    if names := sorted(blood.values_list("analyte__name", flat=True).distinct()):
        filled.say(_("Blood: %(names)s.") % {"names": ", ".join(names)})
