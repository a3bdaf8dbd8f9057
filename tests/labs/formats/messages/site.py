"""A small site of our own, in the form that a site's files have."""

from typing import Any

from labs.formats.messages.site import Site
from labs.formats.messages.site_files import site_of

PROFILE: dict[str, Any] = {
    "form": 1,
    "ports": {
        "production": {"processing_ids": ["P", "Q"]},
        "validation": {"processing_ids": ["T", "D"]},
    },
    "charset": {"codecs": {"": None, "ASCII": "ascii", "8859/1": "latin-1", "GB 18030-2000": "gb18030"},
                "if_empty": ["utf-8"]},
    "senders": [
        {"sender": "OLD|*", "charset_if_empty": ["utf-8", "latin-1"], "patient_id_in_pid2": True},
        {"sender": "OLD|COMMA", "decimal_comma": True, "status_if_empty": "F"},
        {"sender": "BARE|*", "obr_optional": True},
        {"sender": "EARLY|*", "msh9_missing": True},
    ],
    "comment_words": ["folgt", "$"],
    "time_zone": "Europe/Zurich",
}  # fmt: skip
MAPPINGS: dict[str, Any] = {
    "form": 1,
    "specimen_other": ["urin"],
    "analytes": {
        "WBC": {"loinc": ["6690-2"], "name_words": ["leuk", "white"], "canonical_unit": "10*9/L",
                "plausible": [0, 1000], "units": {"10^9/l": 1.0, "/ul": 0.001, "g/l": 1.0}},
        "HGB": {"loinc": ["718-7"], "name_words": ["moglobin"], "canonical_unit": "g/L", "plausible": [20, 300],
                "units": {"g/l": 1.0, "g/dl": 10.0}},
        "AFP": {"canonical_unit": "ng/mL", "plausible": [0, 10000000], "units": {"ng/ml": 1.0, "ug/l": 1.0},
                "keep_units": {"ku/l": ["[IU]/mL", 1.0]}},
        "HBSAG": {"canonical_unit": None,
                  "qualitative": {"negative": ["negativ", "260385009"], "positive": ["positiv"]},
                  "keep_units": {"coi": ["{index}", 1.0]}},
    },
    "mappings": [
        {"sender": "LAB|*", "code": "WBC", "analyte": "WBC"},
        {"sender": "*|*", "code": "HB", "analyte": "HGB"},
        {"sender": "*|*", "code": "AFP", "analyte": "AFP"},
        {"sender": "*|*", "code": "HBS", "analyte": "HBSAG"},
    ],
}  # fmt: skip


def site(port: str = "production") -> Site:
    return site_of(PROFILE, MAPPINGS, port)


MSH = r"MSH|^~\&|LAB|HOSP|US|HERE|20260102030405||ORU^R01^ORU_R01|C1|P|2.5.1"
PID = "PID|1||P-1^^^HOSP^MR~N-2^^^NAT||NAME^GIVEN||19600229|F"
OBR = "OBR|1|PL-1|FI-1|PANEL^Panel|||20260101080000"


def message(*segments: str, msh: str = MSH, pid: str = PID, obr: str = OBR) -> bytes:
    return "".join(f"{one}\r" for one in (msh, pid, obr, *segments) if one).encode()


def obx(code: str = "HB", raw: str = "140", unit: str = "g/L", status: str = "F", kind: str = "NM") -> str:
    return f"OBX|1|{kind}|{code}||{raw}|{unit}|||||{status}"
