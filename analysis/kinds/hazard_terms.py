"""The coefficients of a hazard model in words and numbers: shared by the kinds that fit one."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from analysis.headline.claims import Claim
from analysis.kinds.design import Design
from analysis.kinds.groups import MIN_EVENTS, MIN_PATIENTS
from analysis.kinds.tables import ResultTable, shown
from analysis.kinds.wording import ALPHA, p_cell
from analysis.stats.arrays import BoolArray, FloatArray

MIN_EVENTS_PER_VARIABLE = 10


class HazardFit(Protocol):
    @property
    def coef(self) -> FloatArray: ...

    @property
    def se(self) -> FloatArray: ...

    @property
    def hr(self) -> FloatArray: ...

    @property
    def low(self) -> FloatArray: ...

    @property
    def high(self) -> FloatArray: ...

    @property
    def z(self) -> FloatArray: ...

    @property
    def p(self) -> FloatArray: ...


def term_rows(fit: HazardFit, design: Design) -> list[dict[str, Any]]:
    """`se` is the one that z, p and the interval rest on."""
    return [
        {
            "term": column.name,
            "label": column.label,
            "unit": covariate_units(design).get(column.name, ""),
            "level": column.level,
            "reference": column.reference,
            "coef": fit.coef[i],
            "se": fit.se[i],
            "hr": fit.hr[i],
            "low": fit.low[i],
            "high": fit.high[i],
            "z": fit.z[i],
            "p": fit.p[i],
        }
        for i, column in enumerate(design.columns)
    ]


def covariate_units(design: Design) -> dict[str, str]:
    return {covariate.name: covariate.unit for covariate in design.covariates if not covariate.levels}


def described(design: Design) -> list[dict[str, Any]]:
    """The covariates; of categories the levels in their order, the first being the reference."""
    return [
        {
            "name": covariate.name,
            "label": covariate.label,
            "unit": covariate.unit,
            "levels": [level.label for level in covariate.levels] or None,
        }
        for covariate in design.covariates
    ]


def too_few(n: int, events: int, what: str = "events") -> str | None:
    """Why no model is fitted at all."""
    if n < MIN_PATIENTS:
        return f"No model: {n} patients have all the facts, fewer than {MIN_PATIENTS}."
    if events < MIN_EVENTS:
        return f"No model: {events} {what}, fewer than {MIN_EVENTS}."
    return None


def size_warnings(design: Design, events: int, happened: BoolArray, what: str = "events") -> list[str]:
    """Too few events for the coefficients, or in one level of a category."""
    columns = len(design.columns)
    found = []
    if events / columns < MIN_EVENTS_PER_VARIABLE:
        found.append(
            f"{events} {what} for {columns} coefficients are {events / columns:.1f} per variable, fewer than "
            f"{MIN_EVENTS_PER_VARIABLE}: the model may be overfitted and its intervals too narrow."
        )
    for covariate in design.covariates:
        for level in covariate.levels:
            members = [value == level.value for value in covariate.values]
            with_event = int(sum(happened[i] for i, inside in enumerate(members) if inside))
            if sum(members) < MIN_PATIENTS or with_event < MIN_EVENTS:
                found.append(
                    f"{covariate.label}, level {level.label}: too few to rely on its hazard ratio "
                    f"(patients: {sum(members)}, {what}: {with_event})."
                )
    return found


def term_claims(
    terms: Sequence[dict[str, Any]],
    *,
    prefix: str = "hr",
    ratio: str = "Hazard ratio",
    of: str = "hazard",
    threshold: float = ALPHA,
) -> list[Claim]:
    """`of` is what a ratio above 1 means more of."""
    return [
        Claim(
            f"{prefix}_{term['term']}",
            f"{ratio}, {term_label(term)}",
            term["hr"],
            term["low"],
            term["high"],
            verdict=_verdict(term, of, threshold),
        )
        for term in terms
    ]


def term_label(term: dict[str, Any]) -> str:
    return f"{term['label']}, per {term['unit']}" if term["unit"] else str(term["label"])


def _verdict(term: dict[str, Any], of: str, threshold: float) -> str:
    if term["p"] >= threshold:
        return f"{term['label']}: no effect shown"
    return f"{term['label']}: {'higher' if term['hr'] > 1 else 'lower'} {of}"


def called(term: str, covariates: Sequence[Mapping[str, Any]]) -> str:
    """A term that was tested, by the labels of its covariates; `covariates` as described."""
    if term == "GLOBAL":
        return "all terms together"
    labels = {str(covariate["name"]): str(covariate["label"]) for covariate in covariates}
    labels |= {f"factor({name})": label for name, label in labels.items()}
    if not labels:
        return term
    # In one pass and the longest first: a label may have another's name in it.
    longest = sorted(map(re.escape, labels), key=len, reverse=True)
    return re.sub("|".join(longest), lambda found: labels[found[0]], term)


def term_table(name: str, title: str, terms: Sequence[dict[str, Any]], notes: list[str]) -> ResultTable:
    rows = [
        [
            term_label(term),
            shown(term["hr"]),
            f"{shown(term['low'])}–{shown(term['high'])}",
            shown(term["coef"]),
            shown(term["se"]),
            shown(term["z"]),
            p_cell(term["p"]),
        ]
        for term in terms
    ]
    return ResultTable(name, title, ["Term", "HR", "95% CI", "Coefficient", "SE", "z", "p"], rows, notes)
