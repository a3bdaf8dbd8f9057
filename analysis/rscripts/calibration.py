"""Calibration and validation of a Cox model by R's rms."""

from typing import Any

from analysis.frames.frame import Frame
from analysis.kinds.design import ModelWish
from analysis.rscripts.nomogram import model_in_rms
from analysis.rscripts.script import script

_JUDGED = """\
set.seed(SEED)
# calibrate() says what it does where the numbers go.
said <- capture.output(
  found <- calibrate(fit, u = HORIZON, m = PER_GROUP, B = RESAMPLES, cmethod = "KM")
)
found <- found[found[, "n"] > 0, , drop = FALSE]
for (i in seq_len(nrow(found))) {
  where <- paste0("groups/", i - 1, "/")
  put(paste0(where, "predicted"), found[i, "mean.predicted"])
  put(paste0(where, "observed"), found[i, "KM"])
  put(paste0(where, "std_err_log"), found[i, "std.err"])
}
# rms stops its refits of the resamples earlier than Hepatica: what is corrected may differ in the fifth digit.
message("corrected: ", paste(signif(found[, "KM.corrected"], 4), collapse = " "))
set.seed(SEED)
said <- capture.output(indexes <- validate(fit, B = RESAMPLES))
for (i in 1:7) put(paste0("validation/", i - 1, "/apparent"), indexes[i, "index.orig"])
message("validation, corrected: ", paste(signif(indexes[, "index.corrected"], 4), collapse = " "))"""


def calibration_script(frame: Frame, wish: ModelWish, output: dict[str, Any], *, name: str) -> str:
    if output["refused"]:
        reason = " ".join(str(output["refused"]).split())
        return script(f"No calibration of {output['endpoint']}", f"# {reason}", name=name)
    judged = _JUDGED
    for word, value in (
        ("SEED", output["seed"]),
        ("HORIZON", output["horizon"]),
        ("PER_GROUP", output["per_group"]),
        ("RESAMPLES", output["resamples"]),
    ):
        judged = judged.replace(word, repr(value))
    body = [*model_in_rms(frame, wish, output, horizon=output["horizon"]), judged]
    return script(f"Calibration of {output['endpoint']}", "\n".join(body), name=name, libraries=("survival", "rms"))
