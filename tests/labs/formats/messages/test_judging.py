"""What becomes of a row: which analyte, which value, which unit, and the first reason against it."""

from dataclasses import replace
from typing import Any

import pytest

from labs.formats.errors import FormatError
from labs.formats.hl7.reading import read_message
from labs.formats.messages.judged import Judged, Outcome
from labs.formats.messages.judging import judge
from labs.formats.messages.keys import result_key
from labs.formats.messages.received import Coding, Observation, Received, Verdict
from labs.formats.messages.sequence import Sequence
from labs.formats.messages.site_files import site_of
from labs.formats.messages.units import normal_unit
from tests.labs.formats.messages.site import MAPPINGS, MSH, PROFILE, message, obx, site

SITE = site()
ROW = Observation(1, 0, (Coding("HB"),), "NM", "140", "g/L", "F")


def judged(sender: str = "LAB|HOSP", **changes: Any) -> Judged:
    row = replace(ROW, **changes)
    return judge(Received(Verdict.AA, sender=sender, observations=(row,)), SITE)[0]


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"is_control": True, "value_type": "ED", "status": "?"}, "quarantined control_material"),
        ({"value_type": "ED", "status": "?"}, "ignored not_a_result"),
        ({"status": "", "value_type": "??"}, "quarantined status_missing"),
        ({"status": "?", "value_type": "??"}, "quarantined status_unknown"),
        ({"value_type": "FN", "codings": ()}, "quarantined value_type_unknown"),
        ({"codings": (Coding("hb"),), "status": "I"}, "quarantined unmapped_code"),
        ({"status": "I", "raw": ""}, "ignored pending"),
        ({"status": "D"}, "ignored withdrawn"),
        ({"status": "X", "raw": ""}, "ignored no_result"),
        ({"raw": '""'}, "ignored no_value"),
        ({"raw": " Folgt morgen"}, "ignored comment"),
        ({"raw": "clotted", "unit": "?"}, "quarantined value_unparsable"),
        ({"unit": "furlong"}, "quarantined unit_unknown"),
        ({"raw": "13.4"}, "quarantined implausible"),
        ({"value_type": ""}, "placed "),
    ],
)
def test_the_first_reason_counts(changes: dict[str, Any], outcome: str) -> None:
    found = judged(**changes)
    assert f"{found.outcome} {found.reason}" == outcome
    assert found.withdraws is (found.reason == "withdrawn")
    assert (found.value is not None) is (found.reason in {"", "implausible"})


def test_what_is_not_verified_is_kept_from_analysis_and_an_empty_status_is_what_the_sender_means() -> None:
    assert [judged(status=one).for_analysis for one in "FcAPRsBVU"] == [True] * 3 + [False] * 6
    assert judged(sender="old|comma", status="").outcome is Outcome.PLACED


@pytest.mark.parametrize(
    ("raw", "number", "comparator"),
    [
        ("140", 140, ""),
        ("< 140", 140, "<"),
        (">=140", 140, ">="),
        ("1.4E2", 140, ""),
        ("^140", 140, ""),
        (">^140", 140, ">"),
        ("140^", 140, ""),
        ("<=^140.", 140, "<="),
        ("140,5", None, ""),
        ("1:140", None, ""),
        ("^1^:^140", None, ""),
        ("140-150", None, ""),
        ("140~150", None, ""),
        ("<^<140", None, ""),
        ("140 g/L", None, ""),
        ("?140", None, ""),
        ("***.**", None, ""),
        ("1e999", None, ""),
        ("１４０", None, ""),
        ("nan", None, ""),
    ],
)
def test_a_value_is_what_it_says_whatever_its_type(raw: str, number: float | None, comparator: str) -> None:
    for kind in ("NM", "SN", "ST", "FT"):
        found = judged(raw=raw, value_type=kind)
        assert (found.value, found.comparator) == (number, comparator)
        assert found.reason == ("" if number else "value_unparsable")


