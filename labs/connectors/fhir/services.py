"""Writes that come by FHIR: a result and where it belongs, the numbers of others, what is said of a panel."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from labs.blood.models import Analyte, BloodResult, ResultStatus
from labs.blood.selectors import results_of_draw, revisions_of
from labs.blood.services import blood_result_retract
from labs.connectors.fhir.judging import Placeable
from labs.connectors.fhir.models import ExternalNumber, PanelReport
from labs.formats.fhir.elements import Identifier
from labs.formats.fhir.problems import Issue, Problem, refused
from labs.formats.messages.delimiters import STANDARD
from labs.inbox.models import MessageRow, RowReason
from labs.revisions import record, supersede
from labs.specimens.models import Specimen
from registry.log.actors import Actor
from registry.log.facts import create, put
from registry.log.recording import recording


def numbers_keep(
    *,
    kind: str,
    specimen: Specimen,
    numbers: Sequence[Identifier],
    analyte: Analyte | None = None,
    by: Actor,
    reason: str = "",
) -> None:
    """Adds the numbers that are new. One that stands for something else is refused, not moved."""
    with recording(by, reason):
        for number in numbers:
            known = ExternalNumber.objects.filter(kind=kind, system=number.system, value=number.value).first()
            if known is None:
                named = {"kind": kind, "system": number.system, "value": number.value}
                create(ExternalNumber(specimen=specimen, analyte=analyte, **named), by=by, reason=reason)
            elif (known.specimen_id, known.analyte_id) != (specimen.pk, analyte.pk if analyte else None):
                text = _("This identifier belongs to another one here.")
                raise Problem(409, Issue(text, f"{kind}.identifier", "duplicate"))


@dataclass(frozen=True)
class Meant:
    """`known` is the newest revision of what the sender means, by its number or its address.

    `may_overrule` where the sender names the version that is overruled.
    """

    draw: Specimen
    numbers: Sequence[Identifier]
    known: BloodResult | None = None
    may_overrule: bool = False


def place_observation(*, meant: Meant, placeable: Placeable, by: Actor, reason: str) -> BloodResult:
    """The result of the analyte in the draw becomes what was sent: a first revision, a further one or a withdrawal.

    What the draw has of the analyte already, and not by this number, came from somebody else: only the same value goes
    with it. A value that a person entered or corrected is never written over by accident.
    """
    analyte = placeable.analyte
    with recording(by, reason):
        newest = meant.known or results_of_draw(meant.draw).get(analyte.pk)
        if placeable.judged.withdraws:
            result = _withdrawn(meant, by, reason)
        else:
            result = _stored(meant, newest, _result(meant.draw, placeable), by, reason)
        numbers_keep(
            kind=ExternalNumber.Kind.OBSERVATION, specimen=meant.draw, analyte=analyte, numbers=meant.numbers, by=by
        )
    return result


def _withdrawn(meant: Meant, by: Actor, reason: str) -> BloodResult:
    if meant.known is None:
        text = _("There is no result with this identifier to withdraw.")
        raise refused(text, "Observation.identifier", "not-found")
    if meant.known.is_retracted:
        return meant.known
    _refuse_to_overrule(meant, meant.known)
    return blood_result_retract(result=meant.known, is_received=True, by=by, reason=reason)


def _stored(meant: Meant, newest: BloodResult | None, new: BloodResult, by: Actor, reason: str) -> BloodResult:
    if newest is None:
        return record(new, by=by, reason=reason)
    if _says_the_same(newest, new) or (meant.known and not meant.may_overrule and _is_older_word(newest, new)):
        return newest
    if meant.known is None and not newest.is_retracted:
        text = _("The draw has another result of %s already, and not by this identifier.") % new.analyte.name
        raise Problem(409, Issue(text, "Observation.identifier", "duplicate"))
    _refuse_to_overrule(meant, newest)
    return supersede(newest, new, by=by, reason=reason)


def _is_older_word(newest: BloodResult, new: BloodResult) -> bool:
    """What a message corrected since is sent once more: it is no news, unless the sender names the version."""
    rows = MessageRow.objects.filter(result=newest).exclude(reason=RowReason.UNCHANGED)
    if not rows.exists():
        return False
    return any(_says_the_same(each, new) for each in revisions_of(newest))


def _refuse_to_overrule(meant: Meant, newest: BloodResult) -> None:
    if not newest.is_received and not meant.may_overrule:
        text = _("A person entered or corrected the stored value: name its version in If-Match to overrule it.")
        raise Problem(409, Issue(text, "Observation", "conflict"))


def _result(draw: Specimen, placeable: Placeable) -> BloodResult:
    judged = placeable.judged
    statuses = {"C": ResultStatus.CORRECTED, "A": ResultStatus.AMENDED}
    final = statuses.get(judged.observation.status, ResultStatus.FINAL)
    return BloodResult(
        specimen=draw,
        analyte=placeable.analyte,
        comparator=judged.comparator,
        value=judged.value,
        coded=judged.coded[:30],
        entered_value=STANDARD.unescape(judged.observation.raw).strip()[:30],
        entered_unit=placeable.unit_sent[:30],
        status=final if judged.for_analysis else ResultStatus.PRELIMINARY,
        is_received=True,
    )


def _says_the_same(stored: BloodResult, new: BloodResult) -> bool:
    """As results, not as texts; and a value that was preliminary becomes another when it is final."""
    if stored.is_retracted or stored.is_preliminary != new.is_preliminary:
        return False
    return (stored.comparator, stored.value, stored.coded) == (new.comparator, new.value, new.coded)


def panel_report_keep(
    *,
    draw: Specimen,
    status: str,
    codes: Sequence[Identifier],
    orders: Sequence[Identifier],
    numbers: Sequence[Identifier],
    by: Actor,
    reason: str,
) -> PanelReport:
    """Codes and orders are added to those known: one draw may be reported on in parts."""
    with recording(by, reason):
        known = PanelReport.objects.filter(specimen=draw).first()
        values = {
            "status": status,
            "codes": _lines(known.codes if known else "", codes),
            "orders": _lines(known.orders if known else "", orders),
        }
        report = put(PanelReport, key={"specimen": draw}, values=values, by=by, reason=reason)
        numbers_keep(kind=ExternalNumber.Kind.REPORT, specimen=draw, numbers=numbers, by=by)
    return report


def _lines(known: str, more: Sequence[Identifier]) -> str:
    """Each line between two line ends, so that one can be looked for."""
    lines = dict.fromkeys([*known.split("\n"), *(" ".join(str(each).split()) for each in more)])
    kept = [line for line in lines if line]
    return "\n" + "\n".join(kept) + "\n" if kept else ""
