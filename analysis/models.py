"""All tables of the analysis, by subject."""

from analysis.alerts.models import Alert
from analysis.artefacts.models import Artefact, KeptStep
from analysis.cutoffs.models import Cutoff
from analysis.datasets.models import Dataset
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
from analysis.exports.models import ExportJob
from analysis.plans.models import AnalysisPlan
from analysis.reexecution.models import Reexecution, Verification
from analysis.remark.models import RemarkNote
from analysis.reports.documents import ReportDocument, StoredFigure
from analysis.reports.models import Report, Subscription
from analysis.reports.scheduling.models import ReportSchedule
from analysis.riskmodels.models import RiskModel
from analysis.scores.models import PatientScore
from analysis.snapshots.models import Snapshot, SnapshotResult, SnapshotRetirement
from analysis.spending.models import SpendingPlan
from analysis.subcohorts.models import SubCohort

__all__ = [
    "Alert",
    "Analysis",
    "AnalysisInput",
    "AnalysisPlan",
    "Artefact",
    "Beat",
    "Cutoff",
    "Dataset",
    "ExportJob",
    "KeptStep",
    "Movement",
    "PartedRun",
    "PatientScore",
    "Reexecution",
    "RemarkNote",
    "Report",
    "ReportDocument",
    "ReportSchedule",
    "Result",
    "RiskModel",
    "Run",
    "RunPart",
    "Snapshot",
    "SnapshotResult",
    "SnapshotRetirement",
    "SpendingPlan",
    "StoredFacts",
    "StoredFigure",
    "StoredFrame",
    "SubCohort",
    "Subscription",
    "Verification",
    "Worker",
]
