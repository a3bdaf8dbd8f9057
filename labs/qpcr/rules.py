"""What is declared before anybody looks at a plate: when replicates are too far apart, and when a control fails."""

from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from labs.formats.plate import mean_and_sd


class OutlierRule(StrEnum):
    """What happens with replicates whose SD exceeds the limit."""

    # They are named and all used.
    FLAG = "flag"
    # Of three or more, the one farthest from the median is left out when the others then agree; it is named.
    DROP_FARTHEST = "drop_farthest"


class ControlState(StrEnum):
    ABSENT = "absent"
    SILENT = "silent"
    # Something came up so late that it cannot explain the samples.
    LATE = "late"
    FAILED = "failed"


@dataclass(frozen=True)
class Rules:
    """`max_sd` in cycles; a control passes when its Cq is `control_margin` cycles after every sample."""

    outliers: OutlierRule = OutlierRule.FLAG
    max_sd: float = 0.5
    control_margin: float = 5.0
    confidence: float = 0.95
    # Livak and Schmittgen take the calibrator as a constant; a normal tissue measured beside its tumour is none.
    calibrator_is_constant: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.max_sd <= 10:
            raise ValueError("The limit of the SD lies above 0 and is at most 10 cycles.")
        if not 0 <= self.control_margin <= 40:
            raise ValueError("The margin of the controls lies between 0 and 40 cycles.")
        if not 0.5 <= self.confidence < 1:
            raise ValueError("The confidence lies between 0.5 and 1.")


def outlying(values: list[float], rules: Rules) -> int | None:
    """Index of the replicate that the rule leaves out; None when it leaves out none."""
    _mean, sd = mean_and_sd(values)
    if rules.outliers is not OutlierRule.DROP_FARTHEST or sd is None or sd <= rules.max_sd or len(values) < 3:
        return None
    middle = median(values)
    farthest = max(range(len(values)), key=lambda index: abs(values[index] - middle))
    _mean, rest = mean_and_sd([value for index, value in enumerate(values) if index != farthest])
    return farthest if rest is not None and rest <= rules.max_sd else None


def control_state(controls: list[float | None], samples: list[float], rules: Rules) -> ControlState:
    """`controls` are the Cq of the wells without template of one target, `samples` those of its samples."""
    if not controls:
        return ControlState.ABSENT
    earliest = min((cq for cq in controls if cq is not None), default=None)
    if earliest is None:
        return ControlState.SILENT
    if samples and earliest - max(samples) >= rules.control_margin:
        return ControlState.LATE
    return ControlState.FAILED
