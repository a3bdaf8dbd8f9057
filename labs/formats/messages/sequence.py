"""What messages would leave behind that come one after another into an empty store, in memory.

The inbox asks the same of the database. Here it is for telling beforehand what a file would do.
"""

from dataclasses import dataclass, field, replace

from labs.formats.messages.judged import Judged, Outcome
from labs.formats.messages.judging import judge, same_result
from labs.formats.messages.keys import result_key
from labs.formats.messages.received import Received
from labs.formats.messages.senders import settings_of
from labs.formats.messages.site import Site


@dataclass(frozen=True)
class Row:
    judged: Judged
    is_revision: bool = False


@dataclass
class Sequence:
    site: Site
    _messages: set[str] = field(default_factory=set)
    _results: dict[str, tuple[object, ...]] = field(default_factory=dict)

    def take(self, received: Received) -> list[Row]:
        rows = judge(received, self.site)
        if received.key in self._messages:
            return [Row(replace(row, outcome=Outcome.IGNORED, reason="duplicate_message")) for row in rows]
        if rows:
            self._messages.add(received.key)
        return [self._kept(row, received) for row in rows]

    def _kept(self, row: Judged, received: Received) -> Row:
        if row.outcome is not Outcome.PLACED and not row.withdraws:
            return Row(row)
        settings = settings_of(self.site, received.sender, received.standard)
        key, says = result_key(row.observation, received), same_result(row, settings)
        before = self._results.get(key)
        if before == says:
            return Row(replace(row, outcome=Outcome.IGNORED, reason="unchanged", withdraws=False))
        self._results[key] = says
        return Row(row, is_revision=before is not None)
