"""The closed lists of interop.md. A site may have its own; these are what it has when it says nothing."""

from typing import Final

CODECS: Final = {
    "ASCII": "ascii",
    "8859/1": "latin-1",
    "8859": "latin-1",
    "8859/15": "iso8859-15",
    "UNICODE": "utf-8",
    "UNICODE UTF-8": "utf-8",
    "UTF-8": "utf-8",
    "utf-8": "utf-8",
    "GB 18030-2000": "gb18030",
    "BIG-5": "big5",
}
# Words of specimens that are no blood.
SPECIMEN_OTHER: Final = ("urin", "csf", "liquor", "cerebrospinal", "stool", "faec", "feces", "ascit", "pleur", "sputum")
MESSAGE_TYPES: Final = ("ORU^R01", "ORU^R30", "OUL^R21", "OUL^R22", "OUL^R24")
VALUE_TYPES: Final = frozenset(
    ("AD", "CE", "CF", "CK", "CN", "CNE", "CP", "CQ", "CWE", "CX", "DR", "DT", "DTM", "ED", "EI", "FT", "HD", "ID",
     "IS", "MA", "MO", "NA", "NM", "PN", "PPN", "RP", "SN", "ST", "TM", "TN", "TS", "TX", "XAD", "XCN", "XON",
     "XPN", "XTN")
)  # fmt: skip
NO_RESULT_TYPES: Final = frozenset({"ED", "RP"})

# What a status means: value, unverified (kept, not for analysis), pending, withdrawn, no_result, questionable.
HL7_STATUS: Final = (
    dict.fromkeys("FCA", "value")
    | dict.fromkeys("PRSBVU", "unverified")
    | dict.fromkeys("ION", "pending")
    | dict.fromkeys("DW", "withdrawn")
    | {"X": "no_result"}
)
ASTM_STATUS: Final = (
    dict.fromkeys("FC", "value")
    | dict.fromkeys("PRSV", "unverified")
    | dict.fromkeys("IN", "pending")
    | {"X": "no_result", "W": "questionable"}
)
ORDERS_REFUSED: Final = frozenset("YZ")
ORDERS_WITHOUT_RESULT: Final = frozenset("XIOS")
