"""Which settings hold for a sender: per setting the first rule that fits and sets it, else the default."""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from labs.formats.messages.received import PatientSent, Standard
from labs.formats.messages.site import Site


@dataclass(frozen=True)
class Settings:
    """`status_if_empty` is "" where an empty status is not to be guessed."""

    charset_if_empty: tuple[str, ...]
    status_if_empty: str = ""
    obr_optional: bool = False
    patient_id_in_pid2: bool = False
    msh9_missing: bool = False
    decimal_comma: bool = False


def settings_of(site: Site, sender: str, standard: Standard = Standard.HL7) -> Settings:
    rules = [rule for rule in site.senders if fits(rule.pattern, sender)]
    charsets = next((rule.charset_if_empty for rule in rules if rule.charset_if_empty is not None), None)
    status = next((rule.status_if_empty for rule in rules if rule.status_if_empty is not None), None)
    if status is None:
        status = site.astm_status_if_empty if standard is Standard.ASTM else ""
    return Settings(
        charset_if_empty=site.charset_if_empty if charsets is None else charsets,
        status_if_empty=status,
        obr_optional=_first(rule.obr_optional for rule in rules),
        patient_id_in_pid2=_first(rule.patient_id_in_pid2 for rule in rules),
        msh9_missing=_first(rule.msh9_missing for rule in rules),
        decimal_comma=_first(rule.decimal_comma for rule in rules),
    )


def _first(values: Iterable[bool | None]) -> bool:
    return next((value for value in values if value is not None), False)


def fits(pattern: str, sender: str) -> bool:
    return _expression(pattern).fullmatch(sender) is not None


@lru_cache(maxsize=1024)
def _expression(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, pattern.strip().split("*"))), re.IGNORECASE | re.DOTALL)


def is_allowed(site: Site, sender: str) -> bool:
    return site.allowed_senders is None or any(fits(pattern, sender) for pattern in site.allowed_senders)


def may_send_from(site: Site, sender: str, peer: str) -> bool:
    """Whether a message of this sender may come from this address: from any, where no rule says from which."""
    rules = (rule.peers for rule in site.senders if rule.peers is not None and fits(rule.pattern, sender))
    bound = next(rules, None)
    return bound is None or is_within(peer, bound)


def is_within(peer: str, networks: Iterable[str]) -> bool:
    try:
        address = ipaddress.ip_address(peer.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return any(address in ipaddress.ip_network(network, strict=False) for network in networks)


def identified_by(patient: PatientSent, settings: Settings) -> str:
    """What of the message may find the patient: pid3, pid2 or none."""
    if patient.ids:
        return "pid3"
    return "pid2" if patient.second_id and settings.patient_id_in_pid2 else "none"
