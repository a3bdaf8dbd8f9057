"""Mutations and copy number by group of patients: groups of one layer, measurements of another."""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from analysis.discovery.loading import Expression
from analysis.discovery.method import COPIES, DIFFERENTIAL, GENES, GROUPS, Earlier, Given, Method, Outcome, Role
from analysis.discovery.methods.genome import CALLS, VALUES
from analysis.discovery.methods.tables import GENE, GROUP, SAMPLE, counted, groups_of, listed
from analysis.discovery.parameters import Parameter
from analysis.discovery.sources import EXPRESSION, MUTATIONS, SYMBOL
from analysis.omics.copies_by_group import copies_and_expression, copies_by_group
from analysis.omics.errors import OmicsInputError
from analysis.omics.genes import match_symbols
from analysis.omics.maf import Mutations
from analysis.omics.mutated_by_group import LEAST_MUTATED, mutated_by_group
from analysis.omics.patients import tumours_by_patient

ALPHA = 0.05
MOST_NAMED = 8
PATIENT, MEASURED = "patient", "measured"


@dataclass(frozen=True)
class _Layers:
    """Patients of the two groups, with the sample that has its group and the one of the other layer (or blank)."""

    table: pd.DataFrame
    notes: tuple[str, ...]

    def of(self, group: str) -> list[str]:
        """Samples of the other layer."""
        there = (self.table[GROUP] == group) & (self.table[MEASURED] != "")
        return list(self.table.loc[there, MEASURED])


def _layers(given: Given, samples: Iterable[str], what: str) -> _Layers:
    one: Earlier | Expression = given.one("groups")
    groups = groups_of(one.outcome.table) if isinstance(one, Earlier) else dict(one.groups)
    sides = [given.parameters[side] for side in ("case", "control")]
    mine = {sample: group for sample, group in groups.items() if group in sides}
    grouped, measured = tumours_by_patient(mine), tumours_by_patient(samples)
    rows = [(patient, mine[sample], sample, measured.get(patient, "")) for patient, sample in grouped.items()]
    table = pd.DataFrame(rows, columns=[PATIENT, GROUP, SAMPLE, MEASURED])
    said = []
    for side in sides:
        own = table[table[GROUP] == side]
        there = int((own[MEASURED] != "").sum())
        if not there:
            names = ", ".join(dict.fromkeys(groups.values())) or "none"
            raise OmicsInputError(f"No patient of the group {side} has {what}; the groups are {names}.")
        said.append(f"{len(own) - there} of {len(own)} in {side}")
    notes = [f"Without {what}: {', '.join(said)}."]
    others = len(measured.keys() - grouped.keys())
    if others:
        notes.append(f"With {what} and in neither group: {counted(others, 'patient')}.")
    if len(grouped) < len(mine):
        left = counted(len(mine) - len(grouped), "sample")
        notes.append(f"Of normal tissue, or second ones of a patient, left out of the groups: {left}.")
    return _Layers(table, tuple(notes))


def _genes(given: Given) -> list[str]:
    found = list(given.parameters["genes"])
    for one in given.all("lists"):
        found += one.outcome.lists[one.part]
    return list(dict.fromkeys(found))


def _by_name(table: pd.DataFrame, given: Given) -> pd.DataFrame:
    """Columns of case and control by the names of the groups."""
    sides = {f"_{side}": f"_{given.parameters[side]}" for side in ("case", "control")}
    names = {name: name.removesuffix(end) + said for name in table for end, said in sides.items() if name.endswith(end)}
    return table.rename(columns=names)


def _compare_mutations(given: Given) -> Outcome:
    cohort: Mutations = given.one("mutations")
    layers = _layers(given, cohort.samples, "mutations")
    asked = given.parameters
    sides = {side: layers.of(asked[side]) for side in ("case", "control")}
    n = {side: len(samples) for side, samples in sides.items()}
    genes = _genes(given)
    least = asked["least_mutated"]
    table = mutated_by_group(cohort, sides["case"], sides["control"], genes=genes or None, least=least)
    for side in ("control", "case"):
        table.insert(3 if side == "control" else 2, f"share_{side}", table[f"mutated_{side}"] / n[side])
    found = table[table["q"] < ALPHA]
    rows = [
        f"{row.gene} in {100 * row.share_case:.0f} % against {100 * row.share_control:.0f} % "
        f"(odds ratio {_ratio(row.odds_ratio)}, 95 % CI {_ratio(row.lower)} to {_ratio(row.upper)})"
        for row in found.head(MOST_NAMED).itertuples()
    ]
    of_asked = f" of {counted(len(genes), 'gene')} asked for" if genes else ""
    return Outcome(
        _by_name(table, given),
        (
            f"{asked['case']} (n = {n['case']}) against {asked['control']} (n = {n['control']}), Fisher's exact test; "
            f"{counted(len(table), 'gene')}{of_asked} mutated in {least} patients or more.",
            f"Different at q < {ALPHA:g}: {listed(rows, MOST_NAMED) or 'none'}.",
        ),
        {"n": {asked[side]: size for side, size in n.items()}, "tested": len(table), "found": len(found)},
        warnings=layers.notes,
        extra={"patients": layers.table},
    )


