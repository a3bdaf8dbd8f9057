"""What Gao et al. 2025 print of the same steps, beside what was found here. It decides nothing."""

from dataclasses import dataclass, replace
from typing import Any

from analysis.frames.frame import Frame
from analysis.kinds.base import Output
from analysis.kinds.tables import ResultTable
from analysis.kinds.wording import interval_text, p_text
from analysis.pipeline.keeping import Steps
from analysis.pipeline.steps import Built
from analysis.pipeline.wish import Wish, narrowed
from analysis.riskmodels import published
from analysis.stats.limits import wald_limits

SCREENED = (
    "S100A11", "NT5DC2", "KLHDC8B", "TEAD4", "HOMER3", "FLYWCH2", "CCDC124", "HID1", "PUSL1", "NPM3",
)  # fmt: skip
LASSO = tuple(name for name in SCREENED if name not in ("HOMER3", "NPM3"))
SIGNATURE = tuple(published.COEFFICIENTS)
# Years → AUC of the published score in TCGA-LIHC, and of the nomogram.
AREAS = {1: 0.69, 2: 0.66, 3: 0.65}
NOMOGRAM_AREAS = {1: 0.75, 2: 0.71, 3: 0.70, 5: 0.72}
PUBLISHED_SCORE = "published score"
_NEAR = 0.02
_NAMED = 12


_AGREES = {True: "agrees", False: "does not agree", None: "not to be compared"}


@dataclass(frozen=True)
class Compared:
    """`agrees` is None where the two cannot be compared."""

    what: str
    study: str
    here: str
    agrees: bool | None


def compared_with_study(wish: Wish, frame: Frame, built: Built, kept: Steps) -> list[Compared]:
    genes = _genes(wish, frame)
    return [
        *_names(genes, built, wish),
        *_coefficients(wish, frame, kept, genes),
        *_survival(built),
        *_areas(wish, frame, built, kept, genes),
    ]


def study_table(study: list[dict[str, Any]]) -> ResultTable:
    """Of rows as a result keeps them."""
    rows = [[row["what"], row["study"], row["here"], _AGREES[row["agrees"]]] for row in study]
    counts = ", ".join(f"{word}: {sum(row['agrees'] is value for row in study)}" for value, word in _AGREES.items())
    note = (
        "Names agree if they are the same; a number if the study's lies in the interval found here, which says little "
        "where that is wide. Other patients, and fewer, need not give the same."
    )
    title = "Beside the study (Gao et al. 2025)"
    notes = [f"{counts.capitalize()}. {note}"]
    return ResultTable("study", title, ["", "Study", "Here", "Agrees?"], rows, notes, is_prose=True)


def _genes(wish: Wish, frame: Frame) -> dict[str, str]:
    """gene of the study → candidate, by its label, or by a code such as S100A11 or S100A11_TPM."""
    found: dict[str, str] = {}
    for name in wish.candidates:
        code = name.partition(":")[2] or name
        label = frame.columns.get(name, {}).get("label", name)
        called = {label, code, code.removesuffix(f"_{wish.unit}") if wish.unit else code}
        found |= {gene: name for gene in SCREENED if gene in called}
    return found


def _names(genes: dict[str, str], built: Built, wish: Wish) -> list[Compared]:
    screen, lasso = built.find("screen"), built.find("lasso")
    # None: the step was not reached.
    found: list[tuple[str, tuple[str, ...], list[str] | None]] = [
        ("Candidates chosen one by one", SCREENED, screen["chosen"] if screen else None),
        (
            "Left by the lasso",
            LASSO,
            [term["term"] for term in lasso["terms"] if term[wish.penalty] != 0] if lasso else None,
        ),
        ("The signature", SIGNATURE, list(built.signature) or None),
    ]
    rows = []
    for what, study, here in found:
        absent = [name for name in study if name not in genes]
        missing = f"; not among the candidates here: {', '.join(absent)}" if absent else ""
        if here is None:
            rows.append(Compared(what, ", ".join(study), f"not reached{missing}", None))
            continue
        called = {name: gene for gene, name in genes.items()}
        here = [called.get(name, name) for name in here]
        both = [name for name in study if name in here]
        said = f"{_some(here)} ({len(both)} of the study's {len(study)}){missing}"
        rows.append(Compared(what, ", ".join(study), said, set(here) == set(study)))
    return rows


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return (", ".join(names[:_NAMED]) or "none") + more


