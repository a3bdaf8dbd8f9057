"""The methods in prose, from the kinds, parameters and versions that were used, with the papers they rest on."""

import re
from collections import Counter
from collections.abc import Iterator

from django.utils.translation import gettext as _

from analysis import VERSION
from analysis.canonical import DIGITS
from analysis.kinds.methods.citations import CITATIONS
from analysis.kinds.methods.registry import METHODS
from analysis.kinds.wording import ALPHA
from analysis.reports import blocks
from analysis.reports.blocks import Block, Section
from analysis.reports.making import Item, Making
from analysis.reports.sections.agreement import closed_rounds

_READERS = (
    "Readers of a round were blind to patients, outcomes and each other. Their agreement is given by the share of "
    "equal reads with Wilson's interval [@wilson], Cohen's kappa, unweighted and with quadratic weights [@cohen], "
    "Fleiss' kappa where more than two read [@fleiss], intraclass correlations [@icc] and, of counts, limits of "
    "agreement [@bland-altman]."
)
_MARK = re.compile(r" \[@([a-z-]+)\]")


class Numbered:
    """Papers in the order of their first mention."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    def cited(self, sentence: str) -> str:
        return _MARK.sub(lambda found: f" [{self._number(found[1])}]", sentence)

    def _number(self, key: str) -> int:
        if key not in self.keys:
            self.keys.append(key)
        return self.keys.index(key) + 1

    def papers(self) -> list[str]:
        return [f"[{place}] {CITATIONS[key]}" for place, key in enumerate(self.keys, start=1)]


def methods(making: Making) -> Section | None:
    if not making.answered:
        return None
    papers = Numbered()
    by_kind: dict[str, list[Item]] = {}
    for item in making.answered:
        by_kind.setdefault(item.analysis.kind, []).append(item)
    found: list[Block] = [blocks.text(_general(making))]
    for items in by_kind.values():
        found += [blocks.text(papers.cited(paragraph)) for paragraph in _of_kind(items)]
    if closed_rounds(making.cohort).exists():
        found.append(blocks.text(papers.cited(_READERS)))
    return blocks.section(
        "methods", _("Methods"), [*found, blocks.head(_("References")), blocks.bullets(papers.papers())]
    )


def _of_kind(items: list[Item]) -> Iterator[str]:
    """What most of a kind have in common is said once, above those that it holds of; the rest analysis by analysis."""
    said = [(item, _sentences(item)) for item in items]
    shared = _shared([sentences for _item, sentences in said])
    alike: dict[tuple[str, ...], list[tuple[Item, list[str]]]] = {}
    for item, sentences in said:
        common = tuple(sentence for sentence in sentences if sentence in shared)
        own = [sentence for sentence in sentences if sentence not in shared]
        alike.setdefault(common, []).append((item, own))
    kind = items[0].kind
    # Those that have nothing in common with the others, because they have no number, come last.
    for common, found in sorted(alike.items(), key=lambda group: not group[0]):
        yield f"{kind.label} ({_('version')} {kind.version}). {' '.join(common)}".rstrip()
        for item, own in found:
            yield f"– {item.analysis.full_title} ({_('run')} {item.run_name}). {' '.join(own)}".rstrip()


def _shared(said: list[list[str]]) -> set[str]:
    counted = Counter(sentence for sentences in said for sentence in dict.fromkeys(sentences))
    return {sentence for sentence, n in counted.items() if 2 * n >= len(said) and (n > 1 or len(said) == 1)}


def _sentences(item: Item) -> list[str]:
    assert item.result is not None  # noqa: S101  # methods are told of results only
    if item.result.kind_version != item.kind.version:
        return [_("It was computed by another version of the method.")]
    if item.output.get("refused"):
        return [_("No number was given: %(why)s") % {"why": item.output["refused"]}]
    sentences = METHODS[item.analysis.kind](item.analysis.parameters, item.output)
    if item.result.threshold != ALPHA:
        sentences.append(_("Its verdicts hold below p = %(alpha)s.") % {"alpha": f"{item.result.threshold:.3g}"})
    return sentences


def _general(making: Making) -> str:
    eligible = _(
        "Eligible patients of the cohort who had not withdrawn were analysed; times are in months of 30.4375 days. "
        "High means above the cutoff throughout. Tests are two-sided at 0.05 unless another threshold "
        "is named; intervals are 95% intervals. Analyses marked as registered were declared as such; all others are "
        "exploratory."
    )
    computed = _(
        "Computed with Hepatica %(version)s (%(software)s) at %(digits)s significant digits; a run executed anew gives "
        "the same bytes."
    )
    software = making.software
    named = ", ".join(f"{name} {number}" for name, number in software.items() if name in ("python", "numpy", "scipy"))
    return f"{eligible} {computed % {'version': VERSION, 'software': named, 'digits': DIGITS}}"
