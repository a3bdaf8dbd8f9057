"""The REMARK profile of a cohort: twenty items, filled from the database and by people, with what is missing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from analysis.engine.models import Analysis
from analysis.remark import assays, methods, patients, results
from analysis.remark.checklist import ITEMS, Item
from analysis.remark.content import Filled, Gap, Profiled, profiled
from analysis.remark.models import RemarkNote
from registry.cohorts.models import Cohort

_FILL: dict[int, Callable[[Profiled], Filled]] = {
    1: methods.objectives,
    2: patients.patients,
    3: patients.treatments,
    4: patients.specimens,
    5: assays.assays,
    6: patients.selection,
    7: patients.endpoints,
    8: methods.candidates,
    10: methods.statistics,
    11: methods.cutpoints,
    12: results.flow,
    13: results.distributions,
    14: results.against_standard,
    15: results.univariable,
    16: results.multivariable,
    17: results.with_standard,
    18: results.further,
}


@dataclass(frozen=True)
class Answer:
    item: Item
    sentences: list[str]
    note: str
    gaps: list[Gap]

    @property
    def is_complete(self) -> bool:
        return not self.gaps

    def as_json(self) -> dict[str, Any]:
        return {
            "item": self.item.number,
            "section": str(self.item.section),
            "topic": str(self.item.topic),
            "sentences": self.sentences,
            "note": self.note,
            "gaps": [{"text": gap.text, "url": gap.url} for gap in self.gaps],
            "complete": self.is_complete,
        }


@dataclass(frozen=True)
class Profile:
    answers: list[Answer]

    @property
    def complete(self) -> int:
        return sum(answer.is_complete for answer in self.answers)

    @property
    def percent(self) -> int:
        return round(100 * self.complete / len(self.answers))

    @property
    def gaps(self) -> list[tuple[Item, Gap]]:
        return [(answer.item, gap) for answer in self.answers for gap in answer.gaps]

    def as_json(self) -> dict[str, Any]:
        return {"percent": self.percent, "items": [answer.as_json() for answer in self.answers]}


def remark(cohort: Cohort, analyses: Iterable[Analysis]) -> Profile:
    """`analyses`: those that may be told to whoever asks. No identifier of a patient, and no study number, is in it."""
    found = profiled(cohort, analyses)
    notes = dict(RemarkNote.objects.filter(cohort=cohort, retired_reason="").values_list("item", "text"))
    return Profile([_answer(item, found, notes.get(item.number, "")) for item in ITEMS])


def _answer(item: Item, found: Profiled, note: str) -> Answer:
    fill = _FILL.get(item.number)
    filled = fill(found) if fill else Filled()
    gaps = list(filled.gaps)
    if item.needs_words and not note:
        url = reverse("analysis:remark-note", args=[found.cohort.code, item.number])
        gaps.append(Gap(_("Nobody has written about this yet."), url))
    return Answer(item, filled.sentences, note, gaps)
