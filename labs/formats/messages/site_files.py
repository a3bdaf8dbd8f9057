"""A site from its two files: the profile (who sends what and how) and the mappings (which code is which analyte)."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from labs.formats.errors import FormatError
from labs.formats.messages import tables
from labs.formats.messages.matching import specimen_words
from labs.formats.messages.site import AnalyteRule, CodeRule, SenderRule, Site
from labs.formats.messages.units import normal_unit

FORM = 1
MEANINGS = {"value": "value", "value_not_for_analysis": "unverified"} | {
    name: name for name in ("pending", "withdrawn", "no_result", "questionable")
}
SWITCHES = ("obr_optional", "patient_id_in_pid2", "msh9_missing", "decimal_comma")


def site_of(profile: object, mappings: object, port: str) -> Site:
    """`mappings` is a document or a list of them, what is extended first: the first row that fits counts.

    Raises FormatError that names the place. `port` is one of the profile's: production or validation.
    """
    said = _Document(profile, "profile")
    documents = [_Document(one, "mappings") for one in (mappings if isinstance(mappings, list | tuple) else [mappings])]
    if not documents:
        raise FormatError("There are none.", column="mappings")
    ports = said.object("ports")
    if port not in ports.content:
        raise FormatError("The profile has no such port.", column="ports", value=port)
    analytes = {code: _analyte(rule) for one in reversed(documents) for code, rule in one.objects("analytes")}
    codes = tuple(_code(row, analytes) for one in documents for row in one.rows("mappings"))
    charset, orders = said.object("charset"), said.object("obr25")
    return Site(
        processing_ids=frozenset(ports.object(port).texts("processing_ids")),
        senders=tuple(_sender(row) for row in said.rows("senders")),
        analytes=analytes,
        codes=codes,
        specimen_other=tuple(dict.fromkeys(word for one in documents for word in one.texts("specimen_other"))),
        comment_words=said.texts("comment_words"),
        allowed_senders=said.texts("allowed_senders") if "allowed_senders" in said.content else None,
        time_zone=_zone(said),
        charset_if_empty=charset.texts("if_empty") or ("utf-8",),
        astm_status_if_empty=said.object("astm_defaults").text("status_if_empty", "")
        if "astm_defaults" in said.content
        else "F",
        codecs=_codecs(charset.object("codecs")) or tables.CODECS,
        message_types=said.texts("message_types") or tables.MESSAGE_TYPES,
        value_types=frozenset(said.texts("value_types")) or tables.VALUE_TYPES,
        no_result_types=frozenset(said.texts("ignored_value_types")) or tables.NO_RESULT_TYPES,
        hl7_status=_statuses(said.object("obx11")) or tables.HL7_STATUS,
        astm_status=_statuses(said.object("astm_status")) or tables.ASTM_STATUS,
        orders_refused=frozenset(orders.texts("refused")) or tables.ORDERS_REFUSED,
        orders_without_result=frozenset(orders.texts("may_have_no_obx")) or tables.ORDERS_WITHOUT_RESULT,
    )


class _Document:
    """An object of the file; `place` is its way from the top, for the sentence of an error."""

    def __init__(self, content: object, place: str, *, is_top: bool = True) -> None:
        if not isinstance(content, Mapping):
            raise FormatError("This is no object.", column=place)
        self.content: Mapping[str, Any] = content
        self.place = place
        if is_top and content.get("form") != FORM:
            raise FormatError(f"This file is not of form {FORM}.", column=f"{place}.form")

    def _at(self, name: str) -> str:
        return f"{self.place}.{name}"

    def object(self, name: str) -> "_Document":
        return _Document(self.content.get(name, {}), self._at(name), is_top=False)

    def objects(self, name: str) -> list[tuple[str, "_Document"]]:
        inner = self.object(name)
        return [(key, inner.object(key)) for key in inner.content]

    def rows(self, name: str) -> list["_Document"]:
        return [
            _Document(row, f"{self._at(name)}[{number}]", is_top=False)
            for number, row in enumerate(self.list_of(name), start=1)
        ]

    def texts(self, name: str) -> tuple[str, ...]:
        values = self.list_of(name)
        if not all(isinstance(value, str) for value in values):
            raise FormatError("This is no list of texts.", column=self._at(name))
        return tuple(values)

    def text(self, name: str, otherwise: str | None = None) -> str:
        value = self.content.get(name, otherwise)
        if value is None and otherwise is not None:
            return otherwise
        if not isinstance(value, str):
            raise FormatError("This is missing or no text.", column=self._at(name))
        return value

    def number(self, name: str) -> float:
        return _number(self.content.get(name), self._at(name))

    def list_of(self, name: str) -> Sequence[Any]:
        value = self.content.get(name, ())
        if not isinstance(value, list | tuple):
            raise FormatError("This is no list.", column=self._at(name))
        return value


def _number(value: object, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FormatError("This is no number.", column=place)
    return float(value)


def _analyte(rule: _Document) -> AnalyteRule:
    units, kept, words = rule.object("units"), rule.object("keep_units"), rule.object("qualitative")
    limits = rule.list_of("plausible") or (float("-inf"), float("inf"))
    keep: dict[str, tuple[str, float]] = {}
    for unit in kept.content:
        pair = kept.list_of(unit)
        if len(pair) != 2 or not isinstance(pair[0], str):
            raise FormatError("This is not [unit, factor].", column=f"{kept.place}.{unit}")
        keep[unit] = (pair[0], _number(pair[1], f"{kept.place}.{unit}"))
    if len(limits) != 2:
        raise FormatError("This is not [lowest, highest].", column=f"{rule.place}.plausible")
    return AnalyteRule(
        code=rule.place.rpartition(".")[2],
        canonical_unit=rule.text("canonical_unit", ""),
        loinc=rule.texts("loinc"),
        name_words=rule.texts("name_words"),
        plausible=(_number(limits[0], f"{rule.place}.plausible"), _number(limits[1], f"{rule.place}.plausible")),
        units={unit: units.number(unit) for unit in units.content},
        keep_units=keep,
        words={word: words.texts(word) for word in words.content},
        word_units=rule.texts("qualitative_unit") or ("",),
    )


def _code(row: _Document, analytes: Mapping[str, AnalyteRule]) -> CodeRule:
    analyte = row.text("analyte")
    if analyte not in analytes:
        raise FormatError("No file that was given has this analyte.", column=f"{row.place}.analyte", value=analyte)
    return CodeRule(
        row.text("sender"),
        row.text("code"),
        analyte,
        unit=normal_unit(row.text("unit", "")),
        specimen=specimen_words(row.text("specimen", "")),
    )


def _sender(row: _Document) -> SenderRule:
    switches: dict[str, bool | None] = {}
    for name in SWITCHES:
        value = row.content.get(name)
        if value is not None and not isinstance(value, bool):
            raise FormatError("This is neither true nor false.", column=f"{row.place}.{name}")
        switches[name] = value
    return SenderRule(
        pattern=row.text("sender"),
        peers=row.texts("peers") if "peers" in row.content else None,
        charset_if_empty=row.texts("charset_if_empty") if "charset_if_empty" in row.content else None,
        status_if_empty=row.text("status_if_empty") if row.content.get("status_if_empty") is not None else None,
        **switches,
    )


def _zone(said: _Document) -> str:
    name = said.text("time_zone", "UTC")
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise FormatError("This is no time zone.", column="profile.time_zone", value=name) from None
    return name


def _codecs(said: _Document) -> dict[str, str]:
    return {name: said.text(name) for name, codec in said.content.items() if name and codec is not None}


def _statuses(said: _Document) -> dict[str, str]:
    return {letter: meaning for name, meaning in MEANINGS.items() for letter in said.texts(name)}
