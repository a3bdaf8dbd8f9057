"""Profiles and mappings from files, through the same services as the pages. The same files again change nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from labs.blood.analytes import Spelling, analyte_set
from labs.blood.models import Analyte
from labs.formats.errors import FormatError
from labs.formats.messages.site import AnalyteRule, SenderRule, Site
from labs.formats.messages.site_files import FORM, site_of
from labs.inbox.mapping.models import CodeMapping, InboxSettings, Sender
from labs.inbox.mapping.services import code_map, inbox_settings_set, sender_set, spellings_add
from labs.inbox.models import Port
from registry.log.actors import Actor
from registry.log.recording import recording

_NO_PROFILE: Mapping[str, Any] = {"form": FORM, "ports": {str(Port.PRODUCTION): {"processing_ids": ["P"]}}}


@dataclass(frozen=True)
class Imported:
    senders: int
    analytes: int
    codes: int


def documents_import(*, documents: Iterable[Mapping[str, Any]], by: Actor, reason: str = "") -> Imported:
    """All of the files or nothing. FormatError or ValidationError names the place that is wrong."""
    given = list(documents)
    profiles = [one for one in given if "ports" in one or "senders" in one]
    mappings = [one for one in given if "mappings" in one or "analytes" in one]
    if len(profiles) > 1:
        raise FormatError("Only one profile can be imported at a time.")
    if unknown := len(given) - len(profiles) - len(mappings):
        raise FormatError(f"{unknown} of the files are neither a profile nor mappings.")
    # An extension names analytes that are here already.
    stored = {"form": FORM, "analytes": {code: {} for code in Analyte.objects.values_list("code", flat=True)}}
    profile = profiles[0] if profiles else _NO_PROFILE
    site = site_of(profile, [*mappings, stored], str(Port.PRODUCTION))
    named = {code for one in mappings for code in one.get("analytes", {})}
    with recording(by, reason):
        if profiles or site.specimen_other:
            _general(site, by)
        for place, rule in enumerate(site.senders, start=1):
            _sender(rule, place, by, reason)
        for code in sorted(named):
            _analyte(site.analytes[code], _name(code, mappings), by, reason)
        _codes(site, by, reason)
    return Imported(len(site.senders), len(named), len(site.codes))


def _general(site: Site, by: Actor) -> None:
    known = InboxSettings.objects.order_by("pk").first() or InboxSettings()
    values = {
        "specimen_other": _joined(known.specimen_other, site.specimen_other),
        "comment_words": _joined(known.comment_words, site.comment_words),
    }
    inbox_settings_set(values=values, by=by)


def _joined(known: Iterable[str], more: Iterable[str]) -> list[str]:
    return list(dict.fromkeys([*known, *more]))


def _sender(rule: SenderRule, place: int, by: Actor, reason: str) -> None:
    """Settings of a sender that the file does not name stay as they are: a person may have made them."""
    values: dict[str, Any] = {
        "charset_if_empty": None if rule.charset_if_empty is None else list(rule.charset_if_empty),
        "status_if_empty": rule.status_if_empty,
        "obr_optional": rule.obr_optional,
        "patient_id_in_pid2": rule.patient_id_in_pid2,
        "msh9_missing": rule.msh9_missing,
        "decimal_comma": rule.decimal_comma,
        "peers": None if rule.peers is None else list(rule.peers),
    }
    known = Sender.objects.filter(pattern=rule.pattern).first()
    named = {name: value for name, value in values.items() if value is not None}
    sender_set(pattern=rule.pattern, by=by, reason=reason, position=known.position if known else place, **named)


def _name(code: str, mappings: list[Mapping[str, Any]]) -> str:
    named = (one["analytes"][code].get("name") for one in mappings if code in one.get("analytes", {}))
    return str(next(filter(None, named), code))


def _analyte(rule: AnalyteRule, name: str, by: Actor, reason: str) -> None:
    """What an analyte is called and where it is unusual stays; units, codes and words are added to it."""
    known = Analyte.objects.filter(code=rule.code).first()
    unit = rule.canonical_unit or next((unit for unit, _factor in rule.keep_units.values()), "")
    units, kept = rule.units, rule.keep_units
    if not rule.canonical_unit:
        units, kept = units | {sent: factor for sent, (_unit, factor) in kept.items()}, {}
    values: dict[str, Any] = {"loincs": list(rule.loinc), "name_words": list(rule.name_words)}
    if rule.words:
        words = known.words if known else {}
        values["words"] = {word: _joined(words.get(word, []), rule.words[word]) for word in words.keys() | rule.words}
    values["word_units"] = list(rule.word_units) if rule.words else []
    if known is None:
        low, high = rule.plausible
        values |= {"name": name, "unit": unit, "possible_low": max(low, -1e300), "possible_high": min(high, 1e300)}
        known = analyte_set(code=rule.code, spellings=[], by=by, reason=reason, **values)
    if known.unit != unit:
        raise ValidationError(
            _("%(code)s is in %(unit)s here, not in %(other)s: nothing was imported.")
            % {"code": rule.code, "unit": known.unit, "other": unit}
        )
    spellings_add(analyte=known, factors=units, by=by, reason=reason, **values)
    for each in dict.fromkeys(unit for unit, _factor in kept.values()):
        _kept(known, each, {sent: factor for sent, (to, factor) in kept.items() if to == each}, by, reason)


def _kept(analyte: Analyte, unit: str, factors: dict[str, float], by: Actor, reason: str) -> None:
    """The analyte that keeps this unit apart: the one that there is, or a new one named after both."""
    apart = Analyte.objects.filter(kept_of=analyte, unit=unit).first()
    if apart is None:
        apart = analyte_set(
            code=f"{analyte.code}-{''.join(filter(str.isalnum, unit)).upper()}"[:20],
            name=f"{analyte.name} ({unit})"[:80],
            unit=unit,
            kept_of=analyte,
            possible_low=analyte.possible_low,
            possible_high=analyte.possible_high,
            spellings=[Spelling(unit)],
            by=by,
            reason=reason,
        )
    spellings_add(analyte=apart, factors=factors, by=by, reason=reason)


def _codes(site: Site, by: Actor, reason: str) -> None:
    """The first row for a code, unit and specimen counts, and so does what a person mapped, or took back, here."""
    known = {(row.sender, row.code, row.unit, row.specimen) for row in CodeMapping.objects.all()}
    analytes = {row.code: row for row in Analyte.objects.all()}
    for rule in site.codes:
        key = (rule.sender, rule.code, rule.unit, rule.specimen)
        if key not in known:
            known.add(key)
            code_map(
                sender=rule.sender,
                code=rule.code,
                only_unit=rule.unit,
                only_specimen=rule.specimen,
                analyte=analytes[rule.analyte],
                by=by,
                reason=reason,
            )
