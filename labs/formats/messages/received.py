"""What a result message says, whatever its protocol: nothing yet decided about analytes or patients."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from labs.formats.hl7.header import Header
from labs.formats.messages.delimiters import STANDARD, Delimiters


class Verdict(StrEnum):
    """The application acknowledgement: accepted, error (the sender may resend), refused. NONE: nobody is answered."""

    AA = "AA"
    AE = "AE"
    AR = "AR"
    NONE = ""


class Standard(StrEnum):
    HL7 = "hl7"
    ASTM = "astm"
    SENAITE = "senaite"
    FHIR = "fhir"


@dataclass(frozen=True)
class Coding:
    code: str
    text: str = ""
    system: str = ""


@dataclass(frozen=True)
class PatientSent:
    """A PID group, or an ASTM P record. `ids` are (id, authority), the authority "" where the sender names none.

    `sex` is M, F or "". `numbered_ids` are P-3, P-4 and P-5 of ASTM as they stand, empty ones among them.
    """

    ids: tuple[tuple[str, str], ...] = ()
    # PID-2, an identifier only where the sender is configured so.
    second_id: str = ""
    birth_date: date | None = None
    sex: str = ""
    visit: str = ""
    numbered_ids: tuple[str, ...] = ()
    # PID-19, by which nobody is matched.
    national_id: str = ""


@dataclass(frozen=True)
class Observation:
    """An OBX, or an ASTM R or Q record, with what the segments around it say about it.

    `raw` and `unit` are the fields as sent, escapes and all: `delimiters` take them apart.
    """

    row: int
    patient: int
    codings: tuple[Coding, ...]
    value_type: str
    raw: str
    unit: str
    status: str
    sub_id: str = ""
    repeat: int = 0
    reference_range: str = ""
    flags: str = ""
    observed_at: datetime | None = None
    issued_at: datetime | None = None
    placer: str = ""
    filler: str = ""
    order: Coding = Coding("")
    # OBR-25.
    order_status: str = ""
    specimen_id: str = ""
    specimen_type: str = ""
    collected_at: datetime | None = None
    device: str = ""
    method: str = ""
    notes: str = ""
    is_control: bool = False
    delimiters: Delimiters = STANDARD


@dataclass(frozen=True)
class Received:
    """`key` is that of interop.md 1.4: equal for an exact repeat. `reason` and `text` say why it is not accepted.

    `type` is as sent: where MSH-9 is left out, `type_used` says what was inferred. `specimens` are the numbers as sent.
    `header` is what an acknowledgement of an HL7 message is built from, None where there was no readable MSH.
    """

    verdict: Verdict
    reason: str = ""
    text: str = ""
    sender: str = ""
    control_id: str = ""
    type: str = ""
    version: str = ""
    processing_id: str = ""
    sent_at: datetime | None = None
    encoding: str = ""
    key: str = ""
    patients: tuple[PatientSent, ...] = ()
    observations: tuple[Observation, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    standard: Standard = Standard.HL7
    type_used: str = ""
    specimens: tuple[str, ...] = ()
    header: Header | None = None
