"""For every kind what it can be asked."""

from types import MappingProxyType

from analysis.definitions.of_building import CALIBRATION, LASSO, NOMOGRAM, PIPELINE, SCREEN, STEPWISE
from analysis.definitions.of_discovery import DISCOVERY
from analysis.definitions.of_groups import AGREEMENT, COMPARE, CORRELATE, TABLE1, WET_LAB
from analysis.definitions.of_prediction import DECISION, ROC
from analysis.definitions.of_survival import COMPETING, COX, CUTPOINT, RISK_SCORE, SURVIVAL, TIMEROC, VALIDATION
from analysis.definitions.parameters import Definition

_ALL = (
    SURVIVAL,
    COX,
    SCREEN,
    LASSO,
    STEPWISE,
    NOMOGRAM,
    CALIBRATION,
    PIPELINE,
    COMPETING,
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
DEFINITIONS = MappingProxyType({definition.kind: definition for definition in _ALL})


def definition_of(kind: str) -> Definition:
    return DEFINITIONS[kind]
