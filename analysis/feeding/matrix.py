"""Which facts feed which analyses. Facts feed analyses and nothing feeds facts, so that there are no cycles."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from analysis.definitions.titles import short
from analysis.engine.freshness import Freshness, freshness_of
from analysis.engine.models import Analysis, AnalysisInput

# Streams that tell of analyses themselves; none of them is a fact that an analysis could read.
OF_ANALYSES = ("analyses", "signatures")


@dataclass(frozen=True)
class Cell:
    """One analysis and one kind of facts."""

    analysis: Analysis
    is_read: bool
    # of the stream, when the result on show was computed; None before the first
    computed: int | None = None
    is_moved: bool = False


@dataclass(frozen=True)
class Row:
    domain: str
    label: str
    is_shared: bool
    version: int
    changed_at: datetime
    cells: list[Cell]


@dataclass(frozen=True)
class Column:
    number: int
    analysis: Analysis
    freshness: Freshness


@dataclass(frozen=True)
class Feeding:
    columns: list[Column]
    rows: list[Row]


def feeding(analyses: Iterable[Analysis]) -> Feeding:
    """`analyses`: those that may be shown; facts that only others read are not there either."""
    shown = list(analyses)
    columns = [Column(number, row, freshness_of(row)) for number, row in enumerate(shown, start=1)]
    reads: dict[int, dict[int, AnalysisInput]] = {}
    for row in AnalysisInput.objects.filter(analysis__in=shown).select_related("stream"):
        reads.setdefault(row.stream_id, {})[row.analysis_id] = row
    return Feeding(columns, sorted((_row(by, shown) for by in reads.values()), key=_place))


def _row(by_analysis: dict[int, AnalysisInput], shown: list[Analysis]) -> Row:
    stream = next(iter(by_analysis.values())).stream
    return Row(
        domain=stream.domain,
        label=named(stream.domain),
        is_shared=stream.cohort_id is None,
        version=stream.version,
        changed_at=stream.changed_at,
        cells=[_cell(analysis, by_analysis.get(analysis.pk), stream.version) for analysis in shown],
    )


def _cell(analysis: Analysis, read: AnalysisInput | None, version: int) -> Cell:
    if read is None:
        return Cell(analysis, is_read=False)
    return Cell(analysis, True, read.computed_version, is_moved=read.computed_version != version)


def _place(row: Row) -> tuple[bool, bool, str]:
    """What belongs to the cohort as a whole first, then markers and variables, then what all cohorts share."""
    return row.is_shared, "/" in row.domain, row.domain


def named(domain: str) -> str:
    """A stream in the words of who enters its facts."""
    kind, _slash, code = domain.partition("/")
    if kind == "cutoff":
        code = short(code)
    words = {
        "enrolment": _("Enrolment and eligibility"),
        "definition": _("Definition of the cohort"),
        "outcomes": _("Outcomes and follow-up"),
        "response": _("Response assessments"),
        "treatments": _("Treatments"),
        "baseline": _("Baseline"),
        "ihc": _("%(code)s by IHC"),
        "blot": _("%(code)s by Western blot"),
        "qpcr": _("%(code)s by qPCR"),
        "blood": _("%(code)s in blood"),
        "extra": _("Extra variable %(code)s"),
        "cutoff": _("Cutoff of %(code)s"),
        "marker": _("Scale of marker %(code)s"),
        "analyte": _("Unit of analyte %(code)s"),
        "riskmodel": _("Risk model %(code)s"),
    }
    return words[kind] % {"code": code} if kind in words else domain
