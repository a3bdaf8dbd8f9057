"""Which analyte a code and a unit mean: by our own codes, or by LOINC when the unit fits as well."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from labs.blood.models import Analyte, UnitSpelling
from labs.blood.reading import unit_spelling
from labs.blood.selectors import analytes
from labs.blood.values import ValueRefused, parse_value
from labs.connectors.fhir import names
from labs.formats.fhir.observations import ObservationSent, loinc_codes
from labs.formats.fhir.problems import Issue, Problem, refused
from labs.formats.messages.received import Coding

CODE, VALUE, UNIT = "Observation.code", "Observation.value", "Observation.value.unit"


def analyte_meant(sent: ObservationSent) -> Analyte:
    known = analytes()
    found = {analyte.code: analyte for coding in sent.codings for analyte in _meant(coding, known.values())}
    if not found:
        listed = ", ".join(f"{coding.system}|{coding.code}" for coding in sent.codings)
        text = _("No analyte here has this code: %s. Send its LOINC code, or ours of the system %s.")
        raise refused(text % (listed, names.system(names.ANALYTE)), CODE, "code-invalid")
    fitting = [analyte for analyte in found.values() if len(found) == 1 or _fits(analyte, sent)]
    if len(fitting) != 1:
        text = _("The codes mean different analytes here: %s.") % ", ".join(sorted(found))
        raise refused(text, CODE, "code-invalid")
    return fitting[0]


def _meant(coding: Coding, known: Iterable[Analyte]) -> list[Analyte]:
    if coding.system == names.system(names.ANALYTE):
        return [analyte for analyte in known if analyte.code == coding.code]
    if not loinc_codes((coding,)):
        return []
    return [analyte for analyte in known if coding.code in _loincs(analyte)]


def _loincs(analyte: Analyte) -> set[str]:
    others = {spelling.only_with_loinc for spelling in analyte.spellings.all()}
    return {code for code in {analyte.loinc, *others} if code}


def _fits(analyte: Analyte, sent: ObservationSent) -> bool:
    try:
        unit_meant(analyte, sent)
    except Problem:
        return False
    return True


def unit_meant(analyte: Analyte, sent: ObservationSent) -> tuple[str, str]:
    """The unit as it was sent and the LOINC code that goes with it; two that convert differently are refused."""
    codes = ["", *loinc_codes(sent.codings)]
    found: list[tuple[UnitSpelling, str, str]] = []
    error: Exception | None = None
    for unit in sent.units or ("",):
        try:
            found.append(_spelling(analyte, unit, codes))
        except ValueError as refusal:
            error = error or refusal
    if not found:
        raise refused(str(error), UNIT, "code-invalid")
    if len({(spelling.factor, spelling.is_log10) for spelling, _unit, _code in found}) > 1:
        raise Problem(422, Issue(_("The unit and its code contradict each other."), UNIT, "conflict"))
    _first, unit, code = found[-1]
    return unit, code


def _spelling(analyte: Analyte, unit: str, codes: list[str]) -> tuple[UnitSpelling, str, str]:
    refusal = ""
    for code in codes:
        try:
            return unit_spelling(analyte, unit, code), unit, code
        except ValidationError as error:
            refusal = " ".join(error.messages)
    raise ValueError(refusal)


def text_meant(analyte: Analyte, sent: ObservationSent) -> str:
    """Of the wordings of one value the one that can be read."""
    if not sent.texts:
        raise refused(_("A result has a value."), VALUE, "required")
    for text in sent.texts:
        try:
            parse_value(text, analyte.words)
        except ValueRefused:
            continue
        return text
    if sent.kind == "valueCodeableConcept":
        known = ", ".join(analyte.words) or _("none")
        raise refused(_("No result in words of %(name)s; known: %(known)s.") % {"name": analyte.name, "known": known}, VALUE)
    return sent.texts[0]


def is_word(analyte: Analyte, text: str) -> bool:
    return bool(parse_value(text, analyte.words).word)
