from typing import Any

import pytest
from django.core.exceptions import ValidationError

from labs.blood.analytes import Spelling, load_catalogue
from labs.blood.models import Analyte, BloodResult
from labs.blood.reading import Entered, unit_choices
from labs.blood.selectors import analytes, revisions_of
from labs.blood.services import (
    PanelRefused,
    PanelRow,
    analyte_set,
    blood_panel_record,
    blood_result_correct,
    blood_result_record,
    blood_result_retract,
)
from labs.specimens.models import Specimen
from registry.log.actors import Actor
from registry.log.facts import StaleWrite
from registry.log.models import Change, Stream
from registry.models import Enrolment


@pytest.fixture
def known(db: None) -> dict[str, Analyte]:
    return analytes()


def test_grams_per_decilitre_become_grams_per_litre_without_binary_noise(
    draw: Specimen, known: dict[str, Analyte], by: Actor
) -> None:
    result = blood_result_record(specimen=draw, analyte=known["ALB"], value="4.35", unit="g/dL", by=by)
    assert (result.value, result.entered_value, result.entered_unit) == (43.5, "4.35", "g/dL")


@pytest.mark.parametrize(
    ("code", "value", "unit", "expected"),
    [
        ("LYM", "1234", "cells/µl", 1.234),
        ("LYM", "1.2", "G/l", 1.2),
        ("CD8", "0.35", "10^9/L", 350.0),
        ("CREA", "0.9", "mg/dL", 79.578),
        ("TBIL", "17", "µmol/L", 17.0),
        ("PIVKA", "40", "mAU/mL", 40.0),
        ("HBVDNA", "3", "log10 IU/mL", 1000.0),
        ("INR", "1.1", "", 1.1),
        ("NLR", "2.69", "", 2.69),
        ("TMB", "4.9", "mut/Mb", 4.9),
    ],
)
def test_a_spelling_is_converted_by_the_factor_of_its_analyte(
    draw: Specimen, known: dict[str, Analyte], by: Actor, code: str, value: str, unit: str, expected: float
) -> None:
    result = blood_result_record(specimen=draw, analyte=known[code], value=value, unit=unit, by=by)
    assert result.value == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(
    ("code", "unit"),
    [
        ("ALB", "mg/l"),
        ("ALB", "%"),
        ("CREA", "mmol/l"),
        ("PIVKA", "ng/mL"),
        ("AFP", "IU/mL"),
        ("HGB", "g/mL"),
        ("LYM", "%"),
        ("ALB", "10^9/L"),
    ],
)
def test_a_unit_of_another_test_is_refused_and_the_known_ones_are_named(
    draw: Specimen, known: dict[str, Analyte], by: Actor, code: str, unit: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        blood_result_record(specimen=draw, analyte=known[code], value="4", unit=unit, by=by)
    assert known[code].name in refused.value.message_dict["unit"][0]
    assert not BloodResult.objects.exists()


def test_a_value_without_its_unit_is_refused(draw: Specimen, known: dict[str, Analyte], by: Actor) -> None:
    with pytest.raises(ValidationError, match="Give the unit of Albumin: g/L, g/dL"):
        blood_result_record(specimen=draw, analyte=known["ALB"], value="41", by=by)


def test_a_molar_unit_is_taken_only_with_its_code(draw: Specimen, known: dict[str, Analyte], by: Actor) -> None:
    haemoglobin = known["HGB"]
    with pytest.raises(ValidationError, match="only with the LOINC code 59260-0"):
        blood_result_record(specimen=draw, analyte=haemoglobin, value="8", unit="mmol/L", by=by)
    result = blood_result_record(specimen=draw, analyte=haemoglobin, value="8", unit="mmol/L", loinc="59260-0", by=by)
    assert result.value == pytest.approx(128.912)


def test_an_impossible_value_is_refused_whatever_is_ticked(
    draw: Specimen, known: dict[str, Analyte], by: Actor
) -> None:
    with pytest.raises(ValidationError, match=r"13\.4 g/L is impossible for Haemoglobin"):
        blood_result_record(specimen=draw, analyte=known["HGB"], value="13.4", unit="g/l-1", accept_unusual=True, by=by)


def test_an_unusual_value_needs_a_tick_and_the_tick_is_kept(
    draw: Specimen, known: dict[str, Analyte], by: Actor
) -> None:
    with pytest.raises(ValidationError) as refused:
        blood_result_record(specimen=draw, analyte=known["ALB"], value="12", unit="g/L", by=by)
    assert "unusual" in refused.value.message_dict["accept_unusual"][0]
    result = blood_result_record(
        specimen=draw, analyte=known["ALB"], value="12", unit="g/L", accept_unusual=True, by=by
    )
    assert result.is_unusual_accepted


def test_a_tick_on_a_usual_value_is_not_recorded(draw: Specimen, known: dict[str, Analyte], by: Actor) -> None:
    result = blood_result_record(
        specimen=draw, analyte=known["ALB"], value="41", unit="g/L", accept_unusual=True, by=by
    )
    assert not result.is_unusual_accepted


def test_a_value_below_the_limit_keeps_its_comparator(draw: Specimen, known: dict[str, Analyte], by: Actor) -> None:
    result = blood_result_record(specimen=draw, analyte=known["IL6"], value="<1.5", unit="pg/mL", by=by)
    assert (result.comparator, result.value, result.shown) == ("<", 1.5, "<1.5 pg/mL")


def test_a_result_in_words_is_coded_and_never_a_zero(draw: Specimen, known: dict[str, Analyte], by: Actor) -> None:
    result = blood_result_record(specimen=draw, analyte=known["HBVDNA"], value="target not detected", by=by)
    assert (result.coded, result.value) == ("not_detected", None)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), True])
