"""What the coordinator settles, worst first, and one slide with its reads side by side."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from labs.ihc.models import Read
from labs.rounds.adjudicating import third_reader_of
from labs.rounds.discordance import Severity
from labs.rounds.models import Consensus, Duty, Purpose, Round
from labs.rounds.selectors import SlideReads, slide_reads, usernames

NOT_SENT, SENT, READ = "", "sent", "read"


@dataclass(frozen=True)
class Row:
    found: SlideReads
    # in the order of the primary readers; None where one has not read
    primary: Sequence[Read | None]
    third: str

    @property
    def severity(self) -> Severity:
        return self.found.verdict.severity

    @property
    def is_open(self) -> bool:
        return self.found.is_discordant and self.found.consensus is None


@dataclass(frozen=True)
class Table:
    readers: Sequence[str]
    third_reader: str
    # discordant, flagged or settled already
    rows: Sequence[Row]
    n_slides: int
    counts: Sequence[tuple[Severity, int]]

    @property
    def n_open(self) -> int:
        return sum(row.is_open for row in self.rows)

    @property
    def n_discordant(self) -> int:
        return sum(row.found.is_discordant for row in self.rows)

    def after(self, slide_pk: int) -> Row | None:
        """The next slide to settle, after this one, then from the top."""
        place = next((i for i, row in enumerate(self.rows) if row.found.slide.pk == slide_pk), -1)
        rest = [*self.rows[place + 1 :], *self.rows[: max(place, 0)]]
        return next((row for row in rest if row.is_open), None)


def settling_table(round: Round) -> Table:
    found = slide_reads(round)
    names = usernames(round, Duty.PRIMARY)
    third = third_reader_of(round)
    asked = set()
    if third is not None:
        asked = set(third.assignments.filter(purpose=Purpose.THIRD).values_list("slide_id", flat=True))
    counts = Counter(item.verdict.severity for item in found if item.is_complete)
    shown = [item for item in found if _is_shown(item)]
    shown.sort(key=lambda item: (item.verdict.rank, item.slide.code))
    return Table(
        readers=names,
        third_reader=third.reader.username if third else "",
        rows=[Row(item, in_order(item.primary, names), _third(item, asked)) for item in shown],
        n_slides=len(found),
        counts=sorted(counts.items(), reverse=True),
    )


def in_order(reads: Sequence[Read], names: Sequence[str]) -> list[Read | None]:
    by_reader = {read.reader: read for read in reads}
    return [by_reader.get(name) for name in names]


def _is_shown(found: SlideReads) -> bool:
    consensus: Consensus | None = found.consensus
    settled_by_hand = consensus is not None and consensus.rule != "concordant"
    return found.is_complete and (found.verdict.severity > Severity.NONE or settled_by_hand)


def _third(found: SlideReads, asked: set[int]) -> str:
    if found.slide.pk not in asked:
        return NOT_SENT
    return READ if found.third else SENT
