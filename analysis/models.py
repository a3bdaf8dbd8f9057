"""All tables of the analysis, by subject."""

from analysis.cutoffs.models import Cutoff
from analysis.engine.models import Analysis, AnalysisInput, Beat, Movement, Result, Run, StoredFacts, StoredFrame
from analysis.reexecution.models import Reexecution, Verification
from analysis.reports.models import Report, Subscription
from analysis.riskmodels.models import RiskModel
from analysis.snapshots.models import Snapshot, SnapshotResult, SnapshotRetirement

__all__ = [
    "Analysis",
    "AnalysisInput",
    "Beat",
    "Cutoff",
    "Movement",
    "Reexecution",
    "Report",
    "Result",
    "RiskModel",
    "Run",
    "Snapshot",
    "SnapshotResult",
    "SnapshotRetirement",
    "StoredFacts",
    "StoredFrame",
    "Subscription",
    "Verification",
]
