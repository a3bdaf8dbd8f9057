"""What turned since the last report, and because of which records: in the words of an alert."""

from django.db.models import QuerySet

from analysis.alerts.causes import of_the_question, records_in
from analysis.alerts.wording import because_text, movement_sentence, ranking_sentence
from analysis.engine.models import Result
from analysis.headline.claims import compare
from analysis.headline.exploratory import mark_of
from analysis.headline.ranking import Overtaken, overtaken
from analysis.kinds.base import Kind, RankedKind
from analysis.reports.making import Item
from registry.log.models import Change


def new_leaders(kind: Kind, old: Result | None, new: Result | None) -> list[Overtaken]:
    """The other kind of conclusion: another marker is the best one."""
    if old is None or new is None or new.kind_version != kind.version or not isinstance(kind, RankedKind):
        return []
    rankings = kind.rankings(new.output_values)
    return [found for ranking in rankings if (found := overtaken(ranking, old.claims, new.claims))]


def turned(item: Item, changes: QuerySet[Change]) -> list[str]:
    """FAP no longer splits PFS (p 0.031 → 0.062) because slides R2-7F3K and R2-9QXD were corrected."""
    old, new = item.old, item.result
    if old is None or new is None:
        return []
    domains = item.analysis.inputs.values_list("stream__domain", flat=True)
    because = because_text(records_in(changes.filter(domain__in=list(domains))), *of_the_question(old, new))
    moved = compare(old.claims, new.claims)
    flips = [(claim.before or {}, claim.after or {}) for claim in moved if claim.is_flip]
    told = []
    if flips:
        thresholds = (old.threshold, new.threshold)
        mark = mark_of(new.output_values)
        told.append(movement_sentence(flips, because, thresholds=thresholds, mark=mark))
    if leaders := new_leaders(item.kind, old, new):
        told.append(ranking_sentence(leaders, because))
    return told
