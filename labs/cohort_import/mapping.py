"""The mapping of a data file: which column is which fact. docs/user/importing.md explains each key."""

import tomllib
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from labs.cohort_import.errors import ImportRefused
from labs.cohort_import.schema import COLUMN, decode, one_of
from labs.markers.models import Scale
from labs.specimens.models import SpecimenKind
from registry.clinical.models import ExtraVariable, FollowUp, Precision, Treatment
from registry.cohorts.models import EligibilityRule, EventKind, IndexEvent

ENCODINGS = {"utf-8": "utf-8-sig", "latin-1": "latin-1", "gb18030": "gb18030"}
ISO = "%Y-%m-%d"
DAYS_PER_MONTH = 30.4375


@dataclass(frozen=True)
class FileSection:
    encoding: str = field(default="utf-8", metadata=one_of(list(ENCODINGS)))
    delimiter: str = field(default="", metadata=one_of(["", ",", ";", "\t", "|"]))
    decimal: str = field(default=".", metadata=one_of([".", ","]))
    sheet: str = ""
    blank: tuple[str, ...] = ("", "NA")


@dataclass(frozen=True)
class CohortSection:
    code: str
    name: str
    site: str
    index_event: str = field(metadata=one_of(IndexEvent.values))
    site_name: str = ""
    description: str = ""
    data_cut: date | None = None
    simulated: bool = False
    early_recurrence_months: float | None = None
    follow_up_months: int | None = None


@dataclass(frozen=True)
class EndpointSection:
    code: str
    name: str
    events: tuple[str, ...]


@dataclass(frozen=True)
class EligibilitySection:
    kind: str = field(metadata=one_of(EligibilityRule.Kind.values))
    text: str
    variable: str
    operator: str = field(metadata=one_of(EligibilityRule.Operator.values))
    values: tuple[Any, ...] = ()


@dataclass(frozen=True)
class PatientSection:
    study_number: str = field(default="", metadata=COLUMN)
    # For files that number nobody: the first patient is 1.
    number_rows: bool = False
    prefix: str = ""
    digits: int = 0
    sex: str = field(default="", metadata=COLUMN)
    sex_codes: dict[str, str] = field(default_factory=dict)
    index_date: str = field(default="", metadata=COLUMN)
    format: str = ISO


@dataclass(frozen=True)
class IdentitySection:
    name: str = field(default="", metadata=COLUMN)
    record_number: str = field(default="", metadata=COLUMN)
    birth_date: str = field(default="", metadata=COLUMN)
    phone: str = field(default="", metadata=COLUMN)
    format: str = ISO


@dataclass(frozen=True)
class BaselineField:
    column: str = field(metadata=COLUMN)
    codes: dict[str, Any] = field(default_factory=dict)
    factor: float = 1.0


@dataclass(frozen=True)
class TimesSection:
    endpoint: str
    event: str = field(metadata=COLUMN)
    months: str = field(default="", metadata=COLUMN)
    days: str = field(default="", metadata=COLUMN)
    # the time of who has had no event, where the column above is blank
    last_contact: str = field(default="", metadata=COLUMN)
    days_per_month: float = DAYS_PER_MONTH
    event_value: tuple[str, ...] = ("1",)
    censored_value: tuple[str, ...] = ("0",)


@dataclass(frozen=True)
class EventSection:
    kind: str = field(metadata=one_of(EventKind.values))
    day: str = field(metadata=COLUMN)
    method: str = field(default="", metadata=COLUMN)
    format: str = ISO
    precision: str = field(default="day", metadata=one_of(Precision.values))


@dataclass(frozen=True)
class TreatmentSection:
    kind: str = field(metadata=one_of(Treatment.Kind.values))
    start: str = field(metadata=COLUMN)
    end: str = field(default="", metadata=COLUMN)
    agent: str = field(default="", metadata=COLUMN)
    format: str = ISO
    precision: str = field(default="day", metadata=one_of(Precision.values))


@dataclass(frozen=True)
class ContactSection:
    day: str = field(metadata=COLUMN)
    mode: str = field(default="visit", metadata=one_of(FollowUp.Mode.values))
    format: str = ISO


