"""What becomes of every row, decided in the order of interop.md: the first reason that fits counts."""

from dataclasses import replace
from math import isfinite
from typing import NamedTuple

from labs.formats.messages.judged import Judged, Outcome
from labs.formats.messages.keys import result_key
from labs.formats.messages.matching import match
from labs.formats.messages.received import Observation, Received, Standard, Verdict
from labs.formats.messages.senders import Settings, settings_of
from labs.formats.messages.site import AnalyteRule, Site
from labs.formats.messages.units import normal_unit
from labs.formats.messages.values import Value, is_comment, is_empty, value_of

WITHOUT_VALUE = {
    "pending": Outcome.IGNORED,
    "withdrawn": Outcome.IGNORED,
    "no_result": Outcome.IGNORED,
    "questionable": Outcome.QUARANTINED,
}


def judge(received: Received, site: Site) -> tuple[Judged, ...]:
    """Every row of an accepted message, in its order; nothing of one that is not accepted.

    Whether the whole message or a result was there before is for who keeps them.
    """
    if received.verdict is not Verdict.AA:
        return ()
    settings = settings_of(site, received.sender, received.standard)
    rows = [_judged(observation, received, settings, site) for observation in received.observations]
    return tuple(_without_repeats(rows, received, settings))


def same_result(row: Judged, settings: Settings) -> tuple[object, ...]:
    """Equal in two rows of one key when the second says nothing new."""
    return (row.value, row.unit, row.comparator, row.coded, status_of(row.observation, settings), row.withdraws)


def status_of(observation: Observation, settings: Settings) -> str:
    return observation.status.upper() or settings.status_if_empty


def _judged(observation: Observation, received: Received, settings: Settings, site: Site) -> Judged:
    found = match(observation, received.sender, received.standard, site)
    row = Judged(observation, Outcome.PLACED, analyte=found.analyte.code if found.analyte else "", code=found.code)
    statuses = site.astm_status if received.standard is Standard.ASTM else site.hl7_status
    status = status_of(observation, settings)
    if observation.is_control:
        return _quarantined(row, "control_material")
    if observation.value_type in site.no_result_types:
        return _ignored(row, "not_a_result")
    if not status:
        return _quarantined(row, "status_missing")
    if status not in statuses:
        return _quarantined(row, "status_unknown")
    if observation.value_type and observation.value_type not in site.value_types:
        return _quarantined(row, "value_type_unknown")
    if found.analyte is None:
        return _quarantined(row, "unmapped_code")
    return _measured(row, found.analyte, statuses[status], settings, site)


def _measured(row: Judged, analyte: AnalyteRule, meaning: str, settings: Settings, site: Site) -> Judged:
    if meaning in WITHOUT_VALUE:
        return replace(row, outcome=WITHOUT_VALUE[meaning], reason=meaning, withdraws=meaning == "withdrawn")
    if is_empty(row.observation):
        return _ignored(row, "no_value")
    if is_comment(row.observation, site.comment_words):
        return _ignored(row, "comment")
    unit = normal_unit(row.observation.unit, row.observation.delimiters)
    value = value_of(row.observation, analyte, unit, decimal_comma=settings.decimal_comma)
    if value is None:
        return _quarantined(row, "value_unparsable")
    return _placed(replace(row, for_analysis=meaning != "unverified"), analyte, unit, value)


class _Factor(NamedTuple):
    unit: str
    factor: float
    is_canonical: bool


def _factor(analyte: AnalyteRule, unit: str) -> _Factor | None:
    if unit in analyte.units:
        return _Factor(analyte.canonical_unit, analyte.units[unit], True)
    if unit in analyte.keep_units:
        return _Factor(*analyte.keep_units[unit], False)
    return None


def _placed(row: Judged, analyte: AnalyteRule, unit: str, value: Value) -> Judged:
    if value.number is None:
        return replace(row, coded=value.coded)
    factor = _factor(analyte, unit)
    if factor is None:
        return _quarantined(row, "unit_unknown")
    number = value.number * factor.factor
    if not isfinite(number):
        return _quarantined(row, "value_unparsable")
    row = replace(row, value=number, unit=factor.unit, comparator=value.comparator)
    lowest, highest = analyte.plausible
    if factor.is_canonical and not lowest <= number <= highest:
        return _quarantined(row, "implausible")
    return row


def _without_repeats(rows: list[Judged], received: Received, settings: Settings) -> list[Judged]:
    """Of one key the last row that says something new is the result; what repeats it is told apart."""
    last: dict[str, tuple[object, ...]] = {}
    found: list[Judged] = []
    for row in rows:
        if row.outcome is Outcome.PLACED or row.withdraws:
            key, says = result_key(row.observation, received), same_result(row, settings)
            if last.get(key) == says:
                row = replace(row, outcome=Outcome.IGNORED, reason="duplicate_row", withdraws=False)
            else:
                row = replace(row, is_conflict=key in last)
                last[key] = says
        found.append(row)
    return found


def _quarantined(row: Judged, reason: str) -> Judged:
    return replace(row, outcome=Outcome.QUARANTINED, reason=reason)


def _ignored(row: Judged, reason: str) -> Judged:
    return replace(row, outcome=Outcome.IGNORED, reason=reason)
