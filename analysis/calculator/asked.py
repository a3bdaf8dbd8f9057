"""Which model of a result is asked about one patient, and what is entered for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from analysis.frames.frame import Frame
from analysis.kinds.calibration import CALIBRATION
from analysis.kinds.cox import COX
from analysis.kinds.nomogram import NOMOGRAM
from analysis.kinds.pipeline import PIPELINE, final_model

# Their parameters name the very model.
_ONE_MODEL = (COX.code, NOMOGRAM.code, CALIBRATION.code)


@dataclass(frozen=True)
class Asked:
    """`signature` is that of a score which is a covariate of the model: its terms are entered in place of it."""

    frame: Frame
    parameters: Mapping[str, Any]
    signature: Mapping[str, float] = field(default_factory=dict)


def may_be_asked(kind: str, output: Mapping[str, Any]) -> bool:
    """Whether there is a model at all; whether it has a calculator its own page says."""
    return kind in (*_ONE_MODEL, PIPELINE.code) and not output["refused"]


def asked(kind: str, frame: Frame, parameters: Mapping[str, Any], signature: Mapping[str, float]) -> Asked:
    if kind != PIPELINE.code:
        return Asked(frame, parameters)
    rows, model = final_model(frame, parameters, signature)
    return Asked(rows, model, signature)


def signature_of(kind: str, output: Mapping[str, Any]) -> tuple[tuple[str, float], ...]:
    if kind != PIPELINE.code or not output["score"]:
        return ()
    return tuple((term["term"], term["coef"]) for term in output["score"]["terms"])
