"""Messages of a file share a commit, and still each stands or falls by itself."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DataError, OperationalError

from labs.blood.models import BloodResult
from labs.formats.messages import judging
from labs.formats.messages.received import Received
from labs.inbox.models import RawMessage
from labs.inbox.receiving_files import FileReceipt, receive_file
from labs.inbox.services import unread_read
from registry.log import recording
from registry.log.models import Change
from registry.models import Patient
from tests.labs.inbox.conftest import BY
from tests.labs.inbox.messages import oru

JUDGE = "labs.inbox.placer.judge"
# More than share one commit.
COUNT = 30


def sent() -> FileReceipt:
    data = b"".join(
        oru(("WBC", f"{n}.5", "G/l"), control=str(n), order=f"A{n}", drawn=f"202403{n:02}0800") for n in range(1, COUNT)
    )
    return receive_file(name="night.hl7", data=data, by=BY)


def stored() -> list[float | None]:
    return list(BloodResult.objects.current().order_by("value").values_list("value", flat=True))


ALL = [n + 0.5 for n in range(1, COUNT)]


@pytest.mark.parametrize("failures", [1, 2])
def test_what_fails_among_others_is_tried_by_itself(
    known: Patient, monkeypatch: pytest.MonkeyPatch, failures: int
) -> None:
    left = [failures]

    def judge(received: Received, site: Any) -> Any:
        if received.control_id == "7" and left[0]:
            left[0] -= 1
            raise DataError("no such number")
        return judging.judge(received, site)

    monkeypatch.setattr(JUDGE, judge)
    receipts = sent().receipts
    assert [receipt.verdict for receipt in receipts].count("AE") == failures - 1
    assert stored() == [value for value in ALL if value != 7.5 or failures == 1]
    # Its bytes are kept, and it is read later.
    assert (RawMessage.objects.count(), RawMessage.objects.unread().count()) == (COUNT - 1, failures - 1)
    assert {row.reason for row in Change.objects.filter(subject_type="bloodresult")} == {
        f"message {receipt.raw.pk}" for receipt in receipts if receipt.verdict == "AA"
    }


def test_a_commit_that_fails_leaves_nothing_half_done(known: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    append, left = recording._append, [1]

    def fails_once(entries: list[Any]) -> None:
        if left[0] and len(entries) > 50:
            left[0] -= 1
            raise OperationalError("deadlock detected")
        append(entries)

    monkeypatch.setattr(recording, "_append", fails_once)
    assert [receipt.verdict for receipt in sent().receipts] == ["AA"] * (COUNT - 1)
    assert left == [0]
    assert stored() == ALL


def test_a_file_that_was_cut_off_is_finished_by_the_sweep_and_by_itself(
    known: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(received: Received, site: Any) -> Any:
        if received.control_id == "27":
            raise KeyboardInterrupt
        return judging.judge(received, site)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(JUDGE, killed)
        sent()
    assert stored() == ALL[:25]
    assert RawMessage.objects.unread().count() == COUNT - 1 - 25
    assert unread_read(at_work=timedelta(0), by=BY) == COUNT - 1 - 25
    assert stored() == ALL
    assert all(receipt.is_duplicate for receipt in sent().receipts)
    assert stored() == ALL
