"""The analyses that come with the demo cohorts: rows 9, 13 and 24 to 29 of the study's methods."""

from dataclasses import dataclass
from typing import Any

from analysis.demo.cohorts import ICI, RESECTION
from analysis.engine.services import analysis_define
from analysis.riskmodels.services import register_published
from analysis.riskmodels.validating import validations_define
from registry.cohorts.models import Cohort
from registry.log.actors import Actor


@dataclass(frozen=True)
class Question:
    slug: str
    title: str
    kind: str
    parameters: dict[str, Any]
    is_registered: bool = False


def _by_marker(endpoint: str, code: str, cutoff: str) -> dict[str, Any]:
    return {"endpoint": endpoint, "marker": f"ihc:{code}@tumour", "cutoff": cutoff}


def _triangle(code: str) -> Question:
    return Question(f"wet-lab-{code.lower()}", f"{code} by IHC, Western blot and qPCR", "wet_lab", {"marker": code})


QUESTIONS = {
    RESECTION.code: (
        Question("pfs-s100a11", "PFS by S100A11", "survival", _by_marker("PFS", "S100A11", "registered"), True),
        Question("pfs-fap", "PFS by FAP", "survival", _by_marker("PFS", "FAP", "registered"), True),
        Question("pfs-cd206", "PFS by CD206", "survival", _by_marker("PFS", "CD206", "median")),
        Question("os-fap", "OS by FAP", "survival", _by_marker("OS", "FAP", "registered"), True),
        Question(
            "os-risk-score",
            "OS by the published risk score",
            "risk_score",
            {
                "endpoint": "OS",
                "model": "gao-2025",
                "number": 1,
                "terms": {"S100A11": "extra:S100A11_TPM", "PUSL1": "extra:PUSL1_TPM"},
                "cutoff": "median",
            },
        ),
        *(_triangle(code) for code in ("S100A11", "FAP", "CD206")),
        Question(
            "cd206-by-fap",
            "CD206 by FAP group",
            "compare",
            {"group": "ihc:FAP@tumour", "cutoff": "registered", "values": ["ihc:CD206@tumour"]},
        ),
        Question(
            "ihc-correlations",
            "S100A11, FAP and CD206 together",
            "correlate",
            {"columns": [f"ihc:{code}@tumour" for code in ("S100A11", "FAP", "CD206")]},
        ),
        Question(
            "cox-pfs",
            "S100A11, FAP and age together for PFS",
            "cox",
            {"endpoint": "PFS", "covariates": ["ihc:S100A11@tumour", "ihc:FAP@tumour", "baseline:age"]},
        ),
        Question(
            "best-cutoff-fap",
            "The best cutoff of FAP for PFS",
            "cutpoint",
            {"endpoint": "PFS", "marker": "ihc:FAP@tumour"},
        ),
    ),
    ICI.code: (
        Question(
            "roc-non-response",
            "IL-6, CD8 and PNI for non-response",
            "roc",
            {"markers": ["blood:IL6", "blood:CD8", "index:PNI"], "positive": "non-responder"},
        ),
        Question(
            "blood-by-response",
            "Blood markers by response",
            "compare",
            {"group": "response", "values": ["index:PNI", "blood:CD8", "blood:IL6"]},
        ),
        Question(
            "baseline-by-response",
            "Baseline by response",
            "table1",
            {"group": "response", "columns": ["baseline:age", "baseline:sex", "baseline:afp", "baseline:child_pugh"]},
        ),
    ),
}


def define_analyses(cohort: Cohort, by: Actor) -> None:
    register_published(by)
    for order, question in enumerate(QUESTIONS[cohort.code], start=1):
        analysis_define(
            cohort=cohort,
            slug=question.slug,
            title=question.title,
            kind=question.kind,
            parameters=question.parameters,
            is_registered=question.is_registered,
            order=10 * order,
            by=by,
        )
    validations_define(by)
