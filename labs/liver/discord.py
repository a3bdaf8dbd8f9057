"""Where recorded classes and what they would be computed from do not agree: a work list, never a change."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from labs.blood.models import BloodResult
from registry.clinical.liver.bclc import Tumours, bclc
from registry.clinical.liver.models import LiverAssessment
from registry.clinical.liver.quantities import StagingRefused
from registry.clinical.models import Baseline
from registry.cohorts.models import Cohort
from registry.patients.models import Enrolment

_CHUNK = 500
_CLINICAL = ("ascites", "encephalopathy", "ecog", "tumour_count", "tumour_size_cm", "vascular_invasion")


@dataclass(frozen=True)
class Discord:
    enrolment: Enrolment
    sentences: list[str]


def discords(cohorts: Iterable[Cohort]) -> list[Discord]:
    """By cohort and study number, in a fixed number of queries per five hundred results."""
    rows = Baseline.objects.filter(
        enrolment__cohort__in=list(cohorts),
        enrolment__withdrawn_on=None,
        enrolment__retired_reason="",
        retired_reason="",
    ).select_related("enrolment__patient", "enrolment__cohort")
    baselines = list(rows.order_by("enrolment__cohort__code", "enrolment__patient__study_number"))
    known = _assessments(baselines)
    gone = _moved_results(known.values())
    found = [Discord(row.enrolment, list(_sentences(row, known.get(row.enrolment_id), gone))) for row in baselines]
    return [item for item in found if item.sentences]


def _assessments(baselines: list[Baseline]) -> dict[int, LiverAssessment]:
    ids = [row.enrolment_id for row in baselines]
    found: dict[int, LiverAssessment] = {}
    for start in range(0, len(ids), _CHUNK):
        rows = LiverAssessment.objects.filter(enrolment__in=ids[start : start + _CHUNK], retired_reason="")
        found |= {row.enrolment_id: row for row in rows}
    return found


def _moved_results(assessments: Iterable[LiverAssessment]) -> dict[str, str]:
    """By reference ("bloodresult 12 v1") what became of results that count no more."""
    references = {row["fact"] for known in assessments for row in known.inputs if row.get("fact")}
    by_pk = {int(reference.split()[1]): reference for reference in references}
    moved: dict[str, str] = {}
    pks = sorted(by_pk)
    for start in range(0, len(pks), _CHUNK):
        chunk = pks[start : start + _CHUNK]
        for row in BloodResult.objects.filter(supersedes__in=chunk).values_list("supersedes_id", "is_retracted"):
            moved[by_pk[row[0]]] = _("was retracted") if row[1] else _("was corrected")
    return moved


def _sentences(baseline: Baseline, known: LiverAssessment | None, gone: dict[str, str]) -> Iterator[str]:
    if known is not None:
        yield from _since(baseline, known, gone)
    yield from _stage(baseline, known)


def _since(baseline: Baseline, known: LiverAssessment, gone: dict[str, str]) -> Iterator[str]:
    if baseline.child_pugh != known.decided_child_pugh:
        yield _("Child–Pugh is recorded as %(now)s, computed as %(then)s.") % {
            "now": baseline.child_pugh or "—",
            "then": known.decided_child_pugh,
        }
    for row in known.inputs:
        if row.get("fact") in gone:
            yield _("%(code)s %(what)s since it was used.") % {"code": row["code"], "what": gone[row["fact"]]}
    changed = list(_changed(baseline, known.inputs))
    if changed:
        yield _("Changed since: %s.") % ", ".join(changed)


def _changed(baseline: Baseline, inputs: list[dict[str, Any]]) -> Iterator[str]:
    used: dict[str, Any] = defaultdict(lambda: None, {row["name"]: row["value"] for row in inputs})
    for name in (*_CLINICAL, "extrahepatic_spread"):
        if used[name] is not None and getattr(baseline, name) != used[name]:
            yield str(Baseline._meta.get_field(name).verbose_name)  # type: ignore[union-attr]  # a column


def _stage(baseline: Baseline, known: LiverAssessment | None) -> Iterator[str]:
    """The recorded stage against what follows from the recorded facts, unless somebody decided it otherwise."""
    is_decided = known is not None and bool(known.bclc_override) and known.bclc_override == baseline.bclc
    if not baseline.bclc or is_decided:
        return
    count = baseline.tumour_count or (1 if baseline.multiple_tumours is False else None)
    tumours = Tumours(count, baseline.tumour_size_cm or None, baseline.vascular_invasion, baseline.extrahepatic_spread)
    try:
        stage = bclc(tumours, ecog=baseline.ecog, child_pugh=baseline.child_pugh)
    except StagingRefused:
        return
    if stage.stage != baseline.bclc:
        yield _("BCLC is recorded as %(stored)s; %(reason)s") % {"stored": baseline.bclc, "reason": stage.reason}
