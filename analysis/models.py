"""All tables of the analysis, by subject."""

from analysis.cutoffs.models import Cutoff
from analysis.engine.models import Analysis, AnalysisInput, Beat, Movement, Result, Run, StoredFacts, StoredFrame
from analysis.exports.models import ExportJob
from analysis.reports.models import Report, Subscription
from analysis.riskmodels.models import RiskModel

__all__ = [
    "Analysis",
    "AnalysisInput",
    "Beat",
    "Cutoff",
    "ExportJob",
    "Movement",
    "Report",
    "Result",
    "RiskModel",
    "Run",
    "StoredFacts",
    "StoredFrame",
    "Subscription",
]
