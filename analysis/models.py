"""All tables of the analysis, by subject."""

from analysis.alerts.models import Alert
from analysis.cutoffs.models import Cutoff
from analysis.engine.models import Analysis, AnalysisInput, Beat, Movement, Result, Run, StoredFacts, StoredFrame
from analysis.reports.models import Report, Subscription
from analysis.riskmodels.models import RiskModel
from analysis.spending.models import SpendingPlan

__all__ = [
    "Alert",
    "Analysis",
    "AnalysisInput",
    "Beat",
    "Cutoff",
    "Movement",
    "Report",
    "Result",
    "RiskModel",
    "Run",
    "SpendingPlan",
    "StoredFacts",
    "StoredFrame",
    "Subscription",
]
