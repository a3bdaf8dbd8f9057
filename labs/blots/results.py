"""From the bands of a gel to its ratios: what is taken, what is left out and why, and what each number rests on."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from labs.blots.models import Band, Gel, GelProbe, Lane, WhenSaturated
from labs.blots.ratios import (
    Background,
    Intensity,
    NotComputable,
    Summary,
    is_saturated,
    log2_ratio,
    net,
    ratio,
    relative,
    summary,
)
from labs.specimens.models import Specimen, SpecimenKind

DIGITS = 12


@dataclass(frozen=True)
class LaneRatio:
    """One target in one lane. `value` is None when `problem` says why."""

    lane: Lane
    target: GelProbe
    control: GelProbe
    bands: tuple[Band, ...] = ()
    target_net: float | None = None
    control_net: float | None = None
    value: float | None = None
    problem: str = ""
    is_saturated: bool = False


@dataclass(frozen=True)
class Result:
    """One target in one specimen: the mean of its lanes."""

    specimen: Specimen
    target: GelProbe
    control: GelProbe
    lanes: tuple[LaneRatio, ...]
    found: Summary | None
    problem: str = ""
    computation: dict[str, Any] = field(default_factory=dict)

    @property
    def value(self) -> float | None:
        return float(f"{self.found.mean:.{DIGITS}g}") if self.found else None

    @property
    def is_saturated(self) -> bool:
        return any(lane.is_saturated for lane in self.lanes)


@dataclass(frozen=True)
class Pair:
    tumour: Result
    normal: Result
    relative: float | None
    log2: float | None
    problem: str = ""


@dataclass(frozen=True)
class GelResults:
    lanes: tuple[LaneRatio, ...]
    results: tuple[Result, ...]
    pairs: tuple[Pair, ...]
    # Why nothing can be computed at all: sentences for the page.
    missing: tuple[str, ...]


def intensity(band: Band) -> Intensity:
    return Intensity(band.volume, band.adjusted, band.background, band.area, band.greatest, band.is_saturated)


def bands_of(gel: Gel) -> list[Band]:
    found = Band.objects.valid().filter(lane__gel=gel, lane__retired_reason="", probe__retired_reason="")
    return list(
        found.select_related("lane__specimen__patient", "lane__gel", "probe__marker", "probe__antibody").order_by(
            "lane__number", "probe__pk", "number"
        )
    )


def gel_results(gel: Gel) -> GelResults:
    bands = bands_of(gel)
    probes = list({band.probe_id: band.probe for band in bands}.values())
    targets = [probe for probe in probes if probe.role == GelProbe.Role.TARGET]
    controls = [probe for probe in probes if probe.role == GelProbe.Role.CONTROL]
    missing = _missing(probes, targets, controls)
    if not targets or len(controls) != 1:
        return GelResults((), (), (), tuple(missing))
    lanes = [
        _lane_ratio(gel, lane, target, controls[0], bands)
        for target in targets
        for lane in _unique(band.lane for band in bands)
        if lane.content == Lane.Content.SAMPLE
    ]
    results = _by_specimen(gel, lanes)
    return GelResults(tuple(lanes), tuple(results), tuple(_pairs(results)), tuple(missing))


def _unique(lanes: Iterable[Lane]) -> list[Lane]:
    return list({lane.pk: lane for lane in lanes}.values())


def _missing(probes: list[GelProbe], targets: list[GelProbe], controls: list[GelProbe]) -> list[str]:
    found = [
        _("Say what %(name)s is.") % {"name": probe.name} for probe in probes if probe.role == GelProbe.Role.UNKNOWN
    ]
    if not targets:
        found.append(_("No probe is the target."))
    if not controls:
        found.append(_("No probe is the loading control."))
    if len(controls) > 1:
        found.append(_("Two probes are loading controls: say which one counts."))
    return found


def _lane_ratio(gel: Gel, lane: Lane, target: GelProbe, control: GelProbe, bands: list[Band]) -> LaneRatio:
    if lane.exclusion:
        return LaneRatio(lane, target, control, problem=str(lane.get_exclusion_display()))
    used: list[Band] = []
    nets: list[float] = []
    for probe in (target, control):
        mine = [band for band in bands if band.lane_id == lane.pk and band.probe_id == probe.pk]
        if not mine:
            problem = _("no band of %(probe)s") % {"probe": probe.shown}
            return LaneRatio(lane, target, control, tuple(used), problem=problem)
        used += mine
        try:
            # Several bands of one probe in a lane are its forms: their intensities add up.
            nets.append(sum(net(intensity(band), Background(gel.background), _blank(probe, bands)) for band in mine))
        except NotComputable as why:
            return LaneRatio(lane, target, control, tuple(used), problem=f"{probe.shown}: {why}")
    saturated = [band for band in used if is_saturated(intensity(band), gel.saturated_at)]
    if saturated and gel.when_saturated == WhenSaturated.REFUSE:
        problem = _("%(probe)s is saturated") % {"probe": saturated[0].probe.shown}
        return LaneRatio(lane, target, control, tuple(used), nets[0], nets[1], problem=problem, is_saturated=True)
    try:
        value = ratio(nets[0], nets[1])
    except NotComputable as why:
        return LaneRatio(lane, target, control, tuple(used), nets[0], nets[1], problem=str(why))
    return LaneRatio(lane, target, control, tuple(used), nets[0], nets[1], value, is_saturated=bool(saturated))


def _blank(probe: GelProbe, bands: list[Band]) -> Intensity | None:
    """The first band of the probe in an empty lane that is not left out."""
    found = (
        band
        for band in bands
        if band.probe_id == probe.pk and band.lane.content == Lane.Content.BLANK and not band.lane.exclusion
    )
    band = next(found, None)
    return intensity(band) if band else None


def _by_specimen(gel: Gel, lanes: list[LaneRatio]) -> list[Result]:
    grouped: dict[tuple[int, int], list[LaneRatio]] = defaultdict(list)
    for lane in lanes:
        if lane.lane.specimen_id is not None:
            grouped[lane.target.pk, lane.lane.specimen_id].append(lane)
    return [_result(gel, members) for members in grouped.values()]


def _result(gel: Gel, lanes: list[LaneRatio]) -> Result:
    first, specimen = lanes[0], lanes[0].lane.specimen
    if specimen is None:
        raise ValueError("A result is of a specimen.")
    used = [lane for lane in lanes if lane.value is not None]
    try:
        found = summary([lane.value for lane in used if lane.value is not None])
    except NotComputable:
        why = "; ".join(_("lane %(n)s: %(why)s") % {"n": lane.lane.number, "why": lane.problem} for lane in lanes)
        return Result(specimen, first.target, first.control, tuple(lanes), None, why)
    return Result(specimen, first.target, first.control, tuple(lanes), found, "", _computation(gel, used, lanes, found))


def _computation(gel: Gel, used: list[LaneRatio], lanes: list[LaneRatio], found: Summary) -> dict[str, Any]:
    """What is stored with the ratio: every number, the rules, and the bands with the version each had."""
    return {
        "lanes": [
            {
                "lane": lane.lane.pk,
                "version": lane.lane.version,
                "number": lane.lane.number,
                "target": _rounded(lane.target_net),
                "control": _rounded(lane.control_net),
                "ratio": _rounded(lane.value),
                "saturated": lane.is_saturated,
            }
            for lane in used
        ],
        "not_used": [
            {"lane": lane.lane.pk, "version": lane.lane.version, "why": lane.lane.exclusion or "not computable"}
            for lane in lanes
            if lane.value is None
        ],
        "sd": _rounded(found.sd),
        "rules": {"background": gel.background, "saturated_at": gel.saturated_at, "when_saturated": gel.when_saturated},
        "bands": [
            {"band": band.pk, "version": band.version, "lane": band.lane_id, "probe": band.probe_id}
            for lane in used
            for band in lane.bands
        ],
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.{DIGITS}g}")


def _pairs(results: list[Result]) -> list[Pair]:
    """Tumour against the adjacent normal tissue of the same patient on the same gel, target by target."""
    normals = {
        (result.target.pk, result.specimen.patient_id): result
        for result in results
        if result.specimen.kind == SpecimenKind.NORMAL
    }
    found = []
    for result in results:
        normal = normals.get((result.target.pk, result.specimen.patient_id))
        if result.specimen.kind == SpecimenKind.TUMOUR and normal is not None:
            found.append(_pair(result, normal))
    return found


def _pair(tumour: Result, normal: Result) -> Pair:
    if tumour.value is None or normal.value is None:
        return Pair(tumour, normal, None, None, tumour.problem or normal.problem)
    return Pair(
        tumour,
        normal,
        _or_none(relative, tumour.value, normal.value),
        _or_none(log2_ratio, tumour.value, normal.value),
    )


def _or_none(compute: Callable[[float, float], float], tumour: float, normal: float) -> float | None:
    try:
        return compute(tumour, normal)
    except NotComputable:
        return None