def test_what_is_no_number_is_refused(draw: Specimen, known: dict[str, Analyte], by: Actor, value: float) -> None:
    with pytest.raises(ValidationError, match="is no number"):
        blood_result_record(specimen=draw, analyte=known["ALB"], value=value, unit="g/L", by=by)


def test_blood_is_not_measured_in_tissue(tumour: Specimen, known: dict[str, Analyte], by: Actor) -> None:
    with pytest.raises(ValidationError, match="belongs to a blood draw"):
        blood_result_record(specimen=tumour, analyte=known["ALB"], value="41", unit="g/L", by=by)


def test_a_second_result_of_a_draw_is_told_to_correct_the_first(
    draw: Specimen, known: dict[str, Analyte], by: Actor
) -> None:
    blood_result_record(specimen=draw, analyte=known["ALB"], value="41", unit="g/L", by=by)
    with pytest.raises(ValidationError, match="correct that"):
        blood_result_record(specimen=draw, analyte=known["ALB"], value="42", unit="g/L", by=by)


def test_a_correction_is_a_revision_and_moves_the_stream(
    draw: Specimen, enrolment: Enrolment, known: dict[str, Analyte], by: Actor
) -> None:
    first = blood_result_record(specimen=draw, analyte=known["ALB"], value="41", unit="g/L", by=by)
    before = Stream.objects.get(cohort=enrolment.cohort_id, domain="blood/ALB").version
    second = blood_result_correct(result=first, value="44", unit="g/L", by=by, reason="typing error")
    assert list(BloodResult.objects.current()) == [second]
    assert [row.value for row in revisions_of(second)] == [41.0, 44.0]
    assert Stream.objects.get(cohort=enrolment.cohort_id, domain="blood/ALB").version == before + 1
    assert Change.objects.order_by("-id")[0].new_values["value"] == 44.0


def test_a_correction_needs_a_reason(draw: Specimen, known: dict[str, Analyte], by: Actor) -> None:
    first = blood_result_record(specimen=draw, analyte=known["ALB"], value="41", unit="g/L", by=by)
    with pytest.raises(ValidationError) as refused:
        blood_result_correct(result=first, value="44", unit="g/L", by=by, reason=" ")
    assert "reason" in refused.value.message_dict


def test_a_stale_correction_says_what_the_other_changed(draw: Specimen, known: dict[str, Analyte], by: Actor) -> None:
    first = blood_result_record(specimen=draw, analyte=known["ALB"], value="41", unit="g/L", by=by)
    blood_result_correct(result=first, value="44", unit="g/L", by=by, reason="typing error")
    with pytest.raises(StaleWrite, match=r"41\.0 → 44\.0"):
        blood_result_correct(result=first, value="45", unit="g/L", by=by, reason="another error")
    assert BloodResult.objects.count() == 2


