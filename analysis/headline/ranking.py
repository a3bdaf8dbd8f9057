"""Which of several comparable claims of one result leads, and whether that changed: the marker with the largest AUC."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Claims = Iterable[Mapping[str, Any]]


@dataclass(frozen=True)
class Ranking:
    """Claims of one result that are compared by their value; the largest leads."""

    # what the leader has: "largest AUC"
    what: str
    # claim → what it is an estimate of: "auc_ihc:FAP@tumour" → "FAP"
    names: Mapping[str, str]


@dataclass(frozen=True)
class Overtaken:
    """Another claim leads than before, and both were there before and after."""

    what: str
    before: str
    after: str
    # of the new leader and of the old one, before and after
    values: dict[str, tuple[float, float]]

    def as_json(self) -> dict[str, Any]:
        values = {name: list(pair) for name, pair in self.values.items()}
        return {"what": self.what, "before": self.before, "after": self.after, "values": values}


def overtaken(ranking: Ranking, before: Claims, after: Claims) -> Overtaken | None:
    """A leader that appeared, vanished or was level with another was not overtaken."""
    old, new = values_of(ranking, before), values_of(ranking, after)
    first, then = leader(old), leader(new)
    if first is None or then is None or first == then or first not in new or then not in old:
        return None
    values = {ranking.names[name]: (old[name], new[name]) for name in (then, first)}
    return Overtaken(ranking.what, ranking.names[first], ranking.names[then], values)


def leader(values: Mapping[str, float]) -> str | None:
    """The name of the largest value; None when two are equally large."""
    if not values:
        return None
    largest = max(values.values())
    names = [name for name, value in values.items() if value == largest]
    return names[0] if len(names) == 1 else None


def values_of(ranking: Ranking, claims: Claims) -> dict[str, float]:
    return {
        claim["name"]: claim["value"]
        for claim in claims
        if claim["name"] in ranking.names and isinstance(claim["value"], int | float)
    }
