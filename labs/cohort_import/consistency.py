"""What the sections of a mapping must agree on among themselves, with the registry's fields and with the file."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from labs.cohort_import.errors import ImportRefused
from labs.cohort_import.fields import BASELINE_FIELDS
from labs.cohort_import.mapping import IhcSection, Mapping
from labs.cohort_import.schema import columns
from labs.markers.models import Scale
from labs.specimens.models import SpecimenKind
from registry.clinical.models import ExtraVariable
from registry.cohorts.models import EventKind
from registry.patients.models import Sex


def check_mapping(mapping: Mapping, header: Sequence[str], file_name: str) -> None:
    """Refuses with every contradiction at once: people mend a mapping in one go, not in ten."""
    sentences = [*_missing_columns(mapping, header, file_name), *contradictions(mapping)]
    if sentences:
        raise ImportRefused(sentences)


def contradictions(mapping: Mapping) -> Iterator[str]:
    yield from _doubles(mapping)
    yield from _unknown_names(mapping)
    yield from _baseline_codes(mapping)
    yield from _patient(mapping)
    yield from _times(mapping)
    yield from _extras(mapping)
    for number, section in enumerate(mapping.ihc, start=1):
        yield from _ihc(mapping, section, f"[[ihc]] {number}")


def _missing_columns(mapping: Mapping, header: Sequence[str], file_name: str) -> Iterator[str]:
    counts = Counter(header)
    for place, column in columns(mapping):
        if counts[column] == 0:
            yield _("%(place)s names the column '%(column)s', which %(file)s does not have.") % {
                "place": place,
                "column": column,
                "file": file_name,
            }
        elif counts[column] > 1:
            yield _("%(place)s names the column '%(column)s', which %(file)s has %(times)s times.") % {
                "place": place,
                "column": column,
                "file": file_name,
                "times": counts[column],
            }


def _doubles(mapping: Mapping) -> Iterator[str]:
    keys = {
        "endpoints": [each.code for each in mapping.endpoints],
        "eligibility": [each.text for each in mapping.eligibility],
        "times": [each.endpoint for each in mapping.times],
        "extra": [each.code for each in mapping.extra],
        "markers": [each.code for each in mapping.markers],
        "analytes": [each.code for each in mapping.analytes],
        "ihc": [f"{each.marker} {each.specimen} {each.reader}" for each in mapping.ihc],
        "blood": [each.analyte for each in mapping.blood],
        "analyses": [each.slug for each in mapping.analyses],
    }
    for name, values in keys.items():
        for value, times in Counter(values).items():
            if times > 1:
                yield _("[[%(name)s]] declares '%(value)s' %(times)s times.") % {
                    "name": name,
                    "value": value,
                    "times": times,
                }


def _unknown_names(mapping: Mapping) -> Iterator[str]:
    for field in mapping.baseline:
        if field not in BASELINE_FIELDS:
            yield _none_of("[baseline]", field, list(BASELINE_FIELDS))
    for kind in mapping.specimens:
        if kind not in SpecimenKind.values:
            yield _none_of("[specimens]", kind, SpecimenKind.values)
    for endpoint in mapping.endpoints:
        for event in endpoint.events:
            if event not in EventKind.values:
                yield _none_of(f"[[endpoints]] {endpoint.code} events", event, EventKind.values)
        if not endpoint.events:
            yield _("[[endpoints]] %(code)s names no events.") % {"code": endpoint.code}


def _baseline_codes(mapping: Mapping) -> Iterator[str]:
    for name, section in mapping.baseline.items():
        kind = BASELINE_FIELDS.get(name)
        if kind is None:
            continue
        for meant in section.codes.values():
            if not kind.accepts(meant):
                yield _("[baseline.%(name)s] codes: %(value)s is not %(wanted)s.") % {
                    "name": name,
                    "value": repr(meant),
                    "wanted": kind.words,
                }


def _patient(mapping: Mapping) -> Iterator[str]:
    if bool(mapping.patient.study_number) == mapping.patient.number_rows:
        yield _("[patient] needs either 'study_number' or 'number_rows'.")
    if not 0 <= mapping.patient.digits <= 30:
        yield _("[patient] digits must lie between 0 and 30.")
    for meant in mapping.patient.sex_codes.values():
        if meant not in Sex.values:
            yield _none_of("[patient] sex_codes", meant, Sex.values)


def _times(mapping: Mapping) -> Iterator[str]:
    declared = [endpoint.code for endpoint in mapping.endpoints]
    for section in mapping.times:
        place = f"[[times]] {section.endpoint}"
        if section.endpoint not in declared:
            yield _none_of("[[times]]", section.endpoint, declared)
        if bool(section.months) == bool(section.days):
            yield _("%(place)s needs either 'months' or 'days'.") % {"place": place}
        if section.days_per_month <= 0:
            yield _("%(place)s days_per_month must be above 0.") % {"place": place}
        if set(section.event_value) & set(section.censored_value):
            yield _("%(place)s has a value that means both event and censored.") % {"place": place}
    if mapping.response and set(mapping.response.responder) & set(mapping.response.non_responder):
        yield _("[response] has a value that means both responder and non-responder.")


def _extras(mapping: Mapping) -> Iterator[str]:
    coded = (ExtraVariable.Type.CATEGORY, ExtraVariable.Type.BOOLEAN)
    for section in mapping.extra:
        place = f"[[extra]] {section.code}"
        if not _VARIABLE_CODE.fullmatch(section.code):
            yield _("%(place)s code: letters, digits, dots, dashes and underscores only.") % {"place": place}
        if not isinstance(section.codes, dict | list):
            yield _("%(place)s codes must be a table or a list.") % {"place": place}
        elif section.type in coded and not section.codes:
            yield _("%(place)s is coded and needs 'codes'.") % {"place": place}
        elif section.type not in coded and section.codes:
            yield _("%(place)s is a %(type)s and takes no 'codes'.") % {"place": place, "type": section.type}


# As analyses name it: extra:CODE
_VARIABLE_CODE = re.compile(r"[A-Za-z0-9_.-]+")

_COLUMNS_OF_SCALE = {
    Scale.DENSITY: ({"density"}, {"density"}),
    Scale.FIELDS: ({"fields"}, {"fields"}),
    Scale.SCORE: ({"intensity"}, {"intensity", "percent", "extent"}),
}


def _ihc(mapping: Mapping, section: IhcSection, place: str) -> Iterator[str]:
    given = {name for name in ("density", "intensity", "percent", "extent", "fields") if getattr(section, name)}
    scales = {marker.code: marker.scale for marker in mapping.markers}
    if section.specimen == SpecimenKind.BLOOD:
        yield _("%(place)s reads a tissue, not blood.") % {"place": place}
    if section.marker not in scales:
        yield _none_of(f"{place} marker", section.marker, list(scales))
        return
    needed, allowed = _COLUMNS_OF_SCALE[Scale(scales[section.marker])]
    complete = needed <= given <= allowed and (needed != {"intensity"} or len(given) == 2)
    if not complete:
        yield _("%(place)s: a marker on the scale '%(scale)s' is given by %(columns)s.") % {
            "place": place,
            "scale": scales[section.marker],
            "columns": {
                "density": _("the column 'density'"),
                "fields": _("the list of columns 'fields'"),
                "score": _("the column 'intensity' and one of 'percent' and 'extent'"),
            }[scales[section.marker]],
        }


def _none_of(place: str, value: str, known: Sequence[str]) -> str:
    return _("%(place)s: '%(value)s' is none of %(known)s.") % {
        "place": place,
        "value": value,
        "known": ", ".join(known) or "-",
    }
