from dataclasses import dataclass, field

from analysis.datasets.models import dataset_domain
from analysis.frames.variables import SPECIMEN_SOURCES, Variable, parse


@dataclass(frozen=True)
class CutoffWish:
    """A cutoff that must be looked up among the cohort's declared ones when the frame is read."""

    variable: str
    status: str


@dataclass(frozen=True)
class FrameRequest:
    """Which facts of a cohort an analysis reads."""

    variables: tuple[str, ...] = ()
    endpoint: str | None = None
    # Whoever has no time to the endpoint stays, without one: a score needs none.
    keeps_unfollowed: bool = False
    # An endpoint whose event, coming first, makes that of `endpoint` impossible.
    competing: str | None = None
    response: bool = False
    # A variable without which a patient is left out; the others may be missing.
    required: tuple[str, ...] = ()
    cutoffs: tuple[CutoffWish, ...] = ()
    risk_model: tuple[str, int] | None = None
    # Markers of which tumour and adjacent normal tissue are read as pairs, by every method.
    pairs: tuple[str, ...] = ()
    # Markers of which the reads of closed rounds are wanted too, reader by reader.
    by_reader: tuple[str, ...] = ()
    # Data sets by name: the cohort's, or the reference where it has none of that name.
    datasets: tuple[str, ...] = ()
    # The expression of all genes in the tumours of the cohort.
    expression: bool = False
    # Nothing is asked of patients: who is in the cohort does not matter.
    nobody: bool = False
    parsed: tuple[Variable, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "parsed", tuple(parse(name) for name in self.variables))

    def domains(self) -> tuple[str, ...]:
        """Streams of the cohort that are read: a change in any other cannot make the analysis stale."""
        found = set[str]() if self.nobody else {"enrolment"}
        if self.endpoint:
            # Assessments are contacts too: they say how long the patient was watched.
            found |= {"definition", "outcomes", "response"}
        if self.response:
            # The data cut decides which assessments count.
            found |= {"definition", "response"}
        for variable in self.parsed:
            found |= variable.domains()
        found |= {f"{source}/{marker}" for source in SPECIMEN_SOURCES for marker in self.pairs}
        found |= {f"cutoff/{wish.variable}" for wish in self.cutoffs}
        found |= {dataset_domain(name, shared=False) for name in self.datasets}
        found |= {"expression"} if self.expression else set()
        return tuple(sorted(found))

    def shared_domains(self) -> tuple[str, ...]:
        """Streams that belong to no cohort; their names are never those of a cohort's streams."""
        found = {domain for variable in self.parsed for domain in variable.shared_domains()}
        found |= {f"marker/{marker}" for marker in self.pairs}
        found |= {dataset_domain(name, shared=True) for name in self.datasets}
        if self.risk_model:
            found.add(f"riskmodel/{self.risk_model[0]}")
        return tuple(sorted(found))
