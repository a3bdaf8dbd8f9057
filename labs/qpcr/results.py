"""From the wells of a run to ΔΔCt: what is taken, what is left out and why, and what each number rests on."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from labs.formats.plate import NO_TEMPLATE
from labs.markers.models import Marker
from labs.qpcr.ddct import (
    Delta,
    Fold,
    NotComputable,
    Technical,
    Wells,
    delta_of_biological,
    fold_change,
    sample_delta,
)
from labs.qpcr.models import PcrRun, PcrTarget, PcrWell
from labs.qpcr.rules import ControlState, OutlierRule, Rules, control_state
from labs.specimens.models import Specimen, SpecimenKind

DIGITS = 12
CONTROLS = frozenset(content.value for content in NO_TEMPLATE)


def rules_of(run: PcrRun) -> Rules:
    return Rules(outliers=OutlierRule(run.outliers), max_sd=run.max_sd, control_margin=run.control_margin)


@dataclass(frozen=True)
class Gene:
    """Replicates of one gene in one sample, with the wells they were measured in."""

    name: str
    wells: tuple[PcrWell, ...]
    replicates: Technical

    @property
    def mean(self) -> float | None:
        return self.replicates.mean.value if self.replicates.mean else None

    @property
    def sd(self) -> float | None:
        return self.replicates.mean.sd if self.replicates.mean else None

    @property
    def used(self) -> list[PcrWell]:
        return [self.wells[index] for index in self.replicates.used]

    @property
    def remarks(self) -> list[str]:
        found = []
        if self.replicates.not_detected:
            wells = ", ".join(self.wells[index].position for index in self.replicates.not_detected)
            found.append(_("%(gene)s: nothing detected in %(wells)s") % {"gene": self.name, "wells": wells})
        if self.replicates.left_out:
            wells = ", ".join(self.wells[index].position for index in self.replicates.left_out)
            found.append(_("%(gene)s: %(wells)s left out by the outlier rule") % {"gene": self.name, "wells": wells})
        elif self.replicates.is_spread_out:
            found.append(_("%(gene)s: replicates differ (SD %(sd).2f)") % {"gene": self.name, "sd": self.sd or 0.0})
        return found


@dataclass(frozen=True)
class Sample:
    """ΔCt of one specimen, or of the common calibrator."""

    label: str
    specimen: Specimen | None
    delta: Delta | None
    genes: tuple[Gene, ...]
    problem: str = ""

    @property
    def remarks(self) -> list[str]:
        return [remark for gene in self.genes for remark in gene.remarks]


@dataclass(frozen=True)
class Result:
    """One marker in one specimen against its calibrator. `fold` is None when `problem` says why."""

    marker: Marker
    reference_gene: str
    sample: Sample
    calibrators: tuple[Sample, ...] = ()
    fold: Fold | None = None
    problem: str = ""
    computation: dict[str, Any] = field(default_factory=dict)

    @property
    def specimen(self) -> Specimen:
        if self.sample.specimen is None:
            raise ValueError("A result is of a specimen.")
        return self.sample.specimen

    @property
    def calibrator(self) -> Specimen | None:
        return self.calibrators[0].specimen if self.calibrators else None

    @property
    def remarks(self) -> list[str]:
        return [*self.sample.remarks, *(remark for sample in self.calibrators for remark in sample.remarks)]

    @property
    def is_spread_out(self) -> bool:
        genes = [gene for sample in (self.sample, *self.calibrators) for gene in sample.genes]
        return any(gene.replicates.is_spread_out and not gene.replicates.left_out for gene in genes)


@dataclass(frozen=True)
class Control:
    target: str
    state: ControlState
    wells: tuple[PcrWell, ...]

    @property
    def is_failed(self) -> bool:
        return self.state is ControlState.FAILED

    @property
    def shown(self) -> str:
        return {
            ControlState.ABSENT: _("no control on the plate"),
            ControlState.SILENT: _("silent"),
            ControlState.LATE: _("late, passes"),
            ControlState.FAILED: _("amplified"),
        }[self.state]

    @property
    def detected(self) -> list[PcrWell]:
        return [well for well in self.wells if well.ct is not None]


@dataclass(frozen=True)
class RunResults:
    results: tuple[Result, ...]
    controls: tuple[Control, ...]
    # Why nothing can be computed at all: sentences for the page.
    missing: tuple[str, ...]


def wells_of(run: PcrRun) -> list[PcrWell]:
    """The wells of the run and, when its reference gene was measured elsewhere, those of that run."""
    runs = [pk for pk in (run.pk, run.reference_run_id) if pk]
    wells = PcrWell.objects.valid().filter(run__in=runs).select_related("specimen__patient", "run__file")
    return list(wells.order_by("run", "row", "pk"))


def run_results(run: PcrRun) -> RunResults:
    wells = wells_of(run)
    named = {target.name: target for target in PcrTarget.objects.filter(retired_reason="").select_related("marker")}
    present = {well.target for well in wells}
    references = [
        target for name, target in sorted(named.items()) if name in present and target.role == PcrTarget.Role.REFERENCE
    ]
    own = {well.target for well in wells if well.run_id == run.pk}
    markers = [target for name, target in sorted(named.items()) if name in own and target.role == PcrTarget.Role.MARKER]
    rules = rules_of(run)
    results = [result for marker in markers for result in _of_marker(marker, references, wells, rules)]
    return RunResults(tuple(results), tuple(_controls(wells, rules)), tuple(_missing(own, named, markers, references)))


def _missing(
    own: set[str], named: dict[str, PcrTarget], markers: Sequence[PcrTarget], references: Sequence[PcrTarget]
) -> list[str]:
    unknown = sorted(name for name in own - named.keys() if name)
    found = [_("Say what this target is: %(name)s.") % {"name": name} for name in unknown]
    if not markers:
        found.append(_("No target of this run is a marker."))
    if not references:
        found.append(_("No target of this run is a reference gene."))
    return found


def _controls(wells: Iterable[PcrWell], rules: Rules) -> list[Control]:
    by_target: dict[str, list[PcrWell]] = defaultdict(list)
    for well in wells:
        if not well.exclusion:
            by_target[well.target].append(well)
    return [_control(target, members, rules) for target, members in sorted(by_target.items())]


def _control(target: str, wells: list[PcrWell], rules: Rules) -> Control:
    controls = tuple(well for well in wells if well.content in CONTROLS)
    samples = [well.ct for well in wells if well.content == "unknown" and well.ct is not None]
    return Control(target, control_state([well.ct for well in controls], samples, rules), controls)


def _of_marker(marker: PcrTarget, references: Sequence[PcrTarget], wells: list[PcrWell], rules: Rules) -> list[Result]:
    if not references:
        return []
    genes = [marker, *references]
    names = {target.name for target in genes}
    usable = [well for well in wells if not well.exclusion and well.target in names]
    by_specimen: dict[int, list[PcrWell]] = defaultdict(list)
    for well in usable:
        if well.specimen_id is not None:
            by_specimen[well.specimen_id].append(well)
    samples = {pk: _sample(members[0].specimen, "", genes, members, rules) for pk, members in by_specimen.items()}
    common = [well for well in usable if well.is_calibrator]
    pools = [
        _sample(None, name, genes, [well for well in common if well.sample == name], rules)
        for name in sorted({well.sample for well in common})
    ]
    gene = "+".join(sorted({target.gene for target in references}))
    ordered = sorted(samples.values(), key=lambda sample: sample.label)
    return [
        _result(marker, gene, sample, _calibrators(sample, ordered, pools), rules)
        for sample in ordered
        if sample.specimen is not None and sample.specimen.kind != SpecimenKind.NORMAL
    ]


def _sample(
    specimen: Specimen | None, name: str, genes: Sequence[PcrTarget], wells: list[PcrWell], rules: Rules
) -> Sample:
    label = specimen.code if specimen else name
    measured = {target.name: [well for well in wells if well.target == target.name] for target in genes}
    cts = {target: [well.ct for well in members] for target, members in measured.items()}
    efficiencies = {target.name: target.efficiency for target in genes}
    names = [target.name for target in genes]
    try:
        delta, found = sample_delta(Wells(cts), names[0], names[1:], efficiencies, rules)
    except NotComputable as problem:
        return Sample(label, specimen, None, (), f"{label}: {problem}")
    return Sample(label, specimen, delta, tuple(Gene(name, tuple(measured[name]), found[name]) for name in names))


def _calibrators(sample: Sample, samples: Sequence[Sample], pools: Sequence[Sample]) -> tuple[Sample, ...]:
    """The normal tissues of the same patient; without one the common calibrator."""
    patient = sample.specimen.patient_id if sample.specimen else None
    normals = [
        each
        for each in samples
        if each.specimen is not None
        and each.specimen.kind == SpecimenKind.NORMAL
        and each.specimen.patient_id == patient
    ]
    return tuple(normals or pools)


def _result(marker: PcrTarget, gene: str, sample: Sample, calibrators: tuple[Sample, ...], rules: Rules) -> Result:
    if marker.marker is None:
        raise ValueError("The target is no marker.")
    usable = tuple(each for each in calibrators if each.delta is not None)
    problem = sample.problem
    if not problem and not calibrators:
        problem = _("%(specimen)s: no normal tissue of the patient and no common calibrator on the plate.") % {
            "specimen": sample.label
        }
    if not problem and not usable:
        problem = calibrators[0].problem
    if problem or sample.delta is None:
        return Result(marker.marker, gene, sample, calibrators, problem=problem)
    deltas = [each.delta for each in usable if each.delta is not None]
    against = deltas[0] if len(deltas) == 1 else delta_of_biological(deltas)
    try:
        fold = fold_change(sample.delta, against, rules)
    except NotComputable as error:
        return Result(marker.marker, gene, sample, usable, problem=f"{sample.label}: {error}")
    return Result(
        marker.marker, gene, sample, usable, fold, computation=_computation(sample, usable, against, fold, rules)
    )


def _computation(
    sample: Sample, calibrators: Sequence[Sample], against: Delta, fold: Fold, rules: Rules
) -> dict[str, Any]:
    """What is stored with the fold change: every number, the rules, and the wells with the version each had."""
    used = [well for each in (sample, *calibrators) for gene in each.genes for well in gene.used]
    left = [
        gene.wells[index]
        for each in (sample, *calibrators)
        for gene in each.genes
        for index in (*gene.replicates.left_out, *gene.replicates.not_detected)
    ]
    return {
        "delta_ct": _rounded(sample.delta.value if sample.delta else None),
        "delta_ct_calibrator": _rounded(against.value),
        "delta_delta_ct": _rounded(fold.ddct),
        "sd": _rounded(fold.sd),
        "fold_one_sd": [_rounded(fold.low_sd), _rounded(fold.high_sd)],
        "interval": [_rounded(fold.low), _rounded(fold.high)],
        "confidence": rules.confidence,
        "calibrators": [each.specimen.code if each.specimen else "common calibrator" for each in calibrators],
        "rules": {"outliers": rules.outliers.value, "max_sd": rules.max_sd},
        "wells": _cites(used),
        "not_used": _cites(left),
    }


def _cites(wells: Iterable[PcrWell]) -> list[dict[str, Any]]:
    ordered = sorted(wells, key=lambda well: well.pk)
    return [{"well": well.pk, "version": well.version, "position": well.position} for well in ordered]


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.{DIGITS}g}")
