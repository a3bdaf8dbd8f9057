"""What was agreed with senders is read once, and again when any of it changed."""

from collections.abc import Callable

import pytest

from labs.blood.models import Analyte, BloodResult
from labs.formats.messages.judging import judge
from labs.inbox.mapping.models import CodeMapping
from labs.inbox.mapping.services import (
    authority_set,
    code_map,
    code_unmap,
    inbox_settings_set,
    sender_set,
    spelling_add,
)
from labs.inbox.mapping.site import agreed_now
from labs.inbox.receiving_files import receive_file
from registry.models import Patient
from tests.labs.inbox.conftest import BY
from tests.labs.inbox.messages import oru


def _white_cells() -> Analyte:
    return Analyte.objects.get(code="WBC")


CHANGES: dict[str, Callable[[Patient], object]] = {
    "settings": lambda known: inbox_settings_set(values={"comment_words": ["see text"]}, by=BY),
    "a sender": lambda known: sender_set(pattern="LAB|WEST", site=known.site, by=BY),
    "an authority": lambda known: authority_set(name="OTHER", site=known.site, by=BY),
    "a code": lambda known: code_map(sender="LAB|EAST", code="NEW", analyte=_white_cells(), by=BY),
    "a code less": lambda known: code_unmap(
        mapping=CodeMapping.objects.get(code="WBC"), expected_version=1, by=BY, reason="not theirs"
    ),
    "a unit": lambda known: spelling_add(analyte=_white_cells(), spelling="thousands", factor=1, by=BY),
}


@pytest.mark.parametrize("change", CHANGES)
def test_any_change_is_seen_by_the_next_message(known: Patient, change: str) -> None:
    before = agreed_now("production")
    assert agreed_now("production") is before
    CHANGES[change](known)
    after = agreed_now("production")
    assert (after.site, after.authorities) != (before.site, before.authorities)


def test_a_file_that_is_being_read_follows_a_change_from_its_next_messages_on(
    known: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a sender whose decimals have a comma from the second commit on."""

    def judged(received: object, site: object) -> object:
        if getattr(received, "control_id", "") == "25":
            sender_set(pattern="LAB|EAST", site=known.site, decimal_comma=True, by=BY)
        return judge(received, site)  # type: ignore[arg-type]  # what placing hands over

    monkeypatch.setattr("labs.inbox.placer.judge", judged)
    data = b"".join(
        oru(("WBC", f"{n},5", "G/l"), control=str(n), order=f"A{n}", drawn=f"202403{n:02}0800") for n in range(1, 28)
    )
    assert [receipt.outcomes for receipt in receive_file(name="night.hl7", data=data, by=BY).receipts[-3:]] == [
        {"quarantined:value_unparsable": 1},
        {"placed": 1},
        {"placed": 1},
    ]
    assert [result.value for result in BloodResult.objects.order_by("pk")] == [26.5, 27.5]
