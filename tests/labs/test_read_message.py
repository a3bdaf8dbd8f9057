"""The command that says what a file would do: for people, for programs, and without a word about patients."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.labs.formats.messages.site import MAPPINGS, MSH, PROFILE, message, obx


@pytest.fixture
def told(tmp_path: Path) -> list[str]:
    """A file with a row in two values, one in an unknown unit, and a broken message; the site beside it."""
    (tmp_path / "PROFILE.json").write_text(json.dumps(PROFILE))
    (tmp_path / "MAPPINGS.json").write_text(json.dumps(MAPPINGS))
    good = message(obx(), obx(code="AFP", unit="furlong"), obx(raw="141"))
    (tmp_path / "sent.hl7").write_bytes(good + message("broken"))
    site = ["--profile", str(tmp_path / "PROFILE.json"), "--mappings", str(tmp_path / "MAPPINGS.json")]
    return [str(tmp_path / "sent.hl7"), *site]


def read_message(*arguments: str) -> str:
    out = io.StringIO()
    call_command("read_message", *arguments, stdout=out)
    return out.getvalue()


def test_what_would_be_stored_and_why_not_is_said_in_sentences(told: list[str]) -> None:
    assert read_message(*told).splitlines() == [
        "sent.hl7: hl7v2; would store 2 results.",
        "  not stored: Message 1: 1 quarantined, unit_unknown.",
        "  not stored: Message 2: AE, segment_broken. A line does not begin with the name of a segment.",
        "  look at: Message 1, row 3: another value of the same result stands above it.",
        "  message 1, LAB|HOSP: answered AA",
        "    row 1: HB 140 g/L → HGB 140 g/L",
        "    row 2: AFP 140 furlong → quarantined, unit_unknown",
        "    row 3: HB 141 g/L → HGB 141 g/L (a revision)",
        "  message 2, LAB|HOSP: answered AE",
    ]


def test_numbers_of_patients_are_printed_only_where_they_are_asked_for(told: list[str]) -> None:
    assert "P-1" not in read_message(*told, "--json")
    (first, _) = json.loads(read_message(*told, "--json", "--identifiers"))["summary"]["messages"]
    assert first["patients"][0]["pid3"] == [["P-1", "HOSP"], ["N-2", "NAT"]]
    assert "P-1" not in read_message(*told)
    assert "    patient P-1^^^HOSP, N-2^^^NAT" in read_message(*told, "--identifiers").splitlines()


def test_an_enhanced_sender_and_signs_that_a_terminal_would_obey(told: list[str]) -> None:
    Path(told[0]).write_bytes(message(obx(raw="1\x1b[2J4"), msh=f"{MSH}|||AL|NE"))
    assert [line.strip() for line in read_message(*told).splitlines()[-2:]] == [
        "message 1, LAB|HOSP: answered CA (AA)",
        "row 1: HB 1 [2J4 g/L → quarantined, value_unparsable",
    ]


def test_a_site_that_cannot_be_read_is_told(told: list[str], tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="go together"):
        read_message(*told[:3])
    (tmp_path / "MAPPINGS.json").write_text(json.dumps(MAPPINGS | {"mappings": [{"sender": "A|B"}]}))
    with pytest.raises(CommandError, match=r"mappings\.mappings\[1\]\.analyte"):
        read_message(*told)
    (tmp_path / "MAPPINGS.json").unlink()
    with pytest.raises(CommandError, match="cannot be opened"):
        read_message(*told)


def test_without_its_files_the_site_is_the_one_that_is_set(told: list[str], db: None) -> None:
    (first, _) = json.loads(read_message(told[0], "--json"))["summary"]["messages"]
    assert first["outcomes"] == {"quarantined:unmapped_code": 3}
