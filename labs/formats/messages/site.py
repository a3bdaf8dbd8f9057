"""The receiving site, as its settings say: who sends what and how, and which code means which analyte."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from zoneinfo import ZoneInfo

from labs.formats.messages import tables


@dataclass(frozen=True)
class SenderRule:
    """Settings for the senders that `pattern` fits ("MSH-3.1|MSH-4.1", * for any text, case ignored).

    None is "not set by this rule": per setting the first rule that fits and sets it decides.
    """

    pattern: str
    charset_if_empty: tuple[str, ...] | None = None
    status_if_empty: str | None = None
    obr_optional: bool | None = None
    patient_id_in_pid2: bool | None = None
    msh9_missing: bool | None = None
    decimal_comma: bool | None = None
    # Addresses or networks that the sender sends from.
    peers: tuple[str, ...] | None = None


@dataclass(frozen=True)
class AnalyteRule:
    """Units are spelled as normalised: factors to `canonical_unit`, or a unit that is kept as it is with its factor."""

    code: str
    canonical_unit: str = ""
    loinc: tuple[str, ...] = ()
    name_words: tuple[str, ...] = ()
    plausible: tuple[float, float] = (float("-inf"), float("inf"))
    units: dict[str, float] = field(default_factory=dict)
    keep_units: dict[str, tuple[str, float]] = field(default_factory=dict)
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    word_units: tuple[str, ...] = ("",)


@dataclass(frozen=True)
class CodeRule:
    """Both spelled as compared: `unit` by normal_unit, `specimen` by specimen_words; "" fits any."""

    sender: str
    code: str
    analyte: str
    unit: str = ""
    specimen: str = ""

    @property
    def precision(self) -> int:
        return bool(self.unit) + bool(self.specimen)


@dataclass(frozen=True)
class Site:
    """Everything that reading and judging need to know; the lists of codes and reasons are those of interop.md."""

    processing_ids: frozenset[str]
    senders: tuple[SenderRule, ...] = ()
    analytes: dict[str, AnalyteRule] = field(default_factory=dict)
    codes: tuple[CodeRule, ...] = ()
    specimen_other: tuple[str, ...] = ()
    comment_words: tuple[str, ...] = ()
    # None: whoever sends is accepted.
    allowed_senders: tuple[str, ...] | None = None
    # Most results, and most patients, of one message.
    rows_per_message: int = 10_000
    # Times without an offset are of this zone.
    time_zone: str = "UTC"
    charset_if_empty: tuple[str, ...] = ("utf-8",)
    astm_status_if_empty: str = "F"
    codecs: Mapping[str, str] = field(default_factory=lambda: tables.CODECS)
    message_types: Collection[str] = tables.MESSAGE_TYPES
    value_types: Collection[str] = tables.VALUE_TYPES
    no_result_types: Collection[str] = tables.NO_RESULT_TYPES
    hl7_status: Mapping[str, str] = field(default_factory=lambda: tables.HL7_STATUS)
    astm_status: Mapping[str, str] = field(default_factory=lambda: tables.ASTM_STATUS)
    orders_refused: Collection[str] = tables.ORDERS_REFUSED
    orders_without_result: Collection[str] = tables.ORDERS_WITHOUT_RESULT

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)
