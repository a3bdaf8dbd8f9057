"""An Observation judged as a result message is: by the site's codes, units and limits, with the same reasons.

What a message may leave in the inbox is refused here, and the refusal names the element: the sender waits for the
answer, and 201 with an address at which nothing is found would be untrue.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from labs.blood.models import Analyte
from labs.blood.selectors import analytes
from labs.connectors.fhir import names
from labs.connectors.fhir.asking import Asker
from labs.formats.fhir.observations import ObservationSent
from labs.formats.fhir.problems import Issue, Problem, refused
from labs.formats.fhir.systems import LOINC
from labs.formats.messages.delimiters import STANDARD
from labs.formats.messages.judged import Judged, Outcome
from labs.formats.messages.judging import judge
from labs.formats.messages.matching import match
from labs.formats.messages.received import Coding, Observation, Received, Standard, Verdict
from labs.formats.messages.site import AnalyteRule, CodeRule, Site
from labs.inbox.mapping.site import Catalogue, site_now
from labs.inbox.models import Port
from registry.log.recording import known_once

CODE, VALUE, UNIT, STATUS = "Observation.code", "Observation.value", "Observation.value.unit", "Observation.status"
_REFUSALS = {
    "control_material": ("Observation.meta.tag", "business-rule", gettext_lazy("Control material is no patient's.")),
    "unmapped_code": (CODE, "code-invalid", gettext_lazy("No analyte here is meant by this code and name.")),
    "unit_unknown": (UNIT, "code-invalid", gettext_lazy("This is no unit of the analyte.")),
    "implausible": (VALUE, "value", gettext_lazy("This value is impossible for the analyte.")),
    "value_unparsable": (
        VALUE,
        "value",
        gettext_lazy("This is neither a number nor a result in words of the analyte."),
    ),
    "no_value": (VALUE, "required", gettext_lazy("A result has a value.")),
    "comment": (VALUE, "value", gettext_lazy("This is a comment and no value.")),
    "pending": (STATUS, "not-supported", gettext_lazy("Send the result when there is one.")),
    "no_result": (STATUS, "not-supported", gettext_lazy("Without a result there is nothing to store.")),
    "status_missing": (STATUS, "not-supported", gettext_lazy("Say whether the result is final.")),
}


@dataclass(frozen=True)
class Placeable:
    """`unit_sent` is the unit by which the value was read."""

    judged: Judged
    analyte: Analyte
    unit_sent: str


def sender_of(asker: Asker) -> str:
    """As rows of the code table name it: FHIR|the login."""
    return f"FHIR|{asker.user.username}"


def judged_observation(asker: Asker, sent: ObservationSent) -> Placeable:
    """The one meaning that all codes, units and wordings of the value agree on."""
    site = _with_our_codes(known_once("fhir: site", lambda: site_now(Port.PRODUCTION)), sent)
    observation = sent.observation
    for unit in sent.units or ("",):
        _refuse_two_analytes(replace(observation, unit=unit), sender_of(asker), site)
    found = [(_judged(each, sender_of(asker), site), each.unit) for each in _wordings(observation, sent)]
    meanings = {
        (judged.analyte, judged.value, judged.unit, judged.coded) for judged, _unit in found if judged.value is not None
    }
    if len(meanings) > 1:
        raise Problem(422, Issue(_("The unit and its code contradict each other."), UNIT, "conflict"))
    placed = [(judged, unit) for judged, unit in found if judged.outcome is Outcome.PLACED or judged.withdraws]
    if not placed:
        raise _refusal(found[0][0])
    judged, unit = placed[-1]
    analyte = known_once("fhir: analytes kept", Catalogue).analyte(judged.analyte, judged.unit)
    if analyte is None:
        raise _refusal(replace(judged, reason="unit_unknown"))
    return Placeable(judged, analyte, unit)


def _with_our_codes(site: Site, sent: ObservationSent) -> Site:
    """A code of our own system means what it says. So does LOINC, by our catalogue, unless the name beside it objects:
    a device may send the code of another test. What the site's tables say of other codes goes beside that."""
    rows = known_once("fhir: analytes", analytes)
    known = {code: _in_words(rule, rows[code]) if code in rows else rule for code, rule in site.analytes.items()}
    codes = [
        CodeRule("*", coding.code, analyte.code)
        for coding in sent.codings
        for analyte in rows.values()
        if _means(coding, analyte)
    ]
    ours = {rule.code for rule in codes}
    return replace(site, analytes=known, codes=(*codes, *(rule for rule in site.codes if rule.code not in ours)))


def _means(coding: Coding, analyte: Analyte) -> bool:
    if coding.system == names.system(names.ANALYTE):
        return coding.code == analyte.code
    if coding.system != LOINC or coding.code not in (analyte.loinc, *analyte.loincs):
        return False
    name, words = coding.text.casefold(), analyte.name_words
    return not (name and words) or any(word.casefold() in name for word in words)


def _in_words(rule: AnalyteRule, analyte: Analyte) -> AnalyteRule:
    """A result in words has no unit in FHIR, whatever units messages may give it."""
    words = {word: (word, *spellings) for word, spellings in analyte.words.items()}
    return replace(rule, words=words, word_units=("", *rule.word_units)) if words else rule


def _refuse_two_analytes(observation: Observation, sender: str, site: Site) -> None:
    each = (
        match(replace(observation, codings=(coding,)), sender, Standard.HL7, site) for coding in observation.codings
    )
    meant = sorted({found.analyte.code for found in each if found.analyte})
    if len(meant) > 1:
        raise refused(_("The codes mean different analytes here: %s.") % ", ".join(meant), CODE, "code-invalid")


def _wordings(observation: Observation, sent: ObservationSent) -> Iterator[Observation]:
    for text in sent.texts or ("",):
        for unit in sent.units or ("",):
            yield replace(observation, raw=STANDARD.escape_text(text), unit=unit)


def _judged(observation: Observation, sender: str, site: Site) -> Judged:
    (judged,) = judge(Received(Verdict.AA, sender=sender, observations=(observation,)), site)
    return judged


def _refusal(judged: Judged) -> Problem:
    place, code, text = _REFUSALS.get(judged.reason, ("Observation", "business-rule", _("This cannot be placed.")))
    listed = ", ".join(coding.code for coding in judged.observation.codings)
    told = {CODE: listed, UNIT: judged.observation.unit, VALUE: STANDARD.unescape(judged.observation.raw)}.get(
        place, ""
    )
    said = f"{text} ({told})" if told else str(text)
    return refused(said[:300], place, code)
