from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Claim:
    """One comparable statement of a result: an estimate with its interval, or a p with its verdict."""

    name: str
    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    unit: str = ""
    # In words, because a flip of exactly these words is what alerts: "splits PFS", "does not split PFS".
    verdict: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Moved:
    """A claim before and after."""

    name: str
    label: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None

    @property
    def is_moved(self) -> bool:
        return self.before != self.after

    @property
    def is_flip(self) -> bool:
        """The verdict turned. A claim or a verdict that appears or disappears is no flip of one that stood before."""
        verdicts = [claim["verdict"] if claim else "" for claim in (self.before, self.after)]
        return all(verdicts) and verdicts[0] != verdicts[1]

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"moved": self.is_moved, "flipped": self.is_flip}


def compare(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[Moved]:
    """Claim by claim, in the order of the new headline, vanished claims last."""
    old = {claim["name"]: claim for claim in before}
    new = {claim["name"]: claim for claim in after}
    names = [*new, *(name for name in old if name not in new)]
    return [Moved(name, (new.get(name) or old[name])["label"], old.get(name), new.get(name)) for name in names]
