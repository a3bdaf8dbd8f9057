"""Spellings of units: what counts as the same spelling, and how a canonical unit is printed."""

import re

# U+00B5 and U+03BC, and both again as UTF-8 that was read as Latin-1
_MICRO = re.compile("Âµ|Î¼|µ|μ")
_RAISED = str.maketrans({"³": "3", "⁹": "^9", "⁶": "^6"})
_LEADING_MICRO = re.compile(r"^(?:mc|\?)(?=mol|g)")
_PRINTED = {
    "10*9/L": "10⁹/L",
    "umol/L": "µmol/L",
    "/uL": "/µL",
    "[IU]/mL": "IU/mL",
    "m[arb'U]/mL": "mAU/mL",
    "{INR}": "",
    "{ratio}": "",
    "{index}": "index",
}


def normalised(unit: str) -> str:
    """Case, spaces, the many forms of µ and of 10⁹ tell no two units of one analyte apart."""
    text = _MICRO.sub("u", unit.replace("\\S\\", "^")).translate(_RAISED)
    return _LEADING_MICRO.sub("u", "".join(text.split()).lower())


def printed(unit: str) -> str:
    return _PRINTED.get(unit, unit)
