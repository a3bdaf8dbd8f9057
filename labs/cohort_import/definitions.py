"""The cohort, its endpoints, rules and variables, and the markers and analytes that a mapping declares."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from labs.blood.analytes import Spelling, analyte_set
from labs.blood.models import Analyte
from labs.blood.reading import unit_spelling
from labs.cohort_import.errors import ImportRefused
from labs.cohort_import.mapping import AnalyteSection, BloodSection, CohortSection, Mapping, MarkerSection
from labs.cohort_import.tally import State, Tally
from labs.markers.models import Marker, Scale
from labs.markers.services import marker_set
from registry.clinical.models import ExtraVariable
from registry.clinical.services import extra_variable_set
from registry.cohorts.models import Cohort, EligibilityRule, Endpoint
from registry.cohorts.services import cohort_create, cohort_update, endpoint_set, rule_set
from registry.log.actors import Actor
from registry.log.facts import Fact
from registry.people.models import Site
from registry.people.services import site_set


@dataclass(frozen=True)
class Definitions:
    cohort: Cohort
    variables: dict[str, ExtraVariable]
    markers: dict[str, Marker]
    analytes: dict[str, Analyte]


def define(mapping: Mapping, *, by: Actor, tally: Tally) -> Definitions:
    cohort = _cohort(mapping.cohort, by, tally)
    _endpoints(mapping, cohort, by, tally)
    _rules(mapping, cohort, by, tally)
    return Definitions(
        cohort=cohort,
        variables=_variables(mapping, cohort, by, tally),
        markers={section.code: _marker(section, by, tally) for section in mapping.markers},
        analytes=_analytes(mapping, by, tally),
    )


@contextmanager
def refusing(place: str) -> Iterator[None]:
    """What a service finds wrong with a definition is wrong with the mapping."""
    try:
        yield
    except ValidationError as error:
        named = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        raise ImportRefused(
            f"{place} {field}: {' '.join(messages)}"
            if field not in ("", "__all__")
            else f"{place}: {' '.join(messages)}"
            for field, messages in named.items()
        ) from error


def _count(tally: Tally, kind: str, before: Fact | None, after: Fact) -> None:
    if before is None:
        tally.add(kind, State.NEW)
    elif before.version == after.version:
        tally.add(kind, State.SAME)
    else:
        tally.add(kind, State.CHANGED, _("%(kind)s %(code)s: redefined") % {"kind": kind, "code": after.log_code()})


def _cohort(section: CohortSection, by: Actor, tally: Tally) -> Cohort:
    with refusing("[cohort] site"):
        site = _site(section, by)
    with refusing("[cohort]"):
        before = Cohort.objects.select_related("site").filter(code=section.code).first()
        given = _given(section)
        if before is None:
            after = cohort_create(code=section.code, site=site, by=by, **given)
        elif before.site_id != site.pk:
            raise ImportRefused(
                _("[cohort] site: the cohort %(cohort)s belongs to the site %(site)s.")
                % {"cohort": before.code, "site": before.site.code}
            )
        else:
            after = cohort_update(cohort=before, changes=given, expected_version=before.version, by=by)
    _count(tally, "cohorts", before, after)
    return after


def _given(section: CohortSection) -> dict[str, Any]:
    """What the mapping says of the cohort; what it leaves out stays as people have set it."""
    values = {
        "name": section.name,
        "index_event": section.index_event,
        "is_simulated": section.simulated,
        "description": section.description or None,
        "data_cut": section.data_cut,
        "early_recurrence_months": section.early_recurrence_months,
        "follow_up_months": section.follow_up_months,
    }
    return {name: value for name, value in values.items() if value is not None}


def _site(section: CohortSection, by: Actor) -> Site:
    known = Site.objects.filter(code=section.site).first()
    if known and not section.site_name:
        return known
    return site_set(code=section.site, name=section.site_name or section.site, by=by)


def _endpoints(mapping: Mapping, cohort: Cohort, by: Actor, tally: Tally) -> None:
    known = {each.code: each for each in Endpoint.objects.filter(cohort=cohort)}
    for section in mapping.endpoints:
        with refusing(f"[[endpoints]] {section.code}"):
            after = endpoint_set(
                cohort=cohort, code=section.code, name=section.name, event_kinds=list(section.events), by=by
            )
        _count(tally, "endpoints", known.get(section.code), after)


def _rules(mapping: Mapping, cohort: Cohort, by: Actor, tally: Tally) -> None:
    known = {rule.text: rule for rule in EligibilityRule.objects.filter(cohort=cohort, retired_reason="")}
    for order, section in enumerate(mapping.eligibility, start=1):
        wanted: dict[str, Any] = {
            "kind": section.kind,
            "variable": section.variable,
            "operator": section.operator,
            "bounds": list(section.values),
            "order": order,
        }
        before = known.get(section.text)
        if before and all(getattr(before, name) == value for name, value in wanted.items()):
            tally.add("rules", State.SAME)  # setting it would judge everybody anew
            continue
        with refusing(f"[[eligibility]] {order}"):
            _count(tally, "rules", before, rule_set(cohort=cohort, text=section.text, by=by, **wanted))


def _variables(mapping: Mapping, cohort: Cohort, by: Actor, tally: Tally) -> dict[str, ExtraVariable]:
    known = {each.code: each for each in ExtraVariable.objects.filter(cohort=cohort)}
    variables = {}
    for section in mapping.extra:
        with refusing(f"[[extra]] {section.code}"):
            variable = extra_variable_set(
                cohort=cohort,
                code=section.code,
                label=section.label,
                type=section.type,
                unit=section.unit,
                levels=section.levels,
                by=by,
            )
        variable.cohort = cohort
        _count(tally, "variables", known.get(section.code), variable)
        variables[section.code] = variable
    return variables


def _marker(section: MarkerSection, by: Actor, tally: Tally) -> Marker:
    """Markers are shared by all cohorts: one that exists is used, never redefined."""
    known = Marker.objects.filter(code=section.code).first()
    if known is None:
        with refusing(f"[[markers]] {section.code}"):
            marker = marker_set(code=section.code, name=section.name, scale=section.scale, unit=section.unit, by=by)
        tally.add("markers", State.NEW)
        return marker
    if known.scale != section.scale or (known.scale == Scale.DENSITY and known.unit != section.unit):
        raise ImportRefused(
            _("[[markers]] %(code)s: this marker exists on the scale '%(scale)s' with the unit '%(unit)s'.")
            % {"code": known.code, "scale": known.scale, "unit": known.unit}
        )
    tally.add("markers", State.SAME)
    return known


def _analytes(mapping: Mapping, by: Actor, tally: Tally) -> dict[str, Analyte]:
    for section in mapping.analytes:
        _declare_analyte(section, by, tally)
    codes = [section.analyte for section in mapping.blood]
    found = {each.code: each for each in Analyte.objects.filter(code__in=codes).prefetch_related("spellings")}
    for number, blood in enumerate(mapping.blood, start=1):
        _check_blood(number, blood, found)
    return found


def _declare_analyte(section: AnalyteSection, by: Actor, tally: Tally) -> None:
    """Analytes, too, are shared: one that exists is used as it is."""
    known = Analyte.objects.filter(code=section.code).first()
    if known and known.unit != section.unit:
        raise ImportRefused(
            _("[[analytes]] %(code)s: this analyte exists with the unit '%(unit)s'.")
            % {"code": known.code, "unit": known.unit}
        )
    if known is None:
        factors = {section.unit: 1.0} | section.spellings
        with refusing(f"[[analytes]] {section.code}"):
            analyte_set(
                code=section.code,
                name=section.name,
                unit=section.unit,
                possible_low=section.lowest,
                possible_high=section.highest,
                spellings=[Spelling(spelling, factor) for spelling, factor in factors.items()],
                by=by,
            )
    tally.add("analytes", State.SAME if known else State.NEW)


def _check_blood(number: int, section: BloodSection, found: dict[str, Analyte]) -> None:
    place = f"[[blood]] {number}"
    if section.analyte not in found:
        raise ImportRefused(
            _("%(place)s: the analyte '%(code)s' is not known: declare it under [[analytes]].")
            % {"place": place, "code": section.analyte}
        )
    with refusing(place):
        unit_spelling(found[section.analyte], section.unit)
