"""All tables of the analysis, by subject."""

from analysis.cutoffs.models import Cutoff
from analysis.engine.models import Analysis, AnalysisInput, Beat, Movement, Result, Run, StoredFacts, StoredFrame
from analysis.reports.documents import ReportDocument, StoredFigure
from analysis.reports.models import Report, Subscription
from analysis.reports.scheduling.models import ReportSchedule
from analysis.riskmodels.models import RiskModel

__all__ = [
    "Analysis",
    "AnalysisInput",
    "Beat",
    "Cutoff",
    "Movement",
    "Report",
    "ReportDocument",
    "ReportSchedule",
    "Result",
    "RiskModel",
    "Run",
    "StoredFacts",
    "StoredFigure",
    "StoredFrame",
    "Subscription",
]
