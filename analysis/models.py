"""All tables of the analysis, by subject."""

from analysis.cutoffs.models import Cutoff
from analysis.engine.models import (
    Analysis,
    AnalysisInput,
    Beat,
    Movement,
    PartedRun,
    Result,
    Run,
    RunPart,
    StoredFacts,
    StoredFrame,
    Worker,
)
from analysis.reports.models import Report, Subscription
from analysis.riskmodels.models import RiskModel

__all__ = [
    "Analysis",
    "AnalysisInput",
    "Beat",
    "Cutoff",
    "Movement",
    "PartedRun",
    "Report",
    "Result",
    "RiskModel",
    "Run",
    "RunPart",
    "StoredFacts",
    "StoredFrame",
    "Subscription",
    "Worker",
]
