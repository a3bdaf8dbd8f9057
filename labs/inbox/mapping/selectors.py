from collections.abc import Iterable, Iterator

from labs.formats.messages.matching import specimen_words
from labs.formats.messages.senders import fits
from labs.formats.messages.units import normal_unit
from labs.inbox.mapping.models import Authority, CodeMapping, NumberKind, Sender
from registry.patients.matching import SentNumber
from registry.people.models import Site


def senders_now() -> list[Sender]:
    return list(Sender.objects.filter(retired_reason="").select_related("site"))


def default_authority(sender: str, senders: Iterable[Sender]) -> str:
    """What a patient number of this sender is of when it names no authority; "" when nothing was agreed."""
    return next((row.default_authority for row in _rules(sender, senders) if row.default_authority), "")


def site_of_sender(sender: str, senders: Iterable[Sender]) -> Site | None:
    return next((row.site for row in _rules(sender, senders) if row.site is not None), None)


def _rules(sender: str, senders: Iterable[Sender]) -> Iterator[Sender]:
    return (row for row in senders if fits(row.pattern, sender))


def mapping_of(sender: str, code: str, only_unit: str = "", only_specimen: str = "") -> CodeMapping:
    """Unit and specimen as they are written."""
    compared = {"unit": normal_unit(only_unit), "specimen": specimen_words(only_specimen)}
    return CodeMapping.objects.get(sender=sender.strip(), code=code.strip(), retired_reason="", **compared)


def authorities_now() -> dict[str, Authority]:
    """By name."""
    return {row.name: row for row in Authority.objects.filter(retired_reason="")}


def sent_numbers(named: Iterable[tuple[str, str]], authorities: dict[str, Authority]) -> list[SentNumber]:
    """Patient numbers with the names of their authorities, as far as these are known here."""
    return [
        SentNumber(authorities[name].site_id, number, authorities[name].kind == NumberKind.STUDY)
        for number, name in named
        if name in authorities
    ]