def test_a_decimal_comma_is_one_only_for_a_sender_who_writes_so() -> None:
    assert judged(sender="OLD|COMMA", raw="<140,5").value == 140.5
    assert judged(sender="OLD|COMMA", raw="1,400,5").reason == "value_unparsable"


@pytest.mark.parametrize(
    ("sent", "normal"),
    [
        ("10^9/L", "10^9/l"),
        ("x10^9/L", "x10^9/l"),
        ("10\\S\\9/L^^UCUM", "10^9/l"),
        ("^10\\S\\9/L", "10^9/l"),
        ("G / l^^L", "g/l"),
        ("µmol/L", "umol/l"),
        ("μmol/L", "umol/l"),
        ("Î¼mol/l", "umol/l"),
        ("Âµmol/l", "umol/l"),
        ("?mol/L", "umol/l"),
        ("mcg/l", "ug/l"),
        ("/mm³", "/mm3"),
        ("", ""),
    ],
)
def test_a_unit_has_one_spelling(sent: str, normal: str) -> None:
    assert normal_unit(sent) == normal


def test_a_unit_is_converted_or_kept_apart_as_the_analyte_says() -> None:
    assert (judged(raw="14", unit="g/dL").value, judged(raw="14", unit="g/dL").unit) == (140, "g/L")
    afp = (Coding("AFP"),)
    assert (judged(codings=afp, unit="kU/L").unit, judged(codings=afp, unit="µg/L").unit) == ("[IU]/mL", "ng/mL")


@pytest.mark.parametrize(
    ("raw", "unit", "found"),
    [
        (" Negativ", "", "negative"),
        ("260385009^Not there^SCT", "", "negative"),
        ("N^Positiv^L", "", "positive"),
        ("Positiv", "COI", "value_unparsable"),
        ("perhaps", "", "value_unparsable"),
        ("0.8", "", "unit_unknown"),
        ("0.8", "COI", ""),
    ],
)
def test_a_result_in_words_has_no_unit(raw: str, unit: str, found: str) -> None:
    row = judged(codings=(Coding("HBS"),), raw=raw, unit=unit, value_type="CWE")
    assert (row.coded or row.reason) == found


@pytest.mark.parametrize(
    ("codings", "analyte"),
    [
        ((Coding("WBC"),), "WBC"),
        ((Coding("x"), Coding("WBC")), "WBC"),
        ((Coding("wbc"),), ""),
        ((Coding("6690-2", "Leukozyten", "LN"),), "WBC"),
        ((Coding("x"), Coding("6690-2", "White cells", "LOINC")), "WBC"),
        ((Coding("6690-2", "Erythrozyten", "LN"),), ""),
        ((Coding("6690-2", "Leukozyten", "L"),), ""),
    ],
)
def test_a_code_is_the_senders_or_a_loinc_that_its_name_confirms(codings: tuple[Coding, ...], analyte: str) -> None:
    assert judged(codings=codings, raw="5", unit="G/l").analyte == analyte
    assert judged(codings=codings, raw="5", unit="G/l", specimen_type="UR Urine").analyte == ""


def test_a_code_of_another_sender_is_none() -> None:
    assert judged(sender="OTHER|HOSP", codings=(Coding("WBC"),)).reason == "unmapped_code"


def test_of_the_rules_of_a_code_the_most_precise_that_fits_counts() -> None:
    rows = [
        {"analyte": "AFP"},
        {"analyte": "WBC", "unit": "G / L"},
        {"analyte": "HGB", "specimen": "capillary BLOOD"},
        {"analyte": "HBSAG", "specimen": "blood"},
        {"analyte": "AFP", "unit": "g/l", "specimen": "capillary blood"},
        {"analyte": "HGB", "unit": "g/L"},
        {"analyte": "WBC", "specimen": "Urin"},
    ]
    mappings = MAPPINGS | {"mappings": [{"sender": "*", "code": "X"} | row for row in rows]}
    site = site_of(PROFILE, mappings, "production")

    def meant(unit: str, specimen: str) -> str:
        row = replace(ROW, codings=(Coding("X"),), unit=unit, specimen_type=specimen)
        return judge(Received(Verdict.AA, sender="LAB|HOSP", observations=(row,)), site)[0].analyte

    assert [meant(unit, specimen) for unit, specimen in (("mol", ""), ("g/l", ""), ("G/l", "Serum"))] == [
        "AFP",
        "WBC",
        "WBC",
    ]
    # Words, not parts of them; of equally precise rules the first.
    assert [meant("", specimen) for specimen in ("BLDC Capillary-Blood", "Blood", "Bloodspot")] == [
        "HGB",
        "HBSAG",
        "AFP",
    ]
    assert meant("g/L", "Capillary blood HL70487") == "AFP"
    # What is no blood stays none.
    assert meant("g/l", "Urin") == ""


