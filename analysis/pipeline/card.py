"""The model card: what the score is, whom it was made from, and how well it did."""

from typing import Any

from analysis.pipeline.steps import Built
from analysis.pipeline.wish import Rows, Wish

LIMITS = (
    "The candidates were chosen and the coefficients fitted in the same patients: their numbers flatter the score.",
    "The bootstrap of the calibration fits the final covariates anew; it does not repeat the choice of the candidates.",
    "Coefficients hold for the unit and the laboratory method of these candidates only.",
    "For research; not for decisions about a patient.",
)


def model_card(wish: Wish, main: Rows, external: Rows | None, built: Built) -> dict[str, Any]:
    terms = [{"name": name, "coefficient": coef} for name, coef in built.signature.items()]
    return {
        "terms": terms,
        "unit": wish.unit,
        "cutoff": None if built.cutoff is None else {"operator": ">", "value": built.cutoff, "method": "median"},
        "endpoint": wish.endpoint,
        "time_unit": main.frame.time_unit,
        "made_from": {"file": main.name, "sha256": main.sha256, "n": len(main.frame.rows), "events": _events(main)},
        "chosen_by": {
            "candidates": len(wish.candidates),
            "screen": f"{wish.by} < {wish.threshold:g}",
            "lasso": f"{wish.penalty}, {wish.folds} folds, seed {wish.seed}",
            "stepwise": "AIC, both directions",
        },
        "in_its_own_patients": _areas(built, "timeroc"),
        "corrected": [
            {"time": at, **{name: found[name] for name in ("c_corrected", "error_corrected")}}
            for at in wish.times
            if (found := built.find(f"calibration-{at:g}"))
        ],
        "in_others": None
        if external is None
        else {"file": external.name, "sha256": external.sha256, "areas": _areas(built, "external-timeroc")},
        "limits": list(LIMITS),
    }


def formula(terms: list[dict[str, Any]]) -> str:
    return " + ".join(f"{term['coefficient']:.6g} × {term['name']}" for term in terms).replace("+ -", "− ")


def _events(rows: Rows) -> int:
    return sum(bool(event) for event in rows.frame.column("event"))


def _areas(built: Built, step: str) -> list[dict[str, Any]]:
    found = built.find(step)
    return [{name: row[name] for name in ("time", "auc", "low", "high")} for row in found["times"]] if found else []
