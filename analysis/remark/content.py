"""What fills an item: sentences out of the database, and what is still missing with the page where it is mended."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from analysis.engine.freshness import freshness_of
from analysis.engine.models import Analysis
from analysis.kinds.wording import ALPHA
from registry.cohorts.models import Cohort


@dataclass(frozen=True)
class Gap:
    text: str
    url: str = ""


@dataclass
class Filled:
    sentences: list[str] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)

    def say(self, *sentences: str) -> None:
        self.sentences += [sentence for sentence in sentences if sentence]

    def lacks(self, text: str, url: str = "") -> None:
        self.gaps.append(Gap(text, url))


@dataclass(frozen=True)
class Cited:
    """An analysis with its result on show: every number of it is said with the run and its freshness."""

    analysis: Analysis
    kind: str
    output: dict[str, Any]
    claims: Sequence[dict[str, Any]]
    run: int | None
    freshness: str
    # the p below which its verdicts hold
    threshold: float

    @property
    def source(self) -> str:
        return f"{self.analysis.full_title}, run {self.run}, {self.freshness}"


@dataclass(frozen=True)
class Profiled:
    cohort: Cohort
    analyses: Sequence[Cited]

    def of_kind(self, *kinds: str) -> list[Cited]:
        return [cited for cited in self.analyses if cited.kind in kinds]


def profiled(cohort: Cohort, analyses: Iterable[Analysis]) -> Profiled:
    """`analyses`: those that may be told to whoever asks."""
    return Profiled(cohort, [cited(analysis) for analysis in analyses])


def cited(analysis: Analysis) -> Cited:
    current, freshness = analysis.current, freshness_of(analysis)
    return Cited(
        analysis=analysis,
        kind=analysis.kind,
        output=current.output_values if current else {},
        claims=current.claims if current else [],
        run=freshness.run_id,
        freshness=freshness.state,
        threshold=current.threshold if current else ALPHA,
    )
