"""What a typed result means: a comparator and a number, or one of the analyte's words. Nothing is ever adjusted."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _

_COMPARATORS = {"≤": "<=", "≥": ">=", "=<": "<=", "=>": ">=", "=": ""}
_SHAPE = re.compile(r"(<=|>=|=<|=>|[<>≤≥=])?\s*(.*)", re.DOTALL)
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")


class ValueRefused(ValueError):
    def __init__(self, message: str | Promise) -> None:
        super().__init__(str(message))


@dataclass(frozen=True)
class ParsedValue:
    comparator: str = ""
    number: Decimal | None = None
    word: str = ""


def parse_value(
    entered: str, words: Mapping[str, Sequence[str]] | None = None, *, decimal_comma: bool = False
) -> ParsedValue:
    """Reads `<0.5`, `12.5`, `2.3E4`, `≥ 100` or a word of the analyte; ValueRefused says which rule was broken."""
    text = entered.strip()
    if not text:
        raise ValueRefused(_("Give a value; leave the row out when there is none."))
    for code, spellings in (words or {}).items():
        if text.lower() in {code.lower(), *(spelling.lower() for spelling in spellings)}:
            return ParsedValue(word=code)
    shape = _SHAPE.fullmatch(text)
    sign, number = (shape[1] or "", shape[2].strip()) if shape else ("", text)
    return ParsedValue(_COMPARATORS.get(sign, sign), _number(text, number, decimal_comma))


def _number(entered: str, text: str, decimal_comma: bool) -> Decimal:
    if decimal_comma and "." in text:
        raise ValueRefused(
            _("“%s” has a point although the source writes decimal commas: thousands or decimals?") % entered
        )
    if "," in text and not decimal_comma:
        raise ValueRefused(
            _(
                "“%s” has a comma, which may mean decimals or thousands: write a decimal point. "
                "A comma is read only from a source that is declared to write decimal commas."
            )
            % entered
        )
    plain = text.replace(",", ".") if decimal_comma else text
    if not _NUMBER.fullmatch(plain):
        raise ValueRefused(
            _("“%s” is no number: write digits with a decimal point, before them at most < or >.") % entered
        )
    return Decimal(plain)
