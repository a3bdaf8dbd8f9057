"""Who gets to see what: three profiles, and what each does to a column. What is not known to be harmless stays here."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from django.db import models
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from labs.models import BloodResult, BlotRatio, Consensus, FoldChange, Read, Slide, Specimen
from registry.models import Baseline, Endpoint, LiverAssessment, Patient, Site
from registry.people.models import User
from registry.people.roles import Role


class Profile(models.TextChoices):
    ANONYMOUS = "anonymous", _("Anonymous")
    LIMITED = "limited", _("Limited")
    IDENTIFIED = "identified", _("Identified")


def profiles_of(user: User) -> tuple[Profile, ...]:
    """Identifiers in bulk are for administrators; a data manager sees them one by one, on the patient's page."""
    if user.has_role(Role.ADMINISTRATOR):
        return (Profile.ANONYMOUS, Profile.LIMITED, Profile.IDENTIFIED)
    return (Profile.ANONYMOUS, Profile.LIMITED)


class Nature(StrEnum):
    """What kind of thing a column tells, as far as a stranger could use it to find somebody."""

    ROW = "row"
    STUDY_NUMBER = "patient"
    CODE = "code"
    STAFF = "staff"
    SITE = "site"
    DAY = "day"
    MOMENT = "moment"
    AGE = "age"
    SEX = "sex"
    WORDS = "words"
    # a word of a list, a number, a yes or no
    PLAIN = "plain"


# Tables about nobody in particular that explain the others: codes and names of markers, analytes, endpoints.
REFERENCES = frozenset(
    {
        "registry.cohort",
        "registry.endpoint",
        "registry.extravariable",
        "labs.marker",
        "labs.antibody",
        "labs.analyte",
        "labs.readingprotocol",
        "labs.protocolmarker",
        "analysis.cutoff",
        "analysis.riskmodel",
    }
)
# Words of those tables that are the field's terms, not what somebody wrote about a patient.
_TERMS = {
    "registry.cohort": {"code", "name"},
    "registry.endpoint": {"code", "name"},
    "registry.extravariable": {"code", "label", "unit"},
    "labs.marker": {"code", "name", "unit"},
    "labs.antibody": {"vendor", "clone", "dilution", "lot"},
    "labs.analyte": {"code", "name", "unit", "loinc"},
    "labs.readingprotocol": {"code", "title"},
    "analysis.cutoff": {"variable"},
    "analysis.riskmodel": {"code", "title", "unit"},
    "labs.round": {"code"},
    "registry.importedtime": {"endpoint"},
}
# JSON without words of anybody's own.
_COUNTS = {(Read, "field_counts"), (Consensus, "field_counts"), (Endpoint, "event_kinds"), (LiverAssessment, "points")}
_CODES = {(Specimen, "code"), (Slide, "code")}
_STAFF = {(User, "username"), (Read, "reader")}
_RECORDED = (BloodResult, BlotRatio, FoldChange, Read, Consensus)
_BOOKKEEPING = {"version", "is_retracted", "supersedes_id", "successor"}


class Place(NamedTuple):
    """A column of a table, followed along its foreign keys to the field that it comes from."""

    model: type[Model]
    field: Any


def nature(place: Place) -> Nature:
    model, field = place
    if (model, field.name) in _SPECIAL:
        return _SPECIAL[model, field.name]
    if model is Site:
        return Nature.SITE
    if field.primary_key or field.is_relation or field.name in _BOOKKEEPING:
        return Nature.ROW
    if field.name == "recorded_by" and issubclass(model, _RECORDED):
        return Nature.STAFF
    if isinstance(field, models.DateTimeField):
        return Nature.MOMENT
    if isinstance(field, models.DateField):
        return Nature.DAY
    return Nature.PLAIN if _is_plain(model, field) else Nature.WORDS


_SPECIAL: Mapping[tuple[type[Model], str], Nature] = {
    (Patient, "study_number"): Nature.STUDY_NUMBER,
    (Patient, "site"): Nature.SITE,
    (Patient, "sex"): Nature.SEX,
    (Baseline, "age"): Nature.AGE,
    **dict.fromkeys(_CODES, Nature.CODE),
    **dict.fromkeys(_STAFF, Nature.STAFF),
}


def _is_plain(model: type[Model], field: Any) -> bool:
    numbers = (models.BooleanField, models.IntegerField, models.FloatField, models.DecimalField)
    if isinstance(field, numbers) or field.choices:
        return True
    return field.name in _TERMS.get(model._meta.label_lower, ()) or (model, field.name) in _COUNTS


class Treated(NamedTuple):
    # None: the column stays here
    how: str | None
    # in words, for the page, the dictionary and the manifest
    words: str | Promise


KEEP, RECODE, SHIFT, TO_DAYS, TO_BAND, TO_SEX = "keep", "recode", "shift", "days", "band", "sex"
_KEPT = Treated(KEEP, "")


def treatment(nature: Nature, profile: Profile, *, is_shifted: bool, of_patient: bool) -> Treated:
    if profile == Profile.IDENTIFIED:
        return _KEPT
    if profile == Profile.LIMITED:
        return _limited(nature, is_shifted, of_patient)
    return _anonymous(nature, of_patient)


def _limited(nature: Nature, is_shifted: bool, of_patient: bool) -> Treated:
    if nature == Nature.WORDS:
        return Treated(None, _("free text"))
    if nature == Nature.DAY and is_shifted:
        if of_patient:
            return Treated(SHIFT, _("moved by a number of days that is the same for all dates of a patient"))
        return Treated(None, _("a true date, from which the shift could be found out"))
    if nature == Nature.MOMENT and is_shifted:
        return Treated(None, _("a true time, from which the shift could be found out"))
    return _KEPT


def _anonymous(nature: Nature, of_patient: bool) -> Treated:
    if nature in _GONE:
        return Treated(None, _GONE[nature])
    if nature == Nature.DAY:
        if of_patient:
            return Treated(TO_DAYS, _("days from the patient's index event"))
        return Treated(None, _("a date"))
    return _CHANGED.get(nature, _KEPT)


_GONE = {
    Nature.ROW: _("number of a row, by which exports could be joined"),
    Nature.SITE: _("the site"),
    Nature.MOMENT: _("a date"),
    Nature.WORDS: _("free text"),
}
_RECODED = _("replaced by a random code, another in every export")
_CHANGED = {
    Nature.STUDY_NUMBER: Treated(RECODE, _RECODED),
    Nature.CODE: Treated(RECODE, _RECODED),
    Nature.STAFF: Treated(RECODE, _RECODED),
    Nature.AGE: Treated(TO_BAND, _("in bands, 90 and over pooled, blank in small cells")),
    Nature.SEX: Treated(TO_SEX, _("blank in small cells")),
}
