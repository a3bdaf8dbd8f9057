"""Which analyte a code means: by the site's own table, else by a LOINC that its name confirms."""

import re
from typing import NamedTuple

from labs.formats.messages.received import Observation, Standard
from labs.formats.messages.senders import fits
from labs.formats.messages.site import AnalyteRule, CodeRule, Site
from labs.formats.messages.units import normal_unit

LOINC = frozenset({"LN", "LOINC"})


class Match(NamedTuple):
    """`code` is the one of the row that matched, or the first where nothing did."""

    code: str
    analyte: AnalyteRule | None = None


def match(observation: Observation, sender: str, standard: Standard, site: Site) -> Match:
    """Of the site's rules the most precise one that fits, of equally precise ones the first."""
    codes = _codes(observation, standard)
    first = codes[0] if codes else ""
    specimen = observation.specimen_type.casefold()
    if any(word.casefold() in specimen for word in site.specimen_other):
        return Match(first)
    fitting = [
        rule
        for rule in site.codes
        if rule.code in codes
        and rule.analyte in site.analytes
        and fits(rule.sender, sender)
        and is_of_unit_and_specimen(rule, observation)
    ]
    if fitting:
        rule = max(fitting, key=lambda one: one.precision)
        return Match(rule.code, site.analytes[rule.analyte])
    return _by_loinc(observation, site) or Match(first)


def is_of_unit_and_specimen(rule: CodeRule, observation: Observation) -> bool:
    if rule.unit and rule.unit != normal_unit(observation.unit, observation.delimiters):
        return False
    return not rule.specimen or f" {rule.specimen} " in f" {specimen_words(observation.specimen_type)} "


def specimen_words(sent: str) -> str:
    """Of a specimen only the words count: neither case nor what stands between them."""
    return " ".join(re.findall(r"\w+", sent.casefold()))


def _codes(observation: Observation, standard: Standard) -> list[str]:
    codes = [coding.code.strip() for coding in observation.codings]
    if standard is Standard.ASTM:
        codes = [code.rstrip("/") for code in codes]
    return [code for code in codes if code]


def _by_loinc(observation: Observation, site: Site) -> Match | None:
    """A device may send the code of another test: the name has to agree with it."""
    for coding in observation.codings:
        if coding.system.upper() not in LOINC:
            continue
        name = coding.text.casefold()
        for analyte in site.analytes.values():
            if coding.code in analyte.loinc and any(word.casefold() in name for word in analyte.name_words):
                return Match(coding.code, analyte)
    return None
