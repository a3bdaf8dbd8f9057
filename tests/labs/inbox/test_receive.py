from labs.blood.models import BloodResult
from labs.inbox.models import MessageRow, RawMessage
from labs.inbox.services import receive
from registry.models import Patient
from tests.labs.inbox.conftest import BY
from tests.labs.inbox.messages import oru


def test_a_message_becomes_results_of_its_patient(known: Patient) -> None:
    receipt = receive(data=oru(("WBC", "5.2", "G/l"), ("HB", "12.8", "g/dL"), ("ZZ", "1", "")), by=BY)
    assert (receipt.verdict, receipt.outcomes) == ("AA", {"placed": 2, "quarantined:unmapped_code": 1})
    found = BloodResult.objects.current().order_by("analyte__code")
    assert [(row.analyte.code, row.value, row.specimen.code) for row in found] == [
        ("HGB", 128.0, "ICI-0001-202403080800"),
        ("WBC", 5.2, "ICI-0001-202403080800"),
    ]
    again = receive(data=oru(("WBC", "5.2", "G/l"), ("HB", "12.8", "g/dL"), ("ZZ", "1", "")), by=BY)
    assert again.is_duplicate
    assert MessageRow.objects.count() == 3
    assert RawMessage.objects.count() == 2