def _ratio(value: float) -> str:
    return f"{value:.3g}".replace("inf", "∞")


def _compare_copy_number(given: Given) -> Outcome:
    one: Earlier = given.one("copies")
    if CALLS not in one.outcome.extra:
        raise OmicsInputError(f"{one.name} has no calls by gene and sample: it is of lesions.")
    calls = one.outcome.extra[CALLS].set_index(GENE)
    values = one.outcome.extra[VALUES].set_index(GENE) if VALUES in one.outcome.extra else calls
    layers = _layers(given, calls.columns, "copy number")
    asked, notes = given.parameters, list(layers.notes)
    genes = _genes(given)
    if genes:
        match = match_symbols(genes, list(calls.index))
        if not match.found:
            raise OmicsInputError(f"{one.name} has none of the genes: {listed(genes)}.")
        calls, values = (table.loc[list(match.found.values())] for table in (calls, values))
        notes += [f"Not in the copy number: {listed(match.missing)}."] if match.missing else []
    if VALUES not in one.outcome.extra:
        notes.append("Without copy change, medians and ranks are of the calls.")
    n = {side: len(layers.of(asked[side])) for side in ("case", "control")}
    table = copies_by_group(values, calls, layers.of(asked["case"]), layers.of(asked["control"]))
    found = [f"{row.gene} (median {row.median_case:.2g} against {row.median_control:.2g})"
             for row in table[table["q"] < ALPHA].itertuples()]  # fmt: skip
    headline = [
        f"{asked['case']} (n = {n['case']}) against {asked['control']} (n = {n['control']}), Mann–Whitney on copy "
        f"change, Fisher's exact test on gains and on losses; {counted(len(table), 'gene')}.",
        f"Different at q < {ALPHA:g}: {listed(found, MOST_NAMED) or 'none'}.",
    ]
    for name in ("gained", "lost"):
        rows = [
            f"{row[GENE]} in {100 * row[f'{name}_case']:.0f} % against {100 * row[f'{name}_control']:.0f} %"
            for row in table[table[f"q_{name}"] < ALPHA].to_dict("records")
        ]
        headline.append(f"{name.capitalize()} differently at q < {ALPHA:g}: {listed(rows, MOST_NAMED) or 'none'}.")
    extra = {"patients": layers.table}
    if given.one("expression") is not None:
        extra["expression"] = correlated = _with_expression(given.one("expression"), values, asked["within"], notes)
        pairs = [f"{row.gene} {row.rho:.2f}" for row in correlated.itertuples() if row.q < ALPHA]
        headline.append(
            f"Copy number with the expression of the same gene, Spearman, {counted(len(correlated), 'gene')}: "
            f"{len(pairs)} at q < {ALPHA:g}. Strongest: {listed(pairs, MOST_NAMED) or 'none'}."
        )
    summary = {"n": {asked[side]: size for side, size in n.items()}, "genes": len(table), "found": len(found)}
    return Outcome(_by_name(table, given), headline, summary, warnings=notes, extra=extra)


def _with_expression(
    expression: Expression, values: pd.DataFrame, within: str | None, notes: list[str]
) -> pd.DataFrame:
    """Over all patients that have both, whatever their group."""
    frame = expression.within(within).frame
    match = match_symbols(list(values.index), list(frame.index))
    copied, expressed = tumours_by_patient(values.columns), tumours_by_patient(frame.columns)
    both = [patient for patient in copied if patient in expressed]
    if not match.found or not both:
        raise OmicsInputError(f"The expression {expression.name} has no gene, or no patient, of the copy number.")
    notes.append(
        f"With copy number and expression: {counted(len(both), 'patient')}; with copy number only: "
        f"{len(copied) - len(both)}; with expression only: {len(expressed) - len(both)}."
    )
    if match.missing:
        notes.append(f"Not in the expression: {listed(match.missing)}.")
    one = values.loc[list(match.found), [copied[patient] for patient in both]].set_axis(both, axis=1)
    other = frame.loc[list(match.found.values()), [expressed[patient] for patient in both]]
    return copies_and_expression(one, other.set_axis(list(match.found)).set_axis(both, axis=1))


_ROLES = {
    "groups": Role((GROUPS, EXPRESSION)),
    "lists": Role((DIFFERENTIAL, GENES), required=False, several=True, part="list"),
}
_SIDES = {"case": Parameter(str), "control": Parameter(str), "genes": Parameter(str, [], listed=True)}
COMPARE_MUTATIONS = Method(
    "compare_mutations",
    "Mutations by group",
    "1",
    _compare_mutations,
    {"mutations": Role((MUTATIONS,)), **_ROLES},
    {**_SIDES, "least_mutated": Parameter(int, LEAST_MUTATED, least=1)},
)
COMPARE_COPY_NUMBER = Method(
    "compare_copy_number",
    "Copy number by group",
    "1",
    _compare_copy_number,
    {"copies": Role((COPIES,)), **_ROLES, "expression": Role((EXPRESSION,), required=False, identifiers=(SYMBOL,))},
    {**_SIDES, "within": Parameter(str, None)},
)
