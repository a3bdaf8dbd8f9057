"""The closed list of kinds: pages, commands and the engine iterate this and nothing else."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from analysis.frames.request import FrameRequest
from analysis.frames.variables import VariableNameError
from analysis.kinds.agreement import AGREEMENT
from analysis.kinds.base import Kind, ParameterError, TableKind
from analysis.kinds.calibration import CALIBRATION
from analysis.kinds.compare import COMPARE
from analysis.kinds.competing import COMPETING_RISKS
from analysis.kinds.correlate import CORRELATE
from analysis.kinds.cox import COX
from analysis.kinds.cutpoint import CUTPOINT
from analysis.kinds.decision import DECISION
from analysis.kinds.discovery import DISCOVERY
from analysis.kinds.lasso import LASSO
from analysis.kinds.nomogram import NOMOGRAM
from analysis.kinds.pipeline import PIPELINE
from analysis.kinds.risk_score import RISK_SCORE
from analysis.kinds.roc import ROC
from analysis.kinds.screen import SCREEN
from analysis.kinds.stepwise import STEPWISE
from analysis.kinds.survival import SURVIVAL
from analysis.kinds.table1 import TABLE1
from analysis.kinds.timeroc import TIMEROC
from analysis.kinds.validation import VALIDATION
from analysis.kinds.wet_lab import WET_LAB

_ALL: tuple[Kind, ...] = (
    SURVIVAL,
    COX,
    SCREEN,
    LASSO,
    STEPWISE,
    NOMOGRAM,
    CALIBRATION,
    PIPELINE,
    COMPETING_RISKS,
    TIMEROC,
    ROC,
    CUTPOINT,
    RISK_SCORE,
    VALIDATION,
    COMPARE,
    TABLE1,
    CORRELATE,
    AGREEMENT,
    DECISION,
    WET_LAB,
    DISCOVERY,
)
KINDS = MappingProxyType({kind.code: kind for kind in _ALL})
# What `manage.py analyse` offers.
TABLE_KINDS = MappingProxyType({kind.code: kind for kind in _ALL if isinstance(kind, TableKind)})


def kind_of(code: str) -> Kind:
    try:
        return KINDS[code]
    except KeyError:
        raise ParameterError("kind", f"{code!r} is none of {', '.join(KINDS)}.") from None


def still_asked(code: str, parameters: Mapping[str, Any]) -> FrameRequest | None:
    """What a question on record reads; None where it cannot be asked any more, which its next run says."""
    try:
        return kind_of(code).request(parameters)
    except (ParameterError, VariableNameError):
        return None
