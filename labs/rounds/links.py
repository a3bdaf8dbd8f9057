"""What the pages of a round lead to in the app above, which they do not know: it fills this in its ready()."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise

from labs.rounds.models import Round


@dataclass(frozen=True)
class RoundLink:
    label: str | Promise
    # of an address that takes the round's code
    name: str


_for_followers: list[RoundLink] = []
_for_readers: list[RoundLink] = []


def add_round_link(link: RoundLink, *, for_readers: bool = False) -> None:
    """On the page of the round, or on the page of each of its readers once the round is closed."""
    (_for_readers if for_readers else _for_followers).append(link)


def round_links(round: Round) -> Sequence[tuple[str | Promise, str]]:
    return _resolved(_for_followers, round)


def reader_links(round: Round) -> Sequence[tuple[str | Promise, str]]:
    return _resolved(_for_readers, round) if round.is_closed else []


def _resolved(links: Sequence[RoundLink], round: Round) -> list[tuple[str | Promise, str]]:
    return [(link.label, reverse(link.name, args=[round.code])) for link in links]