def _coefficients(wish: Wish, frame: Frame, kept: Steps, genes: dict[str, str]) -> list[Compared]:
    """The two genes of the signature together, whatever was chosen here."""
    if not set(SIGNATURE) <= set(genes):
        return []
    names = [genes[gene] for gene in SIGNATURE]
    parameters = {"endpoint": wish.endpoint, "covariates": names}
    fit = kept.step("study-model", "cox", narrowed(frame, names), parameters)
    if fit["refused"]:
        return []
    rows = []
    for gene, term in zip(SIGNATURE, fit["terms"], strict=True):
        printed, (low, high) = published.COEFFICIENTS[gene], wald_limits(term["coef"], term["se"])
        inside = low <= printed <= high
        here = f"{term['coef']:.5f} (95% CI {low:.5f} to {high:.5f})"
        agrees = inside if wish.unit == published.UNIT else None
        what = f"Coefficient of {gene}, per {wish.unit or 'unit'}"
        rows.append(Compared(what, f"{printed:g} per {published.UNIT}", here, agrees))
    return rows


def _survival(built: Built) -> list[Compared]:
    found = built.find("survival")
    if not found or not found["hr"] or not found["logrank"]:
        return []
    hr, p = found["hr"], found["logrank"]["p"]
    here = f"hazard ratio {interval_text(hr['hr'], hr['low'], hr['high'])}, log-rank {p_text(p)}"
    return [Compared("High score: shorter survival", "yes", here, hr["hr"] > 1 and p < 0.05)]


def _areas(wish: Wish, frame: Frame, built: Built, kept: Steps, genes: dict[str, str]) -> list[Compared]:
    per_year = frame.per_year
    if per_year is None:
        return []
    found: list[tuple[str, dict[int, float], Output | None]] = [
        ("AUC of the score fitted here", AREAS, built.find("timeroc"))
    ]
    if wish.unit == published.UNIT and set(SIGNATURE) <= set(genes):
        parameters = {"endpoint": wish.endpoint, "markers": [PUBLISHED_SCORE], "times": list(wish.times)}
        applied = kept.step("study-timeroc", "timeroc", _with_published(frame, genes), parameters)
        found.append(("AUC of the published score", AREAS, applied))
    found.append(("AUC of the nomogram", NOMOGRAM_AREAS, built.find("nomogram-timeroc")))
    rows = []
    for what, printed, output in found:
        for row in output["times"] if output else ():
            years = next((year for year in printed if abs(row["time"] / per_year - year) < _NEAR * year), None)
            if years is None or row["refused"] or row["low"] is None:
                continue
            here = interval_text(row["auc"], row["low"], row["high"])
            inside = row["low"] <= printed[years] <= row["high"]
            rows.append(
                Compared(
                    f"{what} at {years} {'year' if years == 1 else 'years'}", f"{printed[years]:.2f}", here, inside
                )
            )
    return rows


def _with_published(frame: Frame, genes: dict[str, str]) -> Frame:
    narrow = narrowed(frame, [genes[gene] for gene in SIGNATURE])
    rows: list[dict[str, Any]] = [
        row | {PUBLISHED_SCORE: sum(coef * row[genes[gene]] for gene, coef in published.COEFFICIENTS.items())}
        for row in narrow.rows
    ]
    columns = narrow.columns | {PUBLISHED_SCORE: {"label": PUBLISHED_SCORE, "unit": ""}}
    return replace(narrow, rows=rows, columns=columns).canonical()
