"""Messages of HL7 v2, and what they are in FHIR."""

import os
from pathlib import Path
from typing import Any

from labs.formats.fhir.from_messages import message_bundle
from labs.formats.messages.reading import read_messages
from labs.formats.messages.site import Site

PANEL = "\r".join(
    (
        r"MSH|^~\&|LIS|LAB|HEP|HEP|20220301080000+0800||ORU^R01|M-1|P|2.5.1",
        "PID|1||MR-1^^^HEB^MR||LI^NA||19600504|F|||||||||||ID-9",
        "OBR|1|PL-1|FI-1|24362-6^Panel^LN|||20220301073000+0800|||||||||||||||20220301080000+0800|||F",
        "OBX|1|NM|1751-7^Albumin^LN||<4.0|g/dL^^UCUM|3.5 - 5.2|L|||F|||20220301073000+0800||||DEV-1",
        "NTE|1||haemolytic",
        "OBX|2|SN|1834-1^AFP^LN||>^400|ng/mL|<7|H|||C",
        "OBX|3|SN|X-1^Ratio^L||^1^:^40||||||P",
        "OBX|4|SN|X-2^Range^L||^1^-^4|{n}|odd (text)|??|||A",
        "OBX|5|CWE|5196-1^HBsAg^LN||NEG^negative^L||||||F",
        "OBX|6|ST|X-3^Text^L||see note||||||F",
        "OBX|7|NM|X-4^Later^L||||||||I",
        "OBX|8|NM|X-5^None^L||||||||X",
        "OBX|9|NM|X-6^Empty^L||||||||F",
        "OBX|10|NM|X-7^Power^L||5|10^9/L|4-10||||W",
        "SPM|1|S-1||BLD|||||||||||||20220301073000+0800",
    )
)
SITE = Site(processing_ids=frozenset({"P", "T", "Q"}))


def bundle_of(name: str, data: bytes) -> dict[str, Any]:
    sent = read_messages(name, data, SITE)
    assert sent is not None
    (received,) = sent.messages
    return message_bundle(received)


def message_bundles() -> list[dict[str, Any]]:
    """Ours, and the sample that another converter read, where the samples are."""
    found = [bundle_of("panel.hl7", PANEL.encode())]
    sample = Path(os.environ.get("HEPATICA_INTEROP", "")) / "hl7v2" / "LAB-ORU-1.hl7"
    if sample.is_file():
        found.append(bundle_of(sample.name, sample.read_bytes()))
    return found
