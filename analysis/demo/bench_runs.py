"""A PCR run and a gel under the values that are on record, so that the pages of the bench have something to show.

Neither is accepted: the values stay as they were entered, and what the wells and bands give stands beside them.
"""

from typing import Any

from analysis.demo.blot import Loaded, blot
from analysis.demo.pcr_plate import Pair, plate
from labs.blots.models import Gel, GelProbe, Lane
from labs.blots.services import gel_image_set, gel_import, lane_assign, lanes_assign_by_code, probe_set
from labs.markers.models import Antibody, Marker
from labs.qpcr.assigning import AssignRule
from labs.qpcr.models import PcrRun, PcrTarget
from labs.qpcr.services import run_import, samples_assign_by_rule, target_set
from labs.specimens.models import Specimen
from labs.wetlab.models import BlotRatio, FoldChange
from registry.cohorts.models import Cohort
from registry.log.actors import Actor

MARKER, REFERENCE = "S100A11", "ACTB"
PLATE_FILE = f"simulated_2023-02-14_CFX96-{MARKER}-Quantification-Cq-Results.csv"
BLOT_FILE = f"simulated-blot-{MARKER}"


def add_bench_runs(cohort: Cohort, by: Actor) -> None:
    """Nothing in a cohort without tissue pairs."""
    _add_plate(cohort, by)
    _add_gel(cohort, by)


def _add_plate(cohort: Cohort, by: Actor) -> PcrRun | None:
    folds = (
        FoldChange.objects.current()
        .filter(marker__code=MARKER, calibrator__isnull=False, specimen__patient__enrolments__cohort=cohort)
        .select_related("specimen", "calibrator")
        .order_by("pk")
    )
    tissues = {tissue.pk: tissue for fold in folds for tissue in (fold.specimen, fold.calibrator) if tissue}
    if not tissues:
        return None
    pairs = [Pair(fold.specimen.code, fold.calibrator.code, fold.fold) for fold in folds if fold.calibrator]
    # What a name in the files means holds for every cohort: one that is explained already stays so.
    if not PcrTarget.objects.filter(name=MARKER).exists():
        marker = Marker.objects.get(code=MARKER)
        target_set(name=MARKER, role=PcrTarget.Role.MARKER, marker=marker, gene=MARKER, by=by)
    if not PcrTarget.objects.filter(name=REFERENCE).exists():
        target_set(name=REFERENCE, role=PcrTarget.Role.REFERENCE, gene=REFERENCE, by=by)
    (run,) = run_import(name=PLATE_FILE, content=plate(MARKER, REFERENCE, pairs), by=by).runs
    samples_assign_by_rule(run=run, rule=AssignRule.SAMPLE, among=tissues.values(), by=by)
    return run


def _add_gel(cohort: Cohort, by: Actor) -> Gel | None:
    ratios = list(
        BlotRatio.objects.current()
        .filter(marker__code=MARKER, specimen__patient__enrolments__cohort=cohort)
        .select_related("specimen")
        .order_by("specimen__patient", "-specimen__kind")
    )
    code = ratios[0].gel if ratios else ""
    if not code or Gel.objects.filter(code=code).exists():
        return None
    lanes = [Loaded(ratio.specimen.code, ratio.ratio) for ratio in ratios]
    made = blot(MARKER, REFERENCE, [*lanes, Loaded("", None)])
    (gel,) = gel_import(name=f"{BLOT_FILE}.csv", content=made.table, code=code, by=by, saturated_at=255.0).gels
    _say_what_is_what(gel, [ratio.specimen for ratio in ratios], by)
    return gel_image_set(gel=gel, name=f"{BLOT_FILE}.png", content=made.picture, by=by)


def _say_what_is_what(gel: Gel, tissues: list[Specimen], by: Actor) -> None:
    marker = Marker.objects.get(code=MARKER)
    antibody = (
        Antibody.objects.filter(marker=marker, method=Antibody.Method.WESTERN, retired_reason="").order_by("pk").first()
    )
    said: dict[str, dict[str, Any]] = {
        MARKER: {"role": GelProbe.Role.TARGET, "marker": marker, "antibody": antibody},
        REFERENCE: {"role": GelProbe.Role.CONTROL, "protein": REFERENCE},
    }
    for probe in gel.probes.all():
        probe_set(probe=probe, changes=said[probe.name], by=by)
    lanes_assign_by_code(gel=gel, among=tissues, by=by)
    for lane in gel.lanes.filter(specimen=None):
        lane_assign(lane=lane, specimen=None, content=Lane.Content.BLANK, by=by)
