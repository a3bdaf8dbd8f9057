"""From what was typed to the row to store: the value, the unit of this analyte, the conversion, the usual range."""

import math
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from labs.blood.models import Analyte, BloodResult, UnitSpelling
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


def read_result(specimen: Specimen, analyte: Analyte, entered: Entered) -> BloodResult:
    """The row to store, in this order: read the value, find the unit, convert, then the limits."""
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
        result.is_unusual_accepted = _check_unusual(analyte, result.value, entered.accept_unusual)
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


def _check_unusual(analyte: Analyte, value: float, accepted: bool) -> bool:
    low, high = analyte.usual_low, analyte.usual_high
    if not analyte.possible_low <= value <= analyte.possible_high:
        return False  # impossible: the model says so, no tick helps
    if (low is None or value >= low) and (high is None or value <= high):
        return False
    if not accepted:
        raise ValidationError(
            {
                "accept_unusual": _(
                    "%(value)s %(unit)s is unusual for %(name)s (usual: %(range)s): check and confirm it."
                )
                % {
                    "value": f"{value:.6g}",
                    "unit": printed(analyte.unit),
                    "name": analyte.name,
                    "range": _range(low, high),
                }
            }
        )
    return True


def _range(low: float | None, high: float | None) -> str:
    if low is None:
        return f"≤ {high:g}"
    return f"≥ {low:g}" if high is None else f"{low:g}–{high:g}"
