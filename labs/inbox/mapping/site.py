"""The receiving site as the pure readers know it, from the tables that people edit."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Q

from labs.blood.models import ANALYTES, Analyte, UnitSpelling
from labs.blood.units import normalised
from labs.formats.messages.site import AnalyteRule, CodeRule, SenderRule, Site
from labs.formats.messages.tables import SPECIMEN_OTHER
from labs.inbox.mapping.models import MAPPINGS, Authority, CodeMapping, InboxSettings, Sender
from labs.inbox.mapping.selectors import authorities_now, senders_now
from labs.inbox.models import Port
from registry.log.models import Stream
from registry.log.recording import is_recording

PROCESSING_IDS = {Port.PRODUCTION: frozenset({"P", "Q"}), Port.VALIDATION: frozenset({"T", "D"})}


def site_now(port: str) -> Site:
    return _site(port, senders_now())


def _site(port: str, listed: Iterable[Sender]) -> Site:
    general = InboxSettings.objects.order_by("pk").first() or InboxSettings()
    senders = tuple(_sender(row) for row in listed)
    mapped = CodeMapping.objects.filter(retired_reason="").order_by("pk")
    return Site(
        processing_ids=PROCESSING_IDS[Port(port)],
        senders=senders,
        analytes=analyte_rules(),
        codes=tuple(
            CodeRule(*values) for values in mapped.values_list("sender", "code", "analyte__code", "unit", "specimen")
        ),
        specimen_other=tuple(general.specimen_other or SPECIMEN_OTHER),
        comment_words=tuple(general.comment_words),
        allowed_senders=tuple(rule.pattern for rule in senders) if general.only_listed_senders else None,
        rows_per_message=settings.MESSAGE_ROWS,
        time_zone=settings.TIME_ZONE,
    )


def _sender(row: Sender) -> SenderRule:
    return SenderRule(
        pattern=row.pattern,
        charset_if_empty=None if row.charset_if_empty is None else tuple(row.charset_if_empty),
        status_if_empty=row.status_if_empty or None,
        obr_optional=row.obr_optional,
        patient_id_in_pid2=row.patient_id_in_pid2,
        msh9_missing=row.msh9_missing,
        decimal_comma=row.decimal_comma,
        peers=None if row.peers is None else tuple(row.peers),
    )


def analyte_rules() -> dict[str, AnalyteRule]:
    """By code; an analyte that is kept apart stands with the one that it is kept of."""
    rows = list(Analyte.objects.filter(retired_reason="").order_by("pk"))
    factors = _factors()
    kept: dict[int, list[Analyte]] = {}
    for row in rows:
        if row.kept_of_id is not None:
            kept.setdefault(row.kept_of_id, []).append(row)
    # As long as no site has said of any of them what it is called: each its own code by its own names.
    is_unsaid = not any(row.loincs or row.name_words for row in rows)
    return {row.code: _analyte(row, kept.get(row.pk, []), factors, is_unsaid=is_unsaid) for row in rows}


def _analyte(
    row: Analyte, kept: list[Analyte], factors: dict[int, dict[str, float]], *, is_unsaid: bool
) -> AnalyteRule:
    loincs, words = row.loincs, row.name_words
    if is_unsaid and row.loinc:
        loincs, words = [row.loinc], [row.code, re.split(r"[,(]", row.name)[0].strip()]
    return AnalyteRule(
        code=row.code,
        canonical_unit=row.unit,
        loinc=tuple(loincs),
        name_words=tuple(words),
        plausible=(row.possible_low, row.possible_high),
        units=factors.get(row.pk, {}),
        keep_units={unit: (each.unit, factor) for each in kept for unit, factor in factors.get(each.pk, {}).items()},
        words={word: tuple(spellings) for word, spellings in row.words.items()} if row.word_units else {},
        word_units=tuple(row.word_units),
    )


def _factors() -> dict[int, dict[str, float]]:
    """Spellings that mean something only together with a code, or on a scale of logarithms, are for people to enter."""
    found: dict[int, dict[str, float]] = {}
    rows = UnitSpelling.objects.filter(is_log10=False, only_with_loinc="").order_by("pk")
    for analyte, spelling, factor in rows.values_list("analyte_id", "spelling", "factor"):
        found.setdefault(analyte, {})[normalised(spelling)] = factor
    return found


class Catalogue:
    """The analytes of one moment: which one a judged row is of, by its code and the unit that it is kept in."""

    def __init__(self) -> None:
        rows = list(Analyte.objects.filter(retired_reason="").select_related("kept_of"))
        self._by_code = {row.code: row for row in rows}
        self._kept = {(row.kept_of.code, row.unit): row for row in rows if row.kept_of is not None}

    def analyte(self, code: str, unit: str) -> Analyte | None:
        row = self._by_code.get(code)
        return row if row is None or unit in ("", row.unit) else self._kept.get((code, unit))


@dataclass(frozen=True)
class Agreed:
    """All that was agreed, of one moment."""

    site: Site
    catalogue: Catalogue
    senders: list[Sender]
    # By name.
    authorities: dict[str, Authority]


_known: dict[str, tuple[tuple[Any, ...], Agreed]] = {}


def agreed_now(port: str) -> Agreed:
    """Read again when something of it changed: every message asks.

    The versions are asked before the tables: what changes in between is read once more. Inside a write they are not
    yet counted up.
    """
    if is_recording():
        return _agreed(port)
    versions = _versions()
    known = _known.get(port)
    if known is None or known[0] != versions:
        known = _known[port] = (versions, _agreed(port))
    return known[1]


def _agreed(port: str) -> Agreed:
    senders = senders_now()
    return Agreed(_site(port, senders), Catalogue(), senders, authorities_now())


def _versions() -> tuple[Any, ...]:
    # With the time: a version that was undone is given again.
    rows = Stream.objects.filter(Q(domain=MAPPINGS) | Q(domain__startswith=ANALYTES), cohort=None)
    found = rows.order_by("pk").values_list("pk", "version", "changed_at")
    return (settings.MESSAGE_ROWS, settings.TIME_ZONE, *found)
