"""From candidates to a validated score: each step is a kind of analysis on the rows that it needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Any

import numpy as np

from analysis.frames.frame import Frame
from analysis.kinds.design import level_text
from analysis.pipeline.keeping import Steps
from analysis.pipeline.wish import POINTS, SCORE, Rows, Wish, narrowed

Output = dict[str, Any]
_NO_SCORE = "There is no score: {}"


@dataclass(frozen=True)
class Step:
    """One step with its kind and output; `skipped` says why there is none."""

    name: str
    title: str
    kind: str
    output: Output | None
    skipped: str = ""

    @property
    def refused(self) -> str:
        return self.skipped or (str(self.output["refused"] or "") if self.output else "")

    def as_json(self) -> Output:
        return {
            "step": self.name,
            "title": self.title,
            "kind": self.kind,
            "refused": self.refused or None,
            "output": self.output,
        }


@dataclass
class Built:
    """What the steps have found so far; the signature is in the order in which its terms stand in the model."""

    steps: list[Step] = field(default_factory=list)
    signature: dict[str, float] = field(default_factory=dict)
    cutoff: float | None = None

    def find(self, name: str) -> Output | None:
        """The output of a step that was not refused."""
        found = next((step for step in self.steps if step.name == name), None)
        return found.output if found and not found.refused else None


def build(wish: Wish, main: Rows, external: Rows | None, kept: Steps) -> Built:
    built = Built()
    run = _Run(wish, kept, built)
    why = run.choose(main.frame)
    if why:
        built.steps += [Step(name, title, kind, None, _NO_SCORE.format(why)) for name, title, kind in _AFTER]
        return built
    scored = with_score(main.frame, built.signature)
    values = [row[SCORE] for row in scored.rows if row[SCORE] is not None]
    # The digits that a reader of the model card has.
    built.cutoff = float(f"{median(values):.12g}")
    run.judge("", scored, built.cutoff)
    run.validate(external)
    run.clinical(scored)
    return built


_AFTER = (
    ("survival", "Survival by the median score", "survival"),
    ("timeroc", "Time-dependent ROC of the score", "timeroc"),
    ("clinical", "The score beside clinical features", "cox"),
    ("nomogram", "Nomogram", "nomogram"),
)


@dataclass
class _Run:
    wish: Wish
    kept: Steps
    built: Built

    def step(self, name: str, title: str, kind: str, frame: Frame, parameters: dict[str, Any]) -> Output:
        parameters = {"endpoint": self.wish.endpoint, **parameters}
        output = self.kept.step(name, kind, frame, parameters)
        self.built.steps.append(Step(name, title, kind, output))
        return output

    def skip(self, name: str, title: str, kind: str, why: str) -> None:
        self.built.steps.append(Step(name, title, kind, None, why))

    def choose(self, frame: Frame) -> str:
        """Screen, lasso, stepwise selection. Says why there is no signature; nothing where there is one."""
        wish = self.wish
        rule = {"by": wish.by, "threshold": wish.threshold}
        wanted = replace(frame, notes=[])
        screened = self.step(
            "screen", "Candidates one by one", "screen", wanted, {"covariates": list(wish.candidates), **rule}
        )
        if screened["refused"] or not screened["chosen"]:
            return screened["refused"] or f"no candidate has {wish.by} < {wish.threshold:g}."
        chosen = [name for name in wish.candidates if name in set(screened["chosen"])]
        # One candidate leaves nothing to choose from.
        if len(chosen) > 1:
            parameters = {"covariates": chosen, "folds": wish.folds, "seed": wish.seed}
            lasso = self.step("lasso", "Lasso of those chosen", "lasso", narrowed(frame, chosen), parameters)
            if lasso["refused"]:
                return str(lasso["refused"])
            chosen = [term["term"] for term in lasso["terms"] if term[wish.penalty] != 0]
        if not chosen:
            return "at the best penalty the lasso leaves no candidate."
        narrow = narrowed(frame, chosen)
        model = self.step("stepwise", "Stepwise selection", "stepwise", narrow, {"covariates": chosen})
        if model["refused"] or not model["final"]["terms"]:
            return model["refused"] or "the selection leaves no candidate."
        self.built.signature = {term["term"]: term["coef"] for term in model["final"]["terms"]}
        return ""

    def judge(self, where: str, scored: Frame, cutoff: float) -> None:
        """Curves and areas of the score; `where` is the beginning of the names in another cohort."""
        frame = narrowed(scored, [SCORE])
        said = " in the other cohort" if where else ""
        split = {"marker": SCORE, "cutoff": cutoff}
        self.step(f"{where}survival", f"Survival by the score > {cutoff:.6g}{said}", "survival", frame, split)
        times = {"markers": [SCORE], "times": list(self.wish.times)}
        self.step(f"{where}timeroc", f"Time-dependent ROC of the score{said}", "timeroc", frame, times)

    def validate(self, external: Rows | None) -> None:
        title = "External validation"
        if external is None:
            self.skip("external-cox", title, "cox", "No other cohort was given.")
            return
        absent = [name for name in self.built.signature if name not in external.frame.columns]
        if absent:
            self.skip("external-cox", title, "cox", f"{external.name} has no column {absent[0]}.")
            return
        scored = with_score(external.frame, self.built.signature)
        frame = narrowed(scored, [SCORE])
        slope = self.step("external-cox", f"{title}: the slope of the score", "cox", frame, {"covariates": [SCORE]})
        if not slope["refused"] and self.built.cutoff is not None:
            self.judge("external-", scored, self.built.cutoff)

    def clinical(self, scored: Frame) -> None:
        wish = self.wish
        names = [SCORE, *wish.clinical.names]
        frame = narrowed(scored, names)
        # Reference levels and categories are those of the clinical features; the score is a number.
        model = {**wish.clinical.parameters(), "covariates": names}
        self.step("clinical", "The score beside clinical features", "cox", frame, model)
        drawn = self.step("nomogram", "Nomogram", "nomogram", frame, {**model, "times": list(wish.times)})
        if not drawn["refused"]:
            pointed = _with_points(frame, drawn)
            times = {"markers": [POINTS], "times": list(wish.times)}
            self.step("nomogram-timeroc", "Time-dependent ROC of the nomogram", "timeroc", pointed, times)
        for at in wish.times:
            unit = f"{at:g} {frame.time_unit}".rstrip()
            judged = {**model, "horizon": at, "resamples": wish.resamples, "seed": wish.seed}
            self.step(f"calibration-{at:g}", f"Calibration at {unit}", "calibration", frame, judged)
        self.decide(frame)

    def decide(self, frame: Frame) -> None:
        factors = set(self.wish.clinical.categories)
        terms = [f"factor({name})" if name in factors else name for name in self.wish.clinical.names]
        models = {"Score": [SCORE]}
        if terms:
            models |= {"Clinical": terms, "Both": [SCORE, *terms]}
        for at in self.wish.times:
            title = f"Decision curves at {at:g} {frame.time_unit}".rstrip()
            self.step(f"decision-{at:g}", title, "decision", frame, {"horizon": at, "models": models})


def with_score(frame: Frame, signature: Mapping[str, float]) -> Frame:
    """With the score as a column; a row that lacks a term has none."""
    rows = []
    for row in frame.rows:
        terms = [(coef, row[name]) for name, coef in signature.items()]
        known = all(value is not None for _coef, value in terms)
        rows.append(row | {SCORE: sum(coef * value for coef, value in terms) if known else None})
    return replace(frame, rows=rows, columns=frame.columns | {SCORE: {"label": SCORE, "unit": ""}}).canonical()


def _with_points(frame: Frame, drawn: Output) -> Frame:
    """The sum of points of each patient: the linear predictor in another unit, which is all that a ROC curve needs."""
    points = np.zeros(len(frame.rows))
    for axis in drawn["axes"]:
        values = frame.column(axis["name"])
        if axis["is_category"]:
            known = {mark["level"]: mark["points"] for mark in axis["marks"]}
            points += [known[level_text(value)] for value in values]
            continue
        first, last = axis["marks"][0], axis["marks"][-1]
        # Where all have one value there is no axis to read from.
        low, high = float(first["label"]), float(last["label"])
        slope = (last["points"] - first["points"]) / (high - low) if high != low else 0.0
        points += first["points"] + slope * (np.array(values, float) - low)
    rows = [row | {POINTS: float(value)} for row, value in zip(frame.rows, points, strict=True)]
    return replace(frame, rows=rows, columns=frame.columns | {POINTS: {"label": POINTS, "unit": ""}}).canonical()
