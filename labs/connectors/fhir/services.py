"""Writes that come by FHIR: a result and where it belongs, the numbers of others, what is said of a panel."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from labs.blood.history import blood_history
from labs.blood.models import Analyte, BloodResult
from labs.blood.reading import Entered, read_result
from labs.blood.selectors import results_of_draw
from labs.blood.services import blood_result_retract
from labs.connectors.fhir.models import ExternalNumber, PanelReport
from labs.formats.fhir.elements import Identifier
from labs.formats.fhir.problems import Issue, Problem, refused
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
                row = ExternalNumber(kind=kind, specimen=specimen, analyte=analyte, system=number.system, value=number.value)
                create(row, by=by, reason=reason)
            elif (known.specimen_id, known.analyte_id) != (specimen.pk, analyte.pk if analyte else None):
                text = _("This identifier belongs to another one here.")
                raise Problem(409, Issue(text, f"{kind}.identifier", "duplicate"))


def place_observation(
    *,
    draw: Specimen,
    analyte: Analyte,
    entered: Entered,
    is_withdrawn: bool,
    numbers: Sequence[Identifier],
    known: BloodResult | None,
    by: Actor,
    reason: str,
) -> BloodResult:
    """The result of this analyte in this draw becomes what was sent: a first revision, a further one, or a withdrawal.

    `known` is the newest revision of what the sender means, by its number or its address. Without it, what the draw
    has already of the analyte came from somebody else, and only the same value goes with it.
    """
    with recording(by, reason):
        newest = known or results_of_draw(draw).get(analyte.pk)
        if is_withdrawn:
            if known is None:
                raise refused(_("There is no result with this identifier to withdraw."), "Observation.status", "not-found")
            result = known if known.is_retracted else blood_result_retract(result=known, by=by, reason=reason)
        else:
            new = _read(draw, analyte, entered)
            if newest is None:
                result = record(new, by=by, reason=reason)
            elif known is None and not _says_the_same(newest, new):
                text = _("The draw has another result of %s already, and not by this identifier.") % analyte.name
                raise Problem(409, Issue(text, "Observation.identifier", "duplicate"))
            else:
                result = newest if _says_the_same(newest, new) else supersede(newest, new, by=by, reason=reason)
        numbers_keep(kind=ExternalNumber.Kind.OBSERVATION, specimen=draw, analyte=analyte, numbers=numbers, by=by)
    return result


def _read(draw: Specimen, analyte: Analyte, entered: Entered) -> BloodResult:
    return read_result(draw, analyte, entered, blood_history([draw]).before(draw, analyte))


def _says_the_same(stored: BloodResult, new: BloodResult) -> bool:
    if stored.is_retracted:
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
    return "\n" + "\n".join(line for line in lines if line) + "\n" if any(lines) else ""
