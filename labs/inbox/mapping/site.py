"""The receiving site as the pure readers know it, from the tables that people edit."""

from collections.abc import Iterable, Sequence

from django.conf import settings

from labs.blood.models import Analyte
from labs.blood.units import normalised
from labs.formats.messages.site import AnalyteRule, CodeRule, SenderRule, Site
from labs.inbox.mapping.models import CodeMapping, InboxSettings, Sender
from labs.inbox.models import Port

PROCESSING_IDS = {Port.PRODUCTION: frozenset({"P", "Q"}), Port.VALIDATION: frozenset({"T", "D"})}


def site_now(port: str, codes: Sequence[CodeRule] = (), analytes: Iterable[AnalyteRule] = ()) -> Site:
    """`codes` and `analytes` are tried beside what is stored, before it: for a look before saving."""
    general = InboxSettings.objects.order_by("pk").first() or InboxSettings()
    senders = tuple(_sender(row) for row in Sender.objects.filter(retired_reason=""))
    mapped = CodeMapping.objects.filter(retired_reason="").select_related("analyte").order_by("pk")
    return Site(
        processing_ids=PROCESSING_IDS[Port(port)],
        senders=senders,
        analytes=analyte_rules() | {rule.code: rule for rule in analytes},
        codes=(*codes, *(CodeRule(row.sender, row.code, row.analyte.code) for row in mapped)),
        specimen_other=tuple(general.specimen_other),
        comment_words=tuple(general.comment_words),
        allowed_senders=tuple(rule.pattern for rule in senders) if general.only_listed_senders else None,
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
    )


def analyte_rules() -> dict[str, AnalyteRule]:
    """By code; an analyte that is kept apart stands with the one that it is kept of."""
    rows = list(Analyte.objects.filter(retired_reason="").prefetch_related("spellings").order_by("pk"))
    kept: dict[int, list[Analyte]] = {}
    for row in rows:
        if row.kept_of_id is not None:
            kept.setdefault(row.kept_of_id, []).append(row)
    return {row.code: _analyte(row, kept.get(row.pk, [])) for row in rows}


def _analyte(row: Analyte, kept: list[Analyte]) -> AnalyteRule:
    return AnalyteRule(
        code=row.code,
        canonical_unit=row.unit,
        loinc=tuple(row.loincs),
        name_words=tuple(row.name_words),
        plausible=(row.possible_low, row.possible_high),
        units=_factors(row),
        keep_units={unit: (each.unit, factor) for each in kept for unit, factor in _factors(each).items()},
        words={word: tuple(spellings) for word, spellings in row.words.items()} if row.word_units else {},
        word_units=tuple(row.word_units),
    )


def _factors(row: Analyte) -> dict[str, float]:
    """Spellings that mean something only together with a code, or on a scale of logarithms, are for people to enter."""
    plain = (each for each in row.spellings.all() if not each.is_log10 and not each.only_with_loinc)
    return {normalised(each.spelling): each.factor for each in plain}


def kept_analyte(code: str, unit: str) -> Analyte | None:
    """The analyte whose results these are: that of the code, or the one kept apart in this unit."""
    row = Analyte.objects.filter(code=code).first()
    if row is None or unit in ("", row.unit):
        return row
    return Analyte.objects.filter(kept_of=row, unit=unit, retired_reason="").first()
