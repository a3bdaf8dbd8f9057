"""From what was typed to the row to store: the value, the unit of this analyte, the conversion, the usual range."""

import math
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from labs.blood.models import Analyte, BloodResult, UnitSpelling, Unusual
from labs.blood.units import normalised, printed
from labs.blood.values import ValueRefused, parse_value
from labs.specimens.models import Specimen


@dataclass(frozen=True)
class Entered:
    """A result as a person or a file gives it."""

    value: str | float
    unit: str = ""
    loinc: str = ""
    accept_unusual: bool = False
    decimal_comma: bool = False


def read_result(
    specimen: Specimen, analyte: Analyte, entered: Entered, previous: BloodResult | None = None
) -> BloodResult:
    """The row to store, in this order: read the value, find the unit, convert, then the soft rules.

    `previous` is the same patient's result of the draw before, when there is one. Without the tick a value that a soft
    rule asks about is refused; with it, the row keeps which rule it was.
    """
    result = converted(specimen, analyte, entered)
    asked = questions(result, previous)
    if asked and not entered.accept_unusual:
        raise ValidationError({"accept_unusual": list(asked.values())})
    result.is_unusual_accepted = bool(asked)
    result.unusual_by = Unusual.BOTH if len(asked) > 1 else next(iter(asked), "")
    return result


def converted(specimen: Specimen, analyte: Analyte, entered: Entered) -> BloodResult:
    """The value in the analyte's unit, before any limit."""
    text = entered.value if isinstance(entered.value, str) else _text_of(entered.value)
    try:
        parsed = parse_value(text, analyte.words, decimal_comma=entered.decimal_comma)
    except ValueRefused as error:
        raise ValidationError({"value": str(error)}) from error
    result = BloodResult(
        specimen=specimen,
        analyte=analyte,
        comparator=parsed.comparator,
        coded=parsed.word,
        entered_value=text.strip(),
        entered_unit=entered.unit.strip(),
    )
    if parsed.number is not None:
        result.value = _canonical(parsed.number, unit_spelling(analyte, entered.unit, entered.loinc))
    return result


def _text_of(number: float) -> str:
    if isinstance(number, bool) or not math.isfinite(number):
        raise ValidationError({"value": _("“%s” is no number.") % number})
    return repr(number)


def unit_spelling(analyte: Analyte, unit: str, loinc: str = "") -> UnitSpelling:
    """The spelling of this analyte, never of another: G/l is giga/L for cells and nothing for albumin."""
    wanted = normalised(unit)
    fitting = [spelling for spelling in analyte.spellings.all() if normalised(spelling.spelling) == wanted]
    for spelling in fitting:
        if spelling.only_with_loinc in ("", loinc):
            return spelling
    raise ValidationError({"unit": _unit_error(analyte, unit, fitting)})


def _unit_error(analyte: Analyte, unit: str, fitting: list[UnitSpelling]) -> str:
    names = {"name": analyte.name, "unit": unit.strip()}
    if fitting:
        code = fitting[0].only_with_loinc
        return _("%(unit)s is taken for %(name)s only with the LOINC code %(code)s.") % (names | {"code": code})
    names["known"] = ", ".join(spelling.spelling or _("(none)") for spelling in unit_choices(analyte))
    if not names["unit"]:
        return _("Give the unit of %(name)s: %(known)s.") % names
    return _("“%(unit)s” is no unit of %(name)s; known: %(known)s.") % names


def unit_choices(analyte: Analyte) -> list[UnitSpelling]:
    """One spelling for each conversion, the canonical unit first."""
    first: dict[tuple[float, bool, str], UnitSpelling] = {}
    for spelling in sorted(analyte.spellings.all(), key=lambda row: (row.spelling != analyte.unit, row.pk)):
        first.setdefault((spelling.factor, spelling.is_log10, spelling.only_with_loinc), spelling)
    return list(first.values())


def _canonical(number: Decimal, spelling: UnitSpelling) -> float:
    if spelling.is_log10:
        return float(10 ** float(number))
    # In decimals: 4.35 g/dL is 43.5 g/L, not 43.49999999999999.
    return float(number * Decimal(repr(spelling.factor)))


def questions(result: BloodResult, previous: BloodResult | None) -> dict[str, str]:
    """By rule the sentence that asks whether the value is right; none for an impossible one, which no tick helps."""
    analyte, value = result.analyte, result.value
    if value is None or not analyte.possible_low <= value <= analyte.possible_high:
        return {}
    asked = {}
    if not _is_usual(analyte, value):
        asked[str(Unusual.RANGE)] = _(
            "%(value)s %(unit)s is unusual for %(name)s (usual: %(range)s): check and confirm it."
        ) % (_words(analyte, value) | {"range": _range(analyte.usual_low, analyte.usual_high)})
    if previous is not None and _moved_too_far(result, previous):
        asked[str(Unusual.CHANGE)] = _(
            "%(name)s went from %(before)s (%(draw)s of %(day)s) to %(value)s %(unit)s, more than %(factor)s-fold: "
            "check and confirm it."
        ) % (
            _words(analyte, value)
            | {
                "before": f"{previous.value:.6g}",
                "draw": previous.specimen.code,
                "day": previous.specimen.collected,
                "factor": f"{analyte.delta_factor:g}",
            }
        )
    return asked


def _words(analyte: Analyte, value: float) -> dict[str, str]:
    return {"value": f"{value:.6g}", "unit": printed(analyte.unit), "name": analyte.name}


def _is_usual(analyte: Analyte, value: float) -> bool:
    low, high = analyte.usual_low, analyte.usual_high
    return (low is None or value >= low) and (high is None or value <= high)


def _moved_too_far(result: BloodResult, previous: BloodResult) -> bool:
    """By more than the analyte's factor, up or down. Nothing is that many times zero."""
    factor, after, before = result.analyte.delta_factor, result.value, previous.value
    if factor is None or result.comparator or not after or not before or min(after, before) <= 0:
        return False
    return max(after, before) > factor * min(after, before)


def _range(low: float | None, high: float | None) -> str:
    if low is None:
        return f"≤ {high:g}"
    return f"≥ {low:g}" if high is None else f"{low:g}–{high:g}"
