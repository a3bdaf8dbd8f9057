"""The shipped spellings against the mapping that real messages are judged by."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labs.blood.analytes import catalogue
from labs.blood.units import normalised

# A number with a unit of its own is an analyte of its own here.
KEPT_APART = {("AFP", "[IU]/mL"): "AFP-IU", ("HBSAG", "{index}"): "HBSAG"}


@pytest.fixture
def mapped(hepatica_interop: Path) -> dict[str, Any]:
    content = json.loads((hepatica_interop / "MAPPINGS.json").read_text(encoding="utf-8"))
    return dict(content["analytes"])


def factors(code: str) -> dict[str, float]:
    rows = catalogue()[code]["spellings"]
    return {normalised(row.spelling): row.factor for row in rows if not (row.only_with_loinc or row.is_log10)}


def test_every_spelling_of_the_mapping_converts_by_the_same_factor(
    mapped: dict[str, Any], compared: Callable[[int], None]
) -> None:
    expected = {
        (code, normalised(unit)): factor for code, row in mapped.items() for unit, factor in row["units"].items()
    }
    found = {(code, unit): factors(code).get(unit) for code, unit in expected}
    assert found == expected
    compared(len(expected))


def test_units_that_are_kept_are_kept_apart(mapped: dict[str, Any], compared: Callable[[int], None]) -> None:
    kept = [(code, unit, to) for code, row in mapped.items() for unit, to in row.get("keep_units", {}).items()]
    for code, unit, (canonical, factor) in kept:
        own = KEPT_APART[code, canonical]
        assert catalogue()[own]["unit"] == canonical
        assert factors(own)[normalised(unit)] == factor
    compared(len(kept))


def test_canonical_units_codes_and_possible_ranges_agree(
    mapped: dict[str, Any], compared: Callable[[int], None]
) -> None:
    for code, row in mapped.items():
        own = catalogue()[code]
        assert own["unit"] == (row["canonical_unit"] or "{index}"), code
        assert own["loinc"] in row["loinc"], code
        assert [own["possible_low"], own["possible_high"]] == row["plausible"], code
    compared(4 * len(mapped))


def test_words_for_positive_and_negative_are_understood(
    mapped: dict[str, Any], compared: Callable[[int], None]
) -> None:
    lists = mapped["HBSAG"]["qualitative"]
    for code, words in lists.items():
        spoken = {word for word in words if not word.isdigit()}
        assert spoken <= {code, *catalogue()["HBSAG"]["words"][code]}
    compared(sum(map(len, lists.values())))