def told(sequence: Sequence, *segments: str, msh: str = MSH) -> list[str]:
    rows = sequence.take(read_message(message(*segments, msh=msh), SITE))
    return [f"{one.judged.outcome} {one.judged.reason}{'!' * one.is_revision}" for one in rows]


def test_the_same_result_is_stored_once_and_another_value_is_a_revision() -> None:
    sequence = Sequence(SITE)
    assert told(sequence, obx(), obx(), obx(raw="141")) == ["placed ", "ignored duplicate_row", "placed !"]
    assert told(sequence, obx(), obx(), obx(raw="141")) == ["ignored duplicate_message"] * 3
    again = MSH.replace("C1", "C2")
    assert told(sequence, obx(raw="141"), msh=again) == ["ignored unchanged"]
    assert told(sequence, obx(raw="142", status="C"), msh=again) == ["placed !"]
    assert told(sequence, obx(status="D", raw=""), msh=MSH.replace("C1", "C3")) == ["ignored withdrawn!"]


def test_a_result_is_one_patients_under_one_order_at_one_time() -> None:
    raw = message(obx()).decode()
    changes = {
        "P-1": "P-2",
        "FI-1": "FI-2",
        "080000": "090000",
        "PANEL": "OTHER",
        "|HB||": "|HB|2|",
        "LAB|HO": "LAB|WE",
    }
    others = [raw, *(raw.replace(one, other) for one, other in changes.items())]
    read = [read_message(one.encode(), SITE) for one in others]
    assert len({result_key(one.observations[0], one) for one in read}) == len(others)
    early = read_message(raw.replace("20260102030405", "20260103").encode(), SITE)
    assert result_key(early.observations[0], early) == result_key(read[0].observations[0], read[0])


@pytest.mark.parametrize(
    ("profile", "mappings", "place"),
    [
        (PROFILE | {"form": 2}, MAPPINGS, "profile.form"),
        (PROFILE, [], "mappings"),
        (PROFILE | {"time_zone": "Mars"}, MAPPINGS, "profile.time_zone"),
        (
            PROFILE | {"senders": [{"sender": "A|B", "obr_optional": "yes"}]},
            MAPPINGS,
            "profile.senders[1].obr_optional",
        ),
        (
            PROFILE,
            MAPPINGS | {"mappings": [{"sender": "A", "code": "B", "analyte": "C"}]},
            "mappings.mappings[1].analyte",
        ),
        (PROFILE, MAPPINGS | {"analytes": {"A": {"units": {"g/l": "1"}}}}, "mappings.analytes.A.units.g/l"),
    ],
)
def test_a_file_of_a_site_says_where_it_is_wrong(profile: object, mappings: object, place: str) -> None:
    with pytest.raises(FormatError) as caught:
        site_of(profile, mappings, "production")
    assert caught.value.column == place


def test_mappings_may_extend_others_that_come_first() -> None:
    more = {"form": 1, "extends": "MAPPINGS.json", "mappings": [{"sender": "NEW|*", "code": "x", "analyte": "HGB"}]}
    with pytest.raises(FormatError):
        site_of(PROFILE, more, "production")
    assert site_of(PROFILE, [MAPPINGS, more], "production").codes[-1].code == "x"
