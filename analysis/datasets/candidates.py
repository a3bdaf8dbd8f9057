"""Genes that a discovery found as candidates of a score: those that the cohort's own expression has."""

from dataclasses import dataclass

from analysis.artefacts.keeping import artefact
from analysis.engine.models import Result
from labs.expression.models import ExpressionGene
from labs.expression.services import current_set
from registry.cohorts.models import Cohort

# A form shows each of them.
MOST = 1_000
_BATCH = 500


@dataclass(frozen=True)
class Candidates:
    step: str
    listed: str
    genes: tuple[str, ...]
    # of those the ones in the expression set that counts; None without a set
    measured: tuple[str, ...] | None

    @property
    def variables(self) -> list[str]:
        return [f"gene:{gene}" for gene in (self.measured or ())[:MOST]]


def candidates_of(result: Result, step: str, listed: str, cohort: Cohort) -> Candidates | None:
    """None where the result has no such list."""
    steps = {one["name"]: one for one in result.output_values.get("steps", [])} if result.kind == "discovery" else {}
    found = steps.get(step, {}).get("lists", {}).get(listed)
    if found is None:
        return None
    genes = tuple(artefact(found["sha256"]).decode().split())
    return Candidates(step, listed, genes, _measured(cohort, genes))


def _measured(cohort: Cohort, genes: tuple[str, ...]) -> tuple[str, ...] | None:
    stored = current_set(cohort)
    if stored is None:
        return None
    known: set[str] = set()
    for start in range(0, len(genes), _BATCH):
        rows = ExpressionGene.objects.filter(set=stored, gene__in=genes[start : start + _BATCH])
        known.update(rows.values_list("gene", flat=True))
    return tuple(gene for gene in genes if gene in known)
