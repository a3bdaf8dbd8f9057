"""Which blood draw is the baseline: the last in the days up to the index event. Pure; each decision is a sentence."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

DAYS = 7


@dataclass(frozen=True)
class Draw:
    code: str
    # None: declared as baseline, without a date
    collected: date | None
    # rises with the moment of recording
    recorded: int
    is_exact_day: bool = True


@dataclass(frozen=True)
class Anchor:
    """The day that the window ends on. `day` is None when it is not known; `name` says what it is."""

    day: date | None
    name: str


@dataclass(frozen=True)
class Choice:
    winner: Draw | None
    reason: str
    # (draw, why it was not taken)
    others: tuple[tuple[Draw, str], ...] = ()

    @property
    def is_declared(self) -> bool:
        return self.winner is not None and self.winner.collected is None

    def sentences(self) -> str:
        return " ".join([self.reason, *(f"{draw.code}: {why}" for draw, why in self.others)])


def choose_draw(draws: Iterable[Draw], anchor: Anchor, days: int = DAYS) -> Choice:
    """The last draw in the `days` days up to the anchor's day, both ends included.

    1. Of several on that day the latest recorded wins.
    2. Draws that are declared as baseline without a date are used only when no dated draw lies in the window.
    3. A date known to the month or the year only can't be placed in a window.
    """
    ordered = sorted(draws, key=lambda draw: draw.recorded)
    dated = [draw for draw in ordered if draw.collected is not None]
    declared = [draw for draw in ordered if draw.collected is None]
    inside = [draw for draw in dated if _outside(draw, anchor, days) == ""]
    if inside:
        winner = max(inside, key=lambda draw: (draw.collected or date.min, draw.recorded))
        return _choice(winner, _won(winner, anchor), ordered, anchor, days)
    if declared:
        return _choice(declared[-1], _declared_won(declared[-1], anchor, days), ordered, anchor, days)
    return Choice(None, _nobody_won(ordered, anchor, days), _losers(None, ordered, anchor, days))


def _choice(winner: Draw, reason: str, draws: list[Draw], anchor: Anchor, days: int) -> Choice:
    return Choice(winner, reason, _losers(winner, draws, anchor, days))


def _losers(winner: Draw | None, draws: list[Draw], anchor: Anchor, days: int) -> tuple[tuple[Draw, str], ...]:
    return tuple((draw, _why_not(draw, winner, anchor, days)) for draw in draws if draw is not winner)


def _outside(draw: Draw, anchor: Anchor, days: int) -> str:
    """Why a dated draw can't be in the window; empty when it is in it."""
    if draw.collected is None or anchor.day is None:
        return _("the day of %(event)s is not known.") % {"event": anchor.name}
    if not draw.is_exact_day:
        return _("its date is not known to the day.")
    before = (anchor.day - draw.collected).days
    if before < 0:
        return _("drawn %(days)s d after %(event)s.") % {"days": -before, "event": anchor.name}
    if before > days:
        return _("drawn %(before)s d before %(event)s, more than %(days)s d.") % {
            "before": before,
            "event": anchor.name,
            "days": days,
        }
    return ""


def _why_not(draw: Draw, winner: Draw | None, anchor: Anchor, days: int) -> str:
    if draw.collected is None:
        if winner is not None and winner.collected is None:
            return _("also declared as baseline, but recorded before %(winner)s.") % {"winner": winner.code}
        return _("declared as baseline without a date; a dated draw in the window goes first.")
    outside = _outside(draw, anchor, days)
    if outside or winner is None:
        return outside
    if winner.collected == draw.collected:
        return _("drawn on the same day as %(winner)s, but recorded before it.") % {"winner": winner.code}
    return _("in the window, but %(winner)s is later.") % {"winner": winner.code}


def _won(winner: Draw, anchor: Anchor) -> str:
    assert winner.collected is not None and anchor.day is not None  # noqa: S101  # it lies in the window
    return _("%(code)s of %(day)s is the last draw in the window, %(before)s d before %(event)s (%(anchor)s).") % {
        "code": winner.code,
        "day": winner.collected.isoformat(),
        "before": (anchor.day - winner.collected).days,
        "event": anchor.name,
        "anchor": anchor.day.isoformat(),
    }


def _declared_won(winner: Draw, anchor: Anchor, days: int) -> str:
    if anchor.day is None:
        return _("%(code)s is declared as baseline without a date; the day of %(event)s is not known.") % {
            "code": winner.code,
            "event": anchor.name,
        }
    return _(
        "%(code)s is declared as baseline without a date; "
        "no dated draw lies in the %(days)s d up to %(event)s (%(anchor)s)."
    ) % {"code": winner.code, "days": days, "event": anchor.name, "anchor": anchor.day.isoformat()}


def _nobody_won(draws: list[Draw], anchor: Anchor, days: int) -> str:
    if not draws:
        return _("There is no draw with a result.")
    if anchor.day is None:
        return _("The day of %(event)s is not known, and no draw is declared as baseline.") % {"event": anchor.name}
    return _("No draw lies in the %(days)s d up to %(event)s (%(anchor)s), and none is declared as baseline.") % {
        "days": days,
        "event": anchor.name,
        "anchor": anchor.day.isoformat(),
    }
