"""The sentences that each kind adds to the methods of a report."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from analysis.kinds.base import Output
from analysis.kinds.methods import building, discovery, groups, markers, survival_time

Sentences = Callable[[Mapping[str, Any], Output], list[str]]

METHODS: Mapping[str, Sentences] = MappingProxyType(
    {
        "survival": survival_time.survival,
        "risk_score": survival_time.risk_score,
        "validation": survival_time.validation,
        "cox": survival_time.cox,
        "screen": building.screen,
        "lasso": building.lasso,
        "stepwise": building.stepwise,
        "nomogram": building.nomogram,
        "calibration": building.calibration,
        "pipeline": building.pipeline,
        "competing": survival_time.competing,
        "timeroc": survival_time.timeroc,
        "roc": markers.roc,
        "cutpoint": markers.cutpoint,
        "decision": markers.decision,
        "agreement": markers.agreement,
        "wet_lab": markers.wet_lab,
        "compare": groups.compare,
        "table1": groups.table1,
        "correlate": groups.correlate,
        "discovery": discovery.discovery,
    }
)