def test_a_retracted_result_is_not_current_and_can_be_entered_again(
    draw: Specimen, known: dict[str, Analyte], by: Actor
) -> None:
    first = blood_result_record(specimen=draw, analyte=known["ALB"], value="41", unit="g/L", by=by)
    gone = blood_result_retract(result=first, by=by, reason="wrong tube")
    assert not BloodResult.objects.current().exists()
    blood_result_correct(result=gone, value="40", unit="g/L", by=by, reason="right tube found")
    assert [row.value for row in BloodResult.objects.current()] == [40.0]


def test_a_panel_is_stored_whole(draw: Specimen, known: dict[str, Analyte], by: Actor) -> None:
    rows = [
        PanelRow(known["ALB"], Entered("41", "g/L")),
        PanelRow(known["LYM"], Entered("1.3", "10^9/L")),
    ]
    stored = blood_panel_record(specimen=draw, rows=rows, by=by)
    assert [str(row) for row in stored] == ["ALB 41 g/L", "LYM 1.3 10⁹/L"]


def test_a_panel_with_one_bad_row_stores_nothing_and_names_each_error(
    draw: Specimen, known: dict[str, Analyte], by: Actor
) -> None:
    rows = [
        PanelRow(known["ALB"], Entered("41", "g/L")),
        PanelRow(known["LYM"], Entered("1,3", "10^9/L")),
        PanelRow(known["CREA"], Entered("90", "mmol/L")),
    ]
    changes = Change.objects.count()
    with pytest.raises(PanelRefused) as refused:
        blood_panel_record(specimen=draw, rows=rows, by=by)
    assert {index: list(error.message_dict) for index, error in refused.value.rows.items()} == {
        1: ["value"],
        2: ["unit"],
    }
    assert not BloodResult.objects.exists()
    assert Change.objects.count() == changes


def test_a_panel_corrects_what_was_there(draw: Specimen, known: dict[str, Analyte], by: Actor) -> None:
    first = blood_result_record(specimen=draw, analyte=known["ALB"], value="41", unit="g/L", by=by)
    row = PanelRow(known["ALB"], Entered("42", "g/L"), corrects=first, reason="misread")
    (second,) = blood_panel_record(specimen=draw, rows=[row], by=by)
    assert (second.version, second.supersedes, second.correction_reason) == (2, first, "misread")


def test_the_shipped_analytes_are_there_and_loading_them_again_writes_nothing(db: None, by: Actor) -> None:
    changes = Change.objects.count()
    assert load_catalogue(by=by) == []
    assert Change.objects.count() == changes
    assert {"ALB", "LYM", "IL6", "CD8", "NLR", "TMB", "AFP", "PIVKA"} <= set(analytes())


def test_setting_an_analyte_to_what_it_is_writes_nothing(db: None, by: Actor) -> None:
    spellings = [Spelling("g/L"), Spelling("g/dL", 10.0)]
    values: dict[str, Any] = {"name": "Globulin", "unit": "g/L", "possible_high": 100.0}
    analyte_set(code="GLOB", spellings=spellings, by=by, **values)
    changes = Change.objects.count()
    analyte_set(code="GLOB", spellings=spellings, by=by, **values)
    assert Change.objects.count() == changes


def test_a_changed_factor_is_in_the_log(db: None, by: Actor) -> None:
    values: dict[str, Any] = {"name": "Globulin", "unit": "g/L", "possible_high": 100.0}
    analyte_set(code="GLOB", spellings=[Spelling("g/L"), Spelling("g/dL", 1.0)], by=by, **values)
    analyte_set(code="GLOB", spellings=[Spelling("g/L"), Spelling("g/dL", 10.0)], by=by, **values)
    change = Change.objects.filter(subject_code="GLOB").order_by("-id")[0]
    assert change.old_values["spellings"] != change.new_values["spellings"]
    assert "g/dL × 10" in change.new_values["spellings"]


def test_a_form_offers_each_conversion_once_the_canonical_unit_first(known: dict[str, Analyte]) -> None:
    assert [choice.spelling for choice in unit_choices(known["ALB"])] == ["g/L", "g/dL", "umol/L"]
    assert unit_choices(known["WBC"])[0].spelling == "10*9/L"
    assert len(unit_choices(known["WBC"])) == 2
