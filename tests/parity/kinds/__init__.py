"""The kinds of the reference folder: how each is computed here."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.parity.kinds import (
    agreement,
    cmprsk,
    cox,
    dca,
    enrich,
    glmnet,
    gsva,
    hypotheses,
    km,
    limma,
    maf,
    maxstat,
    rms,
    rnaseq,
    roc,
    step,
    tdroc,
)
from tests.parity.recipes import Analysis, Case, put

Compute = Callable[[Analysis], Any]


@dataclass(frozen=True)
class Kind:
    """How an analysis of this kind is computed, and the recipe keys it understands."""

    compute: Compute
    keys: frozenset[str]
    # What the document says of its table, beside its analyses.
    whole: Callable[[Case], dict[str, Any]] | None = None


KINDS: dict[str, Kind] = {
    "km": Kind(km.compute, km.KEYS),
    "cox": Kind(cox.compute, cox.KEYS),
    "roc": Kind(roc.compute, roc.KEYS),
    "icc": Kind(agreement.compute, agreement.KEYS),
    "kappa": Kind(agreement.compute, agreement.KEYS),
    "tests": Kind(hypotheses.compute, hypotheses.KEYS),
    "maxstat": Kind(maxstat.compute, maxstat.KEYS),
    "tdroc": Kind(tdroc.compute, tdroc.KEYS),
    "dca": Kind(dca.compute, dca.KEYS),
    "cmprsk": Kind(cmprsk.compute, cmprsk.KEYS),
    "step": Kind(step.compute, step.KEYS),
    "glmnet": Kind(glmnet.compute, glmnet.KEYS, glmnet.whole),
    "rms": Kind(rms.compute, rms.KEYS),
    "limma": Kind(limma.compute, limma.KEYS),
    "rnaseq": Kind(rnaseq.compute, rnaseq.KEYS, rnaseq.whole),
    "enrich": Kind(enrich.compute, enrich.KEYS),
    "gsva": Kind(gsva.compute, gsva.KEYS),
    "maf": Kind(maf.compute, maf.KEYS),
}


def answer(case: Case) -> dict[str, Any]:
    """Everything that is computed for a document, in its shape."""
    kind = KINDS[case.kind]
    case.check_keys(kind.keys)
    found: dict[str, Any] = {} if kind.whole is None else kind.whole(case)
    for analysis in case.analyses():
        put(found, analysis.place, kind.compute(analysis))
    for place, value in case.constants():
        put(found, place, value)
    return found
