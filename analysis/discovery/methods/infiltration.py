"""What surrounds a tumour's cells: ESTIMATE, EPIC, CIBERSORT, TIMER, TIDE, quanTIseq, ABIS."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from analysis.discovery import licences
from analysis.discovery.loading import Expression, matrix, names, pairs
from analysis.discovery.method import SCORES, Given, Method, Outcome, Role
from analysis.discovery.methods.tables import SAMPLE, counted, medians, named
from analysis.discovery.parameters import Parameter
from analysis.discovery.signatures import IMMUNE, STROMAL, contents, estimate_sets
from analysis.discovery.sources import EXPRESSION, IDENTIFIERS, SIGNATURE, SYMBOL, Source
from analysis.omics.abis import abis
from analysis.omics.cibersort import MODES, cibersort
from analysis.omics.epic import SOLVERS, epic
from analysis.omics.estimate import estimate
from analysis.omics.expression import FPKM, TPM
from analysis.omics.matrices import Provenance
from analysis.omics.quantiseq import quantiseq
from analysis.omics.tide import SPREAD_OF, tide
from analysis.omics.timer import timer

LINEAR = (TPM, FPKM)
ARRAYS_ONLY = "The purity of ESTIMATE was fitted on Affymetrix arrays and is not given."
WITHIN = {"within": Parameter(str, None)}


def _inputs(given: Given) -> tuple[pd.DataFrame, Source]:
    expression: Expression = given.one("expression").within(given.parameters["within"])
    return expression.frame, given.one("signature")


def _scores(
    found: pd.DataFrame, made: Provenance, notes: tuple[str, ...] = (), extra: dict[str, pd.DataFrame] | None = None
) -> Outcome:
    return Outcome(
        named(found, SAMPLE),
        (
            f"{counted(len(found), 'sample')}; {made.genes_found} of {made.genes_expected} genes of the reference.",
            f"Medians: {medians(found.select_dtypes('number'))}.",
        ),
        {
            "method": made.method,
            "samples": len(found),
            "genes_found": made.genes_found,
            "genes_expected": made.genes_expected,
            "parameters": dict(made.parameters),
            "version": made.version,
        },
        warnings=(*made.warnings, *notes),
        extra=extra or {},
    )


def _estimate(given: Given) -> Outcome:
    frame, signature = _inputs(given)
    sets = estimate_sets(signature.must("sets"))
    found = estimate(frame, common_genes=names(signature.must("common")), stromal=sets[STROMAL], immune=sets[IMMUNE])
    return _scores(found.scores.drop(columns="purity"), found.provenance, (ARRAYS_ONLY,))


def _epic(given: Given) -> Outcome:
    frame, signature = _inputs(given)
    variability = signature.path("variability")
    found = epic(
        frame,
        matrix(signature.must("profiles")),
        names(signature.must("genes")),
        variability=None if variability is None else matrix(variability),
        solver=given.parameters["solver"],
    )
    return _scores(
        found.cells, found.provenance, extra={"mrna": named(found.mrna, SAMPLE), "fit": named(found.fit, SAMPLE)}
    )


def _cibersort(given: Given) -> Outcome:
    frame, signature = _inputs(given)
    asked = given.parameters
    found = cibersort(
        frame,
        matrix(signature.must("matrix")),
        quantile=asked["quantile"],
        permutations=asked["permutations"],
        seed=given.seed,
        told=given.told,
    )
    return _scores(found.shares(asked["mode"]), found.provenance, extra={"fit": named(found.fit, SAMPLE)})


def _timer(given: Given) -> Outcome:
    frame, signature = _inputs(given)
    found = timer(
        frame,
        matrix(signature.must("profiles")),
        pairs(signature.must("types")),
        names(signature.must("markers")),
    )
    return _scores(found.scores, found.provenance, ("Scores compare samples of this cohort, not cell types.",))


def _tide(given: Given) -> Outcome:
    frame, signature = _inputs(given)
    found = tide(
        frame,
        matrix(signature.must("signatures")),
        matrix(signature.must("spread")),
        cancer=given.parameters["cancer"],
        pretreated=given.parameters["pretreated"],
        entrez=given.one("identifiers"),
    )
    return _scores(found.scores, found.provenance)


def _quantiseq(given: Given) -> Outcome:
    frame, signature = _inputs(given)
    content = signature.path("mrna")
    found = quantiseq(
        frame,
        matrix(signature.must("matrix")),
        mrna=None if content is None else contents(content),
        without={gene for path in signature.files.get("without", ()) for gene in names(path)},
    )
    return _scores(found.shares, found.provenance)


def _abis(given: Given) -> Outcome:
    frame, signature = _inputs(given)
    found = abis(frame, matrix(signature.must("matrix")))
    unsettled = (f"Did not settle: {', '.join(found.unsettled)}.",) if found.unsettled else ()
    return _scores(found.shares.T, found.provenance, unsettled)


def _method(
    code: str,
    title: str,
    compute: Callable[[Given], Outcome],
    needs: str,
    *,
    version: str = "1",
    units: tuple[str, ...] = LINEAR,
    parameters: dict[str, Parameter] | None = None,
    **more: Any,
) -> Method:
    symbols = () if code == "tide" else (SYMBOL,)
    roles = {
        "expression": Role((EXPRESSION,), units=units, identifiers=symbols),
        "signature": Role((SIGNATURE,), required=False, form=code, needs=needs),
    }
    if code == "tide":
        roles["identifiers"] = Role((IDENTIFIERS,), required=False)
    return Method(code, title, version, compute, roles, {**WITHIN, **(parameters or {})}, gives=SCORES, **more)


INFILTRATION = (
    _method("estimate", "Stroma and immune infiltrate (ESTIMATE)", _estimate, licences.ESTIMATE, units=()),
    _method("epic", "Cell types (EPIC)", _epic, licences.EPIC, parameters={"solver": Parameter(str, "exact", SOLVERS)}),
    _method(
        "cibersort",
        "Cell types (CIBERSORT)",
        _cibersort,
        licences.CIBERSORT,
        parameters={
            "mode": Parameter(str, "relative", MODES),
            "quantile": Parameter(bool, False),
            "permutations": Parameter(int, 0, least=0),
        },
        seeded=True,
    ),
    _method("timer", "Cell types (TIMER)", _timer, licences.TIMER),
    _method(
        "tide",
        "Dysfunction and exclusion of T cells (TIDE)",
        _tide,
        licences.TIDE,
        version="2",
        parameters={"cancer": Parameter(str, "Other", tuple(SPREAD_OF)), "pretreated": Parameter(bool, False)},
    ),
    _method("quantiseq", "Cell types (quanTIseq)", _quantiseq, licences.QUANTISEQ),
    _method("abis", "Cell types (ABIS)", _abis, licences.ABIS, units=(TPM,)),
)
