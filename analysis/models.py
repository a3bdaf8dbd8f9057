"""All tables of the analysis, by subject."""

from analysis.cutoffs.models import Cutoff
from analysis.engine.models import Analysis, AnalysisInput, Movement, Result, Run, StoredFrame
from analysis.reports.models import Report, Subscription
from analysis.riskmodels.models import RiskModel

__all__ = [
    "Analysis",
    "AnalysisInput",
    "Cutoff",
    "Movement",
    "Report",
    "Result",
    "RiskModel",
    "Run",
    "StoredFrame",
    "Subscription",
]
