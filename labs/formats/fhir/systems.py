"""The names of code systems, and how codes of HL7 v2 are called in FHIR."""

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
SNOMED = "http://snomed.info/sct"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
IDENTIFIER_TYPE = "http://terminology.hl7.org/CodeSystem/v2-0203"
SPECIMEN_TYPE = "http://terminology.hl7.org/CodeSystem/v2-0487"
ACT_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
TAGS = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"

# As senders of HL7 v2 write the name of LOINC.
LOINC_NAMES = frozenset({"LN", "LOINC", LOINC})

# OBX-11, by interop.md 1.5
OBSERVATION_STATUS = {
    "F": "final",
    "C": "corrected",
    "A": "amended",
    "P": "preliminary",
    "R": "preliminary",
    "S": "preliminary",
    "B": "preliminary",
    "V": "final",
    "U": "final",
    "I": "registered",
    "O": "registered",
    "N": "registered",
    "D": "entered-in-error",
    "W": "entered-in-error",
    "X": "cancelled",
}
STATUS_WITHOUT_VALUE = frozenset({"registered", "cancelled", "entered-in-error"})
REPORT_STATUS = {
    "O": "registered",
    "I": "registered",
    "S": "registered",
    "A": "partial",
    "P": "preliminary",
    "R": "partial",
    "F": "final",
    "C": "corrected",
    "X": "cancelled",
}
OBSERVATION_STATUSES = (
    "registered",
    "preliminary",
    "final",
    "amended",
    "corrected",
    "cancelled",
    "entered-in-error",
    "unknown",
)
REPORT_STATUSES = (
    "registered",
    "partial",
    "preliminary",
    "final",
    "amended",
    "corrected",
    "appended",
    "cancelled",
    "entered-in-error",
    "unknown",
)
COMPARATORS = ("<", "<=", ">=", ">")
GENDERS = {"M": "male", "F": "female", "U": "unknown", "O": "other", "A": "other"}
FLAGS = frozenset({"N", "L", "LL", "H", "HH", "A", "AA", "<", ">"})
