"""Writes of what was agreed with senders. Every one is a change with its row in the log."""

from typing import Any, NotRequired, TypedDict

from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils.translation import gettext as _

from labs.blood.analytes import Spelling, analyte_set
from labs.blood.models import Analyte
from labs.blood.units import normalised
from labs.formats.messages.matching import specimen_words
from labs.formats.messages.units import normal_unit
from labs.inbox.mapping.models import Authority, CodeMapping, InboxSettings, NumberKind, Sender
from registry.log.actors import Actor
from registry.log.facts import create, put, retire, update
from registry.log.recording import recording
from registry.people.models import Site

SETTINGS = (
    "site",
    "default_authority",
    "charset_if_empty",
    "status_if_empty",
    "obr_optional",
    "patient_id_in_pid2",
    "msh9_missing",
    "decimal_comma",
    "peers",
)


def inbox_settings_set(
    *, values: dict[str, Any], expected_version: int | None = None, by: Actor, reason: str = ""
) -> InboxSettings:
    with recording(by, reason):
        row = InboxSettings.objects.order_by("pk").first()
        if row is None:
            return create(InboxSettings(**values), by=by, reason=reason)
        return update(row, values, expected_version=expected_version, by=by, reason=reason)


def sender_set(*, pattern: str, by: Actor, reason: str = "", **values: Any) -> Sender:
    """A new pattern goes to the end of the order, unless `position` says otherwise."""
    pattern = pattern.strip()
    with recording(by, reason):
        if "position" not in values and not Sender.objects.filter(pattern=pattern).exists():
            last = Sender.objects.aggregate(last=Max("position"))["last"]
            values["position"] = 1 if last is None else last + 1
        return put(Sender, key={"pattern": pattern}, values=values, by=by, reason=reason)


def sender_add(*, pattern: str, by: Actor, reason: str = "", **values: Any) -> Sender:
    """As `sender_set`, by somebody who believes that it is not listed: nothing is written over."""
    with recording(by, reason):
        if Sender.objects.filter(pattern=pattern.strip(), retired_reason="").exists():
            raise ValidationError({"pattern": _("This sender is listed already: change what is there.")})
        return sender_set(pattern=pattern, by=by, reason=reason, **(_unset() | values))


def _unset() -> dict[str, Any]:
    """What one that was taken back had is not taken up again."""
    blank = Sender()
    return {name: getattr(blank, name) for name in SETTINGS}


def sender_change(*, sender: Sender, changes: dict[str, Any], expected_version: int, by: Actor, reason: str) -> Sender:
    return update(sender, changes, expected_version=expected_version, by=by, reason=reason)


def sender_retire(*, sender: Sender, expected_version: int, by: Actor, reason: str) -> Sender:
    """Its settings hold no longer; what was received stays as it is."""
    return retire(sender, expected_version=expected_version, by=by, reason=reason)


def authority_set(*, name: str, site: Site, kind: str = NumberKind.RECORD, by: Actor, reason: str = "") -> Authority:
    values = {"site": site, "kind": kind}
    return put(Authority, key={"name": name.strip()}, values=values, by=by, reason=reason)


def authority_add(*, name: str, site: Site, kind: str = NumberKind.RECORD, by: Actor, reason: str = "") -> Authority:
    with recording(by, reason):
        if Authority.objects.filter(name=name.strip(), retired_reason="").exists():
            raise ValidationError({"name": _("This authority is listed already: change what is there.")})
        return authority_set(name=name, site=site, kind=kind, by=by, reason=reason)


def authority_change(
    *, authority: Authority, changes: dict[str, Any], expected_version: int, by: Actor, reason: str
) -> Authority:
    """Results that are placed stay; what comes next is looked for by the numbers as they are said to be now."""
    return update(authority, changes, expected_version=expected_version, by=by, reason=reason)


def authority_retire(*, authority: Authority, expected_version: int, by: Actor, reason: str) -> Authority:
    return retire(authority, expected_version=expected_version, by=by, reason=reason)


class Meaning(TypedDict):
    """What `code_map` says of a code."""

    sender: str
    code: str
    analyte: Analyte
    only_unit: NotRequired[str]
    only_specimen: NotRequired[str]
    unit: NotRequired[str]
    factor: NotRequired[float | None]


def code_map(
    *,
    sender: str,
    code: str,
    analyte: Analyte,
    only_unit: str = "",
    only_specimen: str = "",
    unit: str = "",
    factor: float | None = None,
    by: Actor,
    reason: str = "",
) -> CodeMapping:
    """From now on this code of this sender means the analyte, in `only_unit` and of `only_specimen` where they are
    given. With a factor `unit` is one more of the analyte's. What it means already is corrected, not written over."""
    key = {"sender": sender.strip(), "code": code.strip()} | _compared(only_unit, only_specimen)
    with recording(by, reason):
        known = CodeMapping.objects.filter(**key, retired_reason="").select_related("analyte").first()
        if known is not None and known.analyte_id != analyte.pk:
            text = _("This code of this sender means %s already: correct that mapping, or name a unit or a specimen.")
            raise ValidationError({"code": text % known.analyte.name})
        if factor is not None:
            spelling_add(analyte=analyte, spelling=unit, factor=factor, by=by, reason=reason)
        return put(CodeMapping, key=key, values={"analyte": analyte}, by=by, reason=reason)


def _compared(unit: str, specimen: str) -> dict[str, str]:
    return {"unit": normal_unit(unit), "specimen": specimen_words(specimen)}


def code_change(
    *,
    mapping: CodeMapping,
    analyte: Analyte,
    only_unit: str,
    only_specimen: str,
    expected_version: int,
    by: Actor,
    reason: str,
) -> CodeMapping:
    """Results that are placed stay as they are; what comes next is read by the mapping as it is now."""
    changes = {"analyte": analyte} | _compared(only_unit, only_specimen)
    return update(mapping, changes, expected_version=expected_version, by=by, reason=reason)


def code_unmap(*, mapping: CodeMapping, expected_version: int, by: Actor, reason: str) -> CodeMapping:
    """Results that are placed stay; the next ones wait again."""
    return retire(mapping, expected_version=expected_version, by=by, reason=reason)


def spelling_add(*, analyte: Analyte, spelling: str, factor: float, by: Actor, reason: str = "") -> Analyte:
    return spellings_add(analyte=analyte, factors={spelling: factor}, by=by, reason=reason)


def spellings_add(
    *, analyte: Analyte, factors: dict[str, float], by: Actor, reason: str = "", **values: Any
) -> Analyte:
    """Adds spellings that the analyte does not know; a known one with another factor is refused."""
    present = [
        Spelling(row.spelling, row.factor, row.is_log10, row.only_with_loinc)
        for row in analyte.spellings.order_by("pk")
    ]
    plain = {normalised(row.spelling): row for row in present if not row.only_with_loinc}
    added = []
    for spelling, factor in factors.items():
        known = plain.get(normalised(spelling))
        if known is None:
            added.append(Spelling(spelling, factor))
        elif known.is_log10 or known.factor != factor:
            raise ValidationError(
                {
                    "unit": _("“%(unit)s” of %(name)s has the factor %(known)s already, not %(factor)s.")
                    % {"unit": spelling, "name": analyte.name, "known": f"{known.factor:g}", "factor": f"{factor:g}"}
                }
            )
    return analyte_set(code=analyte.code, spellings=[*present, *added], by=by, reason=reason, **values)
