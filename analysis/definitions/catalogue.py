"""What a cohort has that an analysis can be asked about; what the user reads blind is not there."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import Count, Q, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from analysis.access import visible_models
from analysis.cutoffs.models import Cutoff
from analysis.definitions.parameters import Sort, Text
from analysis.frames.variables import INDEX_PARTS, SPECIMEN_SOURCES, VariableNameError, parse
from analysis.riskmodels.models import RiskModel
from analysis.stats.printing import exact
from labs.blood.models import BloodResult
from labs.blood.selectors import baseline_blood
from labs.ihc.models import Read
from labs.markers.models import Stain
from labs.models import Analyte
from labs.rounds.blinding import blinded_markers
from labs.rounds.models import Consensus, RoundStatus
from labs.specimens.models import SpecimenKind
from labs.wetlab.coverage import wet_lab_coverage
from labs.wetlab.models import BlotRatio, FoldChange
from registry.cohorts.endpoints import cohort_endpoints
from registry.cohorts.models import Cohort
from registry.models import Baseline, Enrolment, ExtraValue, ExtraVariable, Patient
from registry.patients.models import Sex
from registry.people.models import User

_SOURCES = {
    "ihc": "IHC",
    "blot": "Western blot",
    "qpcr": "qPCR",
}
_WHOLE = (models.IntegerField,)
_MEMBER = "specimen__patient__enrolments"


@dataclass(frozen=True)
class Offer:
    """A variable that can be chosen, and for how many patients it is known."""

    name: str
    label: str
    known: int
    is_number: bool
    is_category: bool
    # stored value → how it is called, where there are few
    levels: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        if not self.known:
            return _("%(label)s: no value yet") % {"label": self.label}
        return f"{self.label} (n = {self.known})"

    def fits(self, sort: Sort) -> bool:
        if sort == Sort.READ:
            return self.name.startswith("ihc:")
        return {Sort.NUMBER: self.is_number, Sort.CATEGORY: self.is_category}.get(sort, True)


@dataclass(frozen=True)
class Catalogue:
    cohort: Cohort
    endpoints: dict[str, str]
    offers: dict[str, Offer]
    markers: tuple[str, ...]
    # (variable, status) → the value that counts
    declared: dict[tuple[str, str], float]
    scores: tuple[RiskModel, ...]

    def of_sort(self, sort: Sort) -> list[Offer]:
        return [offer for offer in self.offers.values() if offer.fits(sort)]

    def label(self, name: str) -> str:
        """Also of a variable that the cohort no longer has."""
        return self.offers[name].label if name in self.offers else name

    def cutoffs(self, status: str) -> str:
        """FAP > 6; S100A11 > 4"""
        found = [
            f"{self.label(name)} > {exact(value)}" for (name, known), value in self.declared.items() if known == status
        ]
        return "; ".join(found)


def catalogue_of(cohort: Cohort, user: User) -> Catalogue:
    hidden = blinded_markers(user)
    offers = [*_measured(cohort, hidden), *_blood(cohort), *_baseline(cohort), *_extra(cohort)]
    cutoffs = Cutoff.objects.filter(cohort=cohort).order_by("variable", "status", "number")
    return Catalogue(
        cohort=cohort,
        endpoints={row.code: f"{row.code}: {row.name}" for row in cohort_endpoints(cohort)},
        offers={offer.name: offer for offer in offers},
        markers=tuple(row.marker for row in wet_lab_coverage(cohort) if row.marker not in hidden),
        declared={(row.variable, row.status): row.value for row in cutoffs if not _is_hidden(row.variable, hidden)},
        scores=tuple(visible_models(user)),
    )


def _is_hidden(name: str, hidden: Iterable[str]) -> bool:
    try:
        variable = parse(name)
    except VariableNameError:
        return False
    return variable.source in SPECIMEN_SOURCES and variable.code in hidden


def _measured(cohort: Cohort, hidden: frozenset[str]) -> list[Offer]:
    """Markers on tissue: what was stained counts as soon as the stain is there, so that it can be planned for."""
    members: dict[tuple[str, str, str], set[int]] = defaultdict(set)
    stained = Stain.objects.filter(retired_reason="")
    for code, kind, _enrolment in _of_cohort(stained, cohort, "", "marker__code"):
        members["ihc", code, kind] |= set()
    sources: list[tuple[str, QuerySet[Any], str, str]] = [
        ("ihc", Read.objects.outside_rounds().current(), "stain__", "stain__marker__code"),
        (
            "ihc",
            Consensus.objects.current().filter(value__isnull=False, slide__round__status=RoundStatus.CLOSED),
            "slide__stain__",
            "slide__stain__marker__code",
        ),
        ("blot", BlotRatio.objects.current(), "", "marker__code"),
        ("qpcr", FoldChange.objects.current(), "", "marker__code"),
    ]
    for source, rows, way, marker in sources:
        for code, kind, enrolment in _of_cohort(rows, cohort, way, marker):
            members[source, code, kind].add(enrolment)
    kinds = dict(SpecimenKind.choices)
    return [
        Offer(f"{source}:{code}@{kind}", f"{code}, {_lower(kinds[kind])} ({_SOURCES[source]})", len(found), True, False)
        for (source, code, kind), found in sorted(members.items(), key=lambda item: _place(*item[0]))
        if code not in hidden
    ]


def _of_cohort(rows: QuerySet[Any], cohort: Cohort, way: str, marker: str) -> QuerySet[Any, tuple[str, str, int]]:
    of_cohort = rows.filter(
        **{
            f"{way}specimen__retired_reason": "",
            f"{way}{_MEMBER}__cohort_id": cohort.pk,
            f"{way}{_MEMBER}__retired_reason": "",
            f"{way}{_MEMBER}__withdrawn_on__isnull": True,
        }
    )
    return of_cohort.order_by().values_list(marker, f"{way}specimen__kind", f"{way}{_MEMBER}__pk").distinct()


def _place(source: str, code: str, kind: str) -> tuple[int, bool, str, str]:
    return list(_SOURCES).index(source), kind != SpecimenKind.TUMOUR, code, kind


def _lower(text: Text) -> str:
    return str(text).lower()


def _blood(cohort: Cohort) -> list[Offer]:
    """Values by the window rule, as an analysis reads them, and the indices that they are enough for."""
    drawn = BloodResult.objects.for_analysis().filter(
        specimen__patient__enrolments__cohort_id=cohort.pk, specimen__retired_reason=""
    )
    codes = sorted(set(drawn.order_by().values_list("analyte__code", flat=True)))
    names = dict(Analyte.objects.filter(code__in=codes).values_list("code", "name"))
    known = {code: {item.enrolment_id for item in items} for code, items in baseline_blood(cohort, codes).items()}
    found = [
        Offer(f"blood:{code}", _("%(name)s (blood)") % {"name": names[code]}, len(known[code]), True, False)
        for code in codes
        if known[code]
    ]
    for code, parts in INDEX_PARTS.items():
        both = set.intersection(*(known.get(part, set()) for part in parts))
        if both:
            found.append(Offer(f"index:{code}", _("%(code)s (index)") % {"code": code}, len(both), True, False))
    return found


def _baseline(cohort: Cohort) -> list[Offer]:
    fields = [column for column in Baseline._meta.concrete_fields if column.editable and not column.primary_key]
    rows = Baseline.objects.filter(enrolment__in=_members(cohort), retired_reason="")
    counts = rows.aggregate(**{column.name: Count("pk", filter=_is_known(column)) for column in fields})
    sexes = _members(cohort).exclude(patient__sex=Sex.UNKNOWN).count()
    levels = {str(value): str(label) for value, label in Sex.choices if value != Sex.UNKNOWN}
    sex = Offer("baseline:sex", _title(Patient._meta.get_field("sex")), sexes, False, True, levels)
    return [
        *([sex] if sexes else []),
        *(_column(column, counts[column.name]) for column in fields if counts[column.name]),
    ]


def _column(column: "models.Field[Any, Any]", known: int) -> Offer:
    is_whole = isinstance(column, _WHOLE)
    levels = {str(value): str(label) for value, label in column.flatchoices if value != ""}
    if isinstance(column, models.BooleanField):
        levels = {"no": _("no"), "yes": _("yes")}
    is_number = is_whole or isinstance(column, models.FloatField)
    is_category = is_whole or not is_number
    return Offer(f"baseline:{column.name}", _title(column), known, is_number, is_category, levels)


def _extra(cohort: Cohort) -> list[Offer]:
    rows = ExtraValue.objects.filter(enrolment__in=_members(cohort), retired_reason="").order_by()
    counts = dict(rows.values_list("variable").annotate(n=Count("pk")))
    variables = ExtraVariable.objects.filter(cohort=cohort, retired_reason="")
    return [
        Offer(
            f"extra:{row.code}",
            row.label,
            counts.get(row.pk, 0),
            is_number=row.type == ExtraVariable.Type.NUMBER,
            is_category=row.type != ExtraVariable.Type.NUMBER,
            levels={str(value): str(called) for value, called in row.levels.items()},
        )
        for row in variables
    ]


def _members(cohort: Cohort) -> QuerySet[Enrolment]:
    return Enrolment.objects.filter(cohort=cohort, withdrawn_on=None, retired_reason="")


def _is_known(column: "models.Field[Any, Any]") -> Q:
    return Q(**{f"{column.name}__isnull": False}) if column.null else ~Q(**{column.name: ""})


def _title(column: Any) -> str:
    return str(capfirst(column.verbose_name))
