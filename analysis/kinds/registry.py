"""The closed list of kinds: pages, commands and the engine iterate this and nothing else."""

from types import MappingProxyType

from analysis.kinds.base import Kind, ParameterError, TableKind
from analysis.kinds.competing import COMPETING_RISKS
from analysis.kinds.cox import COX
from analysis.kinds.risk_score import RISK_SCORE
from analysis.kinds.roc import ROC
from analysis.kinds.survival import SURVIVAL
from analysis.kinds.wet_lab import WET_LAB

_ALL: tuple[Kind, ...] = (SURVIVAL, ROC, RISK_SCORE, WET_LAB, COX, COMPETING_RISKS)
KINDS = MappingProxyType({kind.code: kind for kind in _ALL})
# What `manage.py analyse` offers.
TABLE_KINDS = MappingProxyType({kind.code: kind for kind in _ALL if isinstance(kind, TableKind)})


def kind_of(code: str) -> Kind:
    try:
        return KINDS[code]
    except KeyError:
        raise ParameterError("kind", f"{code!r} is none of {', '.join(KINDS)}.") from None
