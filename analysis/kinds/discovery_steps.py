"""A step of discovery as a result holds it: what was asked, what it says, and its tables and figures by their hash."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.artefacts.services import artefact_keep
from analysis.canonical import canonical_json
from analysis.discovery.configuration import Asked
from analysis.discovery.figures import FIGURES
from analysis.discovery.keeping import Keeping, table_texts
from analysis.discovery.method import Outcome
from analysis.discovery.plan import Step
from analysis.discovery.report import FIRST_COLUMNS, FIRST_ROWS, shown_cell
from analysis.headline.claims import Claim
from analysis.kinds.base import Output

DONE = "done"
MOST_VERDICTS = 30


def told_step(asked: Asked, state: str, reason: str, step: Step | None, shelf: Keeping | None) -> Output:
    said: Output = {
        "name": asked.name,
        "method": asked.method.code,
        "title": asked.method.title,
        "version": asked.method.version,
        "inputs": {role: [str(one) for one in many] for role, many in asked.inputs.items()},
        "parameters": {name: value for name, value in asked.parameters.items() if value not in (None, [])},
        "state": state if reason else DONE,
        "reason": reason,
        "headline": [],
        "warnings": [],
        "summary": {},
        "lists": {},
        "tables": [],
        "figures": [],
        "first": {"columns": [], "rows": []},
    }
    if reason or step is None or shelf is None:
        return said
    return said | _outcome(step, shelf.outcome(step))


def _outcome(step: Step, found: Outcome) -> Output:
    tables = {"": found.table, **found.extra}
    return {
        "fingerprint": step.fingerprint,
        "headline": list(found.headline),
        "warnings": list(found.warnings),
        "summary": dict(found.summary),
        "lists": {
            name: {"n": len(genes), "sha256": artefact_keep("".join(f"{gene}\n" for gene in genes).encode())}
            for name, genes in found.lists.items()
        },
        "tables": [
            {
                "name": name,
                "sha256": artefact_keep(text),
                "rows": len(tables[name]),
                "columns": [str(column) for column in tables[name].columns],
            }
            for name, text in table_texts(found).items()
        ],
        "figures": _figures(step, found),
        "first": _first(found.table),
        "claims": _claims(step.name, found),
    }


def _figures(step: Step, found: Outcome) -> list[Output]:
    drawn = []
    for figure in FIGURES.get(step.method.code, ()):
        spec = figure.spec(found, step.parameters)
        if spec is not None:
            text = canonical_json(spec).encode()
            title = f"{step.name}: {figure.name.replace('-', ' ')}"
            drawn.append({"name": figure.name, "title": title, "sha256": artefact_keep(text)})
    return drawn


def _first(table: pd.DataFrame) -> Output:
    shown = table.iloc[:FIRST_ROWS, :FIRST_COLUMNS]
    rows = [[shown_cell(value) for value in row] for row in shown.itertuples(index=False, name=None)]
    return {"columns": [str(name) for name in shown.columns], "rows": rows}


def _claims(name: str, found: Outcome) -> list[Output]:
    """How many genes each list holds; of a comparison of groups what is higher where."""
    claims = [
        Claim(f"{name}_{one}", f"{name}: genes in {one}", len(genes))
        for one, genes in found.lists.items()
        if one not in ("measured", "all")
    ]
    if {"value", "q", "higher_in"} <= set(found.table.columns) and len(found.table) <= MOST_VERDICTS:
        for row in found.table.to_dict("records"):
            where = f"higher in {row['higher_in']}" if row["higher_in"] else "no difference"
            q = float(row["q"])
            claims.append(
                Claim(
                    f"{name}_{row['value']}",
                    f"{name}: q of {row['value']}",
                    None if math.isnan(q) else q,
                    verdict="" if math.isnan(q) else f"{row['value']} in {name}: {where}",
                )
            )
    return [claim.as_json() for claim in claims]


def claims_of(step: Mapping[str, Any]) -> list[Claim]:
    return [Claim(**claim) for claim in step.get("claims", [])]
