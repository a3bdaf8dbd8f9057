"""The catalogue of analytes: setting one with its units, and loading those that ship with the software."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from labs.blood.models import Analyte, UnitSpelling
from labs.blood.units import normalised
from registry.log.actors import Actor
from registry.log.facts import log_fact, put
from registry.log.models import Action
from registry.log.recording import recording

CATALOGUE = Path(__file__).with_name("catalogue.toml")


@dataclass(frozen=True, order=True)
class Spelling:
    spelling: str
    factor: float = 1.0
    is_log10: bool = False
    only_with_loinc: str = ""


def analyte_set(*, code: str, spellings: Iterable[Spelling], by: Actor, reason: str = "", **values: Any) -> Analyte:
    """`values` are columns of Analyte. The spellings given are all the analyte has afterwards."""
    with recording(by, reason) as log:
        analyte = put(Analyte, key={"code": code}, values=values, by=by, reason=reason)
        wanted = list(dict.fromkeys(spellings))
        _refuse_two_meanings(wanted)
        present = [_spelling(row) for row in analyte.spellings.order_by("pk")]
        if sorted(wanted) != sorted(present):
            _replace_spellings(analyte, wanted)
            log_fact(
                log,
                analyte,
                Action.UPDATE,
                old={"spellings": _listed(present)},
                new={"spellings": _listed(wanted), "version": analyte.version},
            )
    return analyte


def _refuse_two_meanings(spellings: list[Spelling]) -> None:
    """Spellings that read the same must not convert differently: which one is meant could not be told."""
    seen: set[tuple[str, str]] = set()
    for row in spellings:
        key = (normalised(row.spelling), row.only_with_loinc)
        if key in seen:
            raise ValidationError({"spellings": _("“%(unit)s” is there twice.") % {"unit": row.spelling}})
        seen.add(key)


def _replace_spellings(analyte: Analyte, wanted: list[Spelling]) -> None:
    analyte.spellings.all().delete()
    rows = [UnitSpelling(analyte=analyte, **vars(spelling)) for spelling in wanted]
    for row in rows:
        row.clean_fields(exclude=["analyte"])
    UnitSpelling.objects.bulk_create(rows)
    analyte.version += 1
    analyte.save(update_fields=["version"])


def _spelling(row: UnitSpelling) -> Spelling:
    return Spelling(row.spelling, row.factor, row.is_log10, row.only_with_loinc)


def _listed(spellings: list[Spelling]) -> list[str]:
    return sorted(f"{row.spelling} × {row.factor:g}" for row in spellings)


@cache
def catalogue() -> dict[str, dict[str, Any]]:
    """The shipped analytes by code, their lists of spellings put together from the named groups."""
    content = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))
    return {code: _entry(entry, content["spellings"]) for code, entry in content["analyte"].items()}


def _entry(entry: dict[str, Any], groups: dict[str, dict[str, float]]) -> dict[str, Any]:
    possible, usual = entry["possible"], entry.get("usual", {})
    factors = {unit: factor for group in entry.get("groups", []) for unit, factor in groups[group].items()}
    factors |= entry.get("spellings", {})
    spellings = [Spelling(unit, float(factor)) for unit, factor in factors.items()]
    spellings += [Spelling(unit, is_log10=True) for unit in entry.get("log10", [])]
    spellings += [
        Spelling(unit, float(factor), only_with_loinc=loinc)
        for loinc, units in entry.get("only_with_loinc", {}).items()
        for unit, factor in units.items()
    ]
    return {
        "name": entry["name"],
        "unit": entry["unit"],
        "loinc": entry.get("loinc", ""),
        "possible_low": float(possible[0]),
        "possible_high": float(possible[1]),
        "usual_low": usual.get("low"),
        "usual_high": usual.get("high"),
        "delta_factor": entry.get("delta"),
        "words": entry.get("words", {}),
        # In messages a result in words has no unit.
        "word_units": [""] if "words" in entry else [],
        "kept_of": entry.get("kept_of"),
        "spellings": spellings,
    }


def load_catalogue(*, by: Actor) -> list[Analyte]:
    """Adds the shipped analytes that are missing; those that a laboratory has changed stay as they are."""
    present = set(Analyte.objects.values_list("code", flat=True))
    missing = [(code, entry) for code, entry in catalogue().items() if code not in present]
    with recording(by, "shipped catalogue"):
        return [_load(code, entry, by) for code, entry in missing]


def _load(code: str, entry: dict[str, Any], by: Actor) -> Analyte:
    kept_of = Analyte.objects.filter(code=entry["kept_of"]).first() if entry["kept_of"] else None
    return analyte_set(code=code, by=by, **entry | {"kept_of": kept_of})
