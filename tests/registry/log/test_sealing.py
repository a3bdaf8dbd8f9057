import uuid
from datetime import UTC, datetime

import pytest

from registry.clinical.services import treatment_add
from registry.log.models import Change, Pending, Seal
from registry.log.recording import recording
from registry.log.sealing import GENESIS, chained, head, seal_pending
from registry.patients.models import Enrolment
from tests.registry.fixtures import BY

pytestmark = pytest.mark.django_db

# The chain over these rows: every database and every later version must come to the same.
GOLDEN = "682decbc75c9535cf1a8fe936fd47696bf8c2150e8e532e6c45a302d9ed32eb1"
NUMBERS = (900_001, 900_002, 900_003)


def fixed_change(number: int) -> Change:
    return Change(
        id=number,
        at=datetime(2024, 1, 31, 12, 0, 0, 123456, tzinfo=UTC),
        batch=uuid.UUID(int=number),
        actor_id="7",
        actor_name="alice",
        source="form",
        domain="identity",
        version=number,
        action="update",
        subject_type="patientidentity",
        subject_id=str(number),
        subject_code="P-001",
        old='{"b":1.50,"a":"é"}',
        new='{"a":"高冉","b":1e-7}',
        reason="typed wrong",
    )


def test_the_chain_is_the_same_on_every_database() -> None:
    Change.objects.bulk_create([fixed_change(number) for number in NUMBERS])
    previous = GENESIS
    for change in Change.objects.filter(id__in=NUMBERS).order_by("id"):
        previous = chained(previous, change)
    assert previous == GOLDEN


def test_a_log_without_seals_has_a_head() -> None:
    assert head() == GENESIS


def test_many_pending_changes_are_sealed_in_batches_in_the_order_of_their_ids(
    enrolled: Enrolment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.log.sealing._BATCH", 7)
    with recording(BY):
        for number in range(40):
            treatment_add(
                patient=enrolled.patient, kind="tace", agent=str(number), start=datetime(2023, 1, 1).date(), by=BY
            )
    waiting = Pending.objects.count()
    assert seal_pending() == waiting > 40
    assert not Pending.objects.exists()
    seals = list(Seal.objects.order_by("seq").values_list("seq", "change_id"))
    assert seals == list(enumerate(Change.objects.order_by("id").values_list("id", flat=True), start=1))


def test_sealing_goes_on_from_the_last_seal(enrolled: Enrolment) -> None:
    before = seal_pending()
    treatment_add(patient=enrolled.patient, kind="tace", start=datetime(2023, 1, 1).date(), by=BY)
    assert seal_pending() == 1
    assert Seal.objects.latest("seq").seq == before + 1
