"""The kinds that a pipeline is made of. It is a kind itself, so that it cannot ask the registry of all of them."""

from types import MappingProxyType

from analysis.kinds.base import Kind
from analysis.kinds.calibration import CALIBRATION
from analysis.kinds.cox import COX
from analysis.kinds.decision import DECISION
from analysis.kinds.lasso import LASSO
from analysis.kinds.nomogram import NOMOGRAM
from analysis.kinds.screen import SCREEN
from analysis.kinds.stepwise import STEPWISE
from analysis.kinds.survival import SURVIVAL
from analysis.kinds.timeroc import TIMEROC

_ALL: tuple[Kind, ...] = (SCREEN, LASSO, STEPWISE, SURVIVAL, TIMEROC, COX, NOMOGRAM, CALIBRATION, DECISION)
PARTS = MappingProxyType({kind.code: kind for kind in _ALL})
