"""What turned and why, in the reader's words: "FAP no longer splits PFS (p 0.031 → 0.062) because slides … were
corrected". Verdicts are the kinds' own words; this module knows their patterns and says the rest plainly."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analysis.headline.ranking import Overtaken
from analysis.kinds.wording import ALPHA

MOST_CODES = 4
MOST_FLIPS = 3
_MOST_DIGITS = 9

ClaimJson = Mapping[str, Any]

# A verdict and its denial, with what becomes of them: (holds, denied, "no longer", "now").
_DENIALS = (
    (r"(?P<a>.+) splits (?P<b>.+)", "{a} does not split {b}", "{a} no longer splits {b}", "{a} now splits {b}"),
    (
        r"(?P<a>.+) splits (?P<b>.+)",
        "no cutoff of {a} splits {b}",
        "no cutoff of {a} splits {b} any more",
        "{a} now splits {b}",
    ),
    (
        r"(?P<a>.+) tells (?P<b>.+)",
        "{a} does not tell {b}",
        "{a} no longer tells {b}",
        "{a} now tells {b}",
    ),
    (
        r"(?P<a>.+) tells (?P<b>.+)",
        "no cutoff of {a} tells {b}",
        "no cutoff of {a} tells {b} any more",
        "{a} now tells {b}",
    ),
    (r"(?P<a>.+) differ", "{a} do not differ", "{a} no longer differ", "{a} now differ"),
    (r"(?P<a>.+) differs", "no difference of {a} shown", "{a} no longer differs", "{a} now differs"),
    (
        r"(?P<a>.+): (?P<b>higher|lower) (?P<c>.+)",
        "{a}: no effect shown",
        "{a} no longer goes with {b} {c}",
        "{a} now goes with {b} {c}",
    ),
    (
        r"better than chance",
        "not shown to be better than chance",
        "no longer better than chance",
        "now better than chance",
    ),
)


def movement_sentence(
    flips: Sequence[tuple[ClaimJson, ClaimJson]],
    because: str,
    *,
    cutoffs: Sequence[tuple[ClaimJson, ClaimJson]] = (),
    thresholds: tuple[float, float] = (ALPHA, ALPHA),
    mark: str = "",
) -> str:
    """One sentence of all verdicts that turned, the cause, the cutoffs that moved, and the mark of exploratory ones."""
    told = [flip_text(before, after, thresholds) for before, after in flips[:MOST_FLIPS]]
    if more := len(flips) - len(told):
        told.append(ngettext("%(n)s more conclusion changed", "%(n)s more conclusions changed", more) % {"n": more})
    marks = [mark] if mark else []
    return _ending([f"{'; '.join(told)} {because}".strip(), *(cutoff_text(*pair) for pair in cutoffs), *marks])


def ranking_sentence(found: Sequence[Overtaken], because: str) -> str:
    return _ending([f"{'; '.join(ranking_text(one) for one in found)} {because}".strip()])


def failure_sentence(error: str, look: int) -> str:
    return _("the run failed: %(error)s Result %(look)s stays on show, marked stale.") % {
        "error": _ending([error]),
        "look": look,
    }


def flip_text(before: ClaimJson, after: ClaimJson, thresholds: tuple[float, float] = (ALPHA, ALPHA)) -> str:
    """The verdict that turned, with the numbers that turned it."""
    numbers = numbers_text(before, after, thresholds)
    said = verdict_text(str(before["verdict"]), str(after["verdict"]))
    if said is None:
        said = _("%(label)s: %(after)s, before: %(before)s") % {
            "label": after["label"],
            "after": after["verdict"],
            "before": before["verdict"],
        }
    return f"{said} ({numbers})" if numbers else said


def verdict_text(before: str, after: str) -> str | None:
    """Two verdicts as one passage; None where they have no pattern in common."""
    for holds, denied, no_longer, now in _DENIALS:
        for this, other, said in ((before, after, no_longer), (after, before, now)):
            found = re.fullmatch(holds, this)
            if found and denied.format(**found.groupdict()) == other:
                return said.format(**found.groupdict())
    return _turned(before, after)


def _turned(before: str, after: str) -> str | None:
    """The other direction of the same."""
    old, new = re.fullmatch(r"(.+) does (better|worse)", before), re.fullmatch(r"(.+) does (better|worse)", after)
    if old and new and old[1] == new[1]:
        return f"{new[1]} now does {new[2]}, not {old[2]}"
    old, new = (re.fullmatch(r"(.+): (higher|lower) (.+)", verdict) for verdict in (before, after))
    if old and new and (old[1], old[3]) == (new[1], new[3]):
        return f"{new[1]} now goes with {new[2]} {new[3]}, not {old[2]}"
    return None


def numbers_text(before: ClaimJson, after: ClaimJson, thresholds: tuple[float, float] = (ALPHA, ALPHA)) -> str:
    """p 0.031 → 0.062; with a spending plan also the p that this look was judged at."""
    if before["value"] is None and after["value"] is None:
        return ""
    name = str(after["name"])
    is_p = name == "p" or name.endswith("_p")
    told = passage(before["value"], after["value"], _unit(after), thresholds if is_p else None, name=name)
    said = f"{short_name(after)} {told}".strip()
    if (intervals := [_interval(end) for end in (before, after)]) and all(intervals):
        said += f", {_('95% CI')} {' → '.join(intervals)}"
    if is_p and thresholds != (ALPHA, ALPHA):
        limits = [f"{threshold:.3g}" for threshold in dict.fromkeys(thresholds)]
        said += ", " + _("judged at %(threshold)s") % {"threshold": " → ".join(limits)}
    return said


def _interval(claim: ClaimJson) -> str:
    ends = [_written(claim.get(end), 3, "", is_p=False) for end in ("low", "high")]
    return "–".join(ends) if all(ends) else ""


def short_name(claim: ClaimJson) -> str:
    """What the number is called beside a verdict that names its subject already."""
    name = str(claim["name"])
    prefixes = {"hr_": "HR", "shr_": "subdistribution HR", "cshr_": "cause-specific HR", "under_": "HR", "auc_": "AUC"}
    prefixes |= {"kappa": "kappa", "median_": _("median"), "difference_": _("difference"), "cif_": _("incidence")}
    if name == "p" or name.endswith("_p"):
        return _("corrected p") if name == "corrected_p" else _("adjusted p") if name.endswith("adjusted_p") else "p"
    return next((said for prefix, said in prefixes.items() if name.startswith(prefix)), "")


def cutoff_text(before: ClaimJson, after: ClaimJson) -> str:
    """Best cutoff of IL-6 moved 48.6 → 47.1 pg/mL."""
    told = passage(before["value"], after["value"], _unit(after))
    return _("%(what)s moved %(passage)s") % {"what": after["label"], "passage": told}


def is_cutoff(name: str) -> bool:
    return name == "cutoff" or name.startswith("youden_")


def ranking_text(found: Overtaken) -> str:
    numbers = ", ".join(f"{name} {passage(before, after, '')}" for name, (before, after) in found.values.items())
    return _("%(after)s has the %(what)s now, not %(before)s (%(numbers)s)") % {
        "after": found.after,
        "what": found.what,
        "before": found.before,
        "numbers": numbers,
    }


def passage(
    before: float | str | None,
    after: float | str | None,
    unit: str,
    thresholds: tuple[float, float] | None = None,
    *,
    name: str = "",
) -> str:
    """Two numbers at as few digits as tell them apart, and leave each on its side of the p it is judged by."""
    none = _("not reached") if name.startswith("median_") else _("none")
    ends = [end for end in (before, after) if isinstance(end, int | float) and not isinstance(end, bool)]
    digits = next(
        (n for n in range(2 if thresholds else 3, _MOST_DIGITS) if _tells(before, after, thresholds, n)), None
    )
    shown = [_written(end, digits or _MOST_DIGITS, none, is_p=thresholds is not None) for end in (before, after)]
    return f"{shown[0]} → {shown[1]}{' ' + unit if unit and ends else ''}"


def _tells(
    before: float | str | None, after: float | str | None, thresholds: tuple[float, float] | None, digits: int
) -> bool:
    ends = [(end, float(f"{end:.{digits}g}")) for end in (before, after) if isinstance(end, int | float)]
    if len(ends) == 2 and ends[0][0] != ends[1][0] and ends[0][1] == ends[1][1]:
        return False
    if thresholds is None or len(ends) < 2:
        return True
    return all((value < limit) == (rounded < limit) for (value, rounded), limit in zip(ends, thresholds, strict=True))


def _written(value: float | str | None, digits: int, none: str, *, is_p: bool) -> str:
    if value is None:
        return none
    if isinstance(value, str):
        return value.replace("Inf", "∞")
    if is_p and value < 0.0001:
        return "< 0.0001"
    if float(value).is_integer() and abs(value) < 1e9:
        return str(int(value))
    rounded = float(f"{value:.{digits}g}")
    if math.isfinite(rounded) and 1e-4 <= abs(rounded) < 1e9:
        # Plain digits: nobody writes a p as 3.1e-02.
        return f"{rounded:.{max(0, digits - 1 - math.floor(math.log10(abs(rounded))))}f}"
    return f"{rounded:.{digits}g}"


def _unit(claim: ClaimJson) -> str:
    return str(claim.get("unit") or "")


@dataclass(frozen=True)
class Records:
    """Records of one table to which the same happened, by their codes."""

    # of one and of several: "slide", "slides"
    nouns: tuple[str, str]
    # "corrected"
    done: str
    codes: tuple[str, ...]


def because_text(causes: Sequence[Records], *other: str) -> str:
    """because slides R2-7F3K and R2-9QXD were corrected; a handful by code, then "and 3 more".

    `other` are causes that no record tells, as passages: "the analysis was defined anew".
    """
    left, told = MOST_CODES, list(other)
    for records in causes:
        shown = records.codes[: max(left, 0)]
        left -= len(shown)
        if shown:
            told.append(_records_text(records, shown))
    hidden = sum(len(records.codes) for records in causes[len(told) - len(other) :])
    if hidden:
        told.append(ngettext("%(n)s more record changed", "%(n)s more records changed", hidden) % {"n": hidden})
    if not told:
        return _("and no entry of the change log says why")
    return _("because %(what)s") % {"what": _listed(told)}


def _records_text(records: Records, shown: Sequence[str]) -> str:
    more = len(records.codes) - len(shown)
    names = [*shown, _("%(n)s more") % {"n": more}] if more else list(shown)
    if len(records.codes) == 1:
        return _("%(noun)s %(codes)s was %(done)s") % {
            "noun": records.nouns[0],
            "codes": names[0],
            "done": records.done,
        }
    return _("%(noun)s %(codes)s were %(done)s") % {
        "noun": records.nouns[1],
        "codes": _listed(names),
        "done": records.done,
    }


def _listed(parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return _("%(first)s and %(last)s") % {"first": ", ".join(parts[:-1]), "last": parts[-1]}


def _ending(sentences: Sequence[str]) -> str:
    return " ".join(f"{sentence.rstrip('.')}." for sentence in sentences)