@dataclass(frozen=True)
class ResponseSection:
    column: str = field(metadata=COLUMN)
    responder: tuple[str, ...]
    non_responder: tuple[str, ...]
    definition: str


@dataclass(frozen=True)
class ExtraSection:
    column: str = field(metadata=COLUMN)
    code: str
    label: str
    type: str = field(metadata=one_of(ExtraVariable.Type.values))
    unit: str = ""
    # {"0": "negative"}, or only ["0", "1"] where nobody has said what the codes mean
    codes: Any = field(default_factory=dict)

    @property
    def levels(self) -> dict[str, str]:
        if isinstance(self.codes, dict):
            return {str(code): str(label) for code, label in self.codes.items()}
        return {str(code): str(code) for code in self.codes}


@dataclass(frozen=True)
class MarkerSection:
    code: str
    name: str
    scale: str = field(metadata=one_of(Scale.values))
    unit: str = ""


@dataclass(frozen=True)
class AnalyteSection:
    code: str
    name: str
    unit: str
    highest: float
    lowest: float = 0.0
    # further spellings of the unit, with their factor to it
    spellings: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class SpecimenSection:
    code: str = field(default="", metadata=COLUMN)
    collected: str = field(default="", metadata=COLUMN)
    format: str = ISO


@dataclass(frozen=True)
class IhcSection:
    marker: str
    specimen: str = field(metadata=one_of(SpecimenKind.values))
    reader: str = "import"
    density: str = field(default="", metadata=COLUMN)
    intensity: str = field(default="", metadata=COLUMN)
    percent: str = field(default="", metadata=COLUMN)
    extent: str = field(default="", metadata=COLUMN)
    fields: tuple[str, ...] = field(default=(), metadata=COLUMN)

    @property
    def key_column(self) -> str:
        return self.density or self.intensity or (self.fields[0] if self.fields else "")


@dataclass(frozen=True)
class BloodSection:
    column: str = field(metadata=COLUMN)
    analyte: str
    unit: str = ""
    accept_unusual: bool = False


@dataclass(frozen=True)
class CutoffSection:
    variable: str
    status: str = field(metadata=one_of(["registered", "published"]))
    value: float
    source: str


@dataclass(frozen=True)
class AnalysisSection:
    slug: str
    title: str
    kind: str
    registered: bool = False
    order: int = 100
    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Mapping:
    cohort: CohortSection
    patient: PatientSection
    file: FileSection = FileSection()
    endpoints: tuple[EndpointSection, ...] = ()
    eligibility: tuple[EligibilitySection, ...] = ()
    identity: IdentitySection | None = None
    baseline: dict[str, BaselineField] = field(default_factory=dict)
    times: tuple[TimesSection, ...] = ()
    events: tuple[EventSection, ...] = ()
    treatments: tuple[TreatmentSection, ...] = ()
    contacts: tuple[ContactSection, ...] = ()
    response: ResponseSection | None = None
    extra: tuple[ExtraSection, ...] = ()
    markers: tuple[MarkerSection, ...] = ()
    analytes: tuple[AnalyteSection, ...] = ()
    specimens: dict[str, SpecimenSection] = field(default_factory=dict)
    ihc: tuple[IhcSection, ...] = ()
    blood: tuple[BloodSection, ...] = ()
    cutoffs: tuple[CutoffSection, ...] = ()
    analyses: tuple[AnalysisSection, ...] = ()


def load_mapping(path: Path) -> Mapping:
    try:
        return parse_mapping(path.read_bytes())
    except OSError as error:
        raise ImportRefused(_("%(file)s cannot be read: %(why)s.") % {"file": path, "why": error.strerror}) from error
    except ImportRefused as error:
        raise ImportRefused(f"{path.name}: {sentence}" for sentence in error.sentences) from error


def parse_mapping(content: bytes) -> Mapping:
    try:
        document = tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ImportRefused(_("The mapping is not UTF-8 text.")) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ImportRefused(_("This is not valid TOML: %(why)s.") % {"why": str(error).rstrip(".")}) from error
    return decode(Mapping, document)
