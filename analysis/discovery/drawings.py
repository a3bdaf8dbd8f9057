"""Outcomes of steps in the shapes that the figures take; None where there is nothing to draw."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.charts import boxes, correlation_matrix
from analysis.charts.omics import (
    cell_boxes,
    cell_shares,
    copy_number,
    differential,
    enrichment,
    expression_heat,
    gsea,
    mutation_summary,
    upset,
    venn,
    waterfall,
)
from analysis.discovery.method import Outcome
from analysis.discovery.methods.groups import ALPHA
from analysis.discovery.methods.tables import GENE, GROUP, SAMPLE
from analysis.omics.gsea import Ranking, running_sum
from analysis.omics.titv import CLASSES

Spec = dict[str, Any]
Asked = Mapping[str, Any]
MOST_CORRELATED, MOST_SAMPLES = 20, 500
FEWEST_TYPES = 4
UP, DOWN = "up", "down"


def volcano(outcome: Outcome, asked: Asked) -> Spec | None:
    rows = [
        {"gene": gene, "log2_fold_change": _known(change), "p_adjusted": _known(p)}
        for gene, change, p in outcome.table[[GENE, "log_fold_change", "adjusted_p"]].itertuples(index=False, name=None)
    ]
    groups = [{"name": asked[side], "n": outcome.summary[f"n_{side}"]} for side in ("case", "control")]
    limits = {name: asked[name] for name in ("alpha", "least_change")}
    return differential.chart({"rows": rows, "groups": groups, **limits})


def heat(outcome: Outcome, _asked: Asked) -> Spec | None:
    if "heat" not in outcome.extra:
        return None
    table = outcome.extra["heat"]
    z = table.drop(columns=[SAMPLE, GROUP])
    return expression_heat.chart(
        {"genes": list(z), "groups": list(table[GROUP]), "z": z.T.to_numpy().tolist(), "unit": "log2 expression"}
    )


def common_venn(outcome: Outcome, _asked: Asked) -> Spec | None:
    return venn.chart({name: outcome.summary[name] for name in ("names", "regions")})


def common_upset(outcome: Outcome, _asked: Asked) -> Spec | None:
    found = {name: outcome.summary[name] for name in ("names", "regions")}
    return upset.chart(found) if any(region["count"] for region in found["regions"]) else None


def mutations(outcome: Outcome, _asked: Asked) -> Spec | None:
    samples = outcome.extra["samples"].drop(columns=[SAMPLE, "total"])
    types = outcome.extra["types"].drop(columns=[SAMPLE, "total"])
    genes = outcome.table.head(10).to_dict("records")
    return mutation_summary.chart(
        {
            "by_class": {name: samples[name].astype(int).tolist() for name in samples},
            "types": {name: int(types[name].sum()) for name in types},
            "substitutions": {name: int(outcome.extra["titv"][name].sum()) for name in CLASSES},
            "genes": [
                {"gene": row[GENE], "mutated": int(row["MutatedSamples"]), "classes": {c: int(row[c]) for c in samples}}
                for row in genes
            ],
        }
    )


def falling(outcome: Outcome, _asked: Asked) -> Spec | None:
    hits = outcome.table.drop(columns=GENE)
    burden = outcome.extra["burden"]["per_megabase"].tolist()
    genes = list(outcome.table[GENE])
    rows = hits.to_numpy().tolist()
    return waterfall.chart({"genes": genes, "hits": rows, "burden": burden, "n": outcome.summary["samples"]})


def copies(outcome: Outcome, _asked: Asked) -> Spec | None:
    if "amplification" not in outcome.table:
        return None
    return copy_number.chart({"n": outcome.summary["samples"], "rows": outcome.table.to_dict("records")})


def shares(outcome: Outcome, _asked: Asked) -> Spec | None:
    found = outcome.table.drop(columns=SAMPLE).dropna()
    if not 0 < len(found) <= MOST_SAMPLES or not 0 <= found.min().min() <= found.max().max() <= 1 + 1e-9:
        return None
    method = str(outcome.summary["method"])
    return cell_shares.chart(
        {"types": list(found), "shares": found.to_numpy().tolist(), "groups": None, "method": method}
    )


def _enriched(outcome: Outcome) -> Spec | None:
    if outcome.table.empty:
        return None
    rows = [
        {
            "term": row["title"] or row["set"],
            "count": row["overlap"],
            "size": row["size"],
            "p_adjusted": row["adjusted_p"],
        }
        for row in outcome.table.to_dict("records")
    ]
    unique = list({row["term"]: row for row in rows}.values())
    return {"collection": "Over-representation", "listed": int(outcome.table["listed"].iloc[0]), "rows": unique}


def enriched_bars(outcome: Outcome, _asked: Asked) -> Spec | None:
    found = _enriched(outcome)
    return found and enrichment.bars(found)


def enriched_dots(outcome: Outcome, _asked: Asked) -> Spec | None:
    found = _enriched(outcome)
    return found and enrichment.dots(found)


def running_up(outcome: Outcome, asked: Asked) -> Spec | None:
    return _running(outcome, asked, UP)


def running_down(outcome: Outcome, asked: Asked) -> Spec | None:
    return _running(outcome, asked, DOWN)


def _running(outcome: Outcome, asked: Asked, side: str) -> Spec | None:
    hits = outcome.extra["hits"]
    own = hits[hits["side"] == side]
    if own.empty:
        return None
    ranked, row = outcome.extra["ranking"], outcome.table[outcome.table["set"] == own["set"].iloc[0]].iloc[0]
    places = own["place"].to_numpy(dtype=np.int64)
    ranking = Ranking(tuple(ranked[GENE]), ranked["statistic"].to_numpy(dtype=np.float64))
    return gsea.chart(
        {
            "term": row["title"] or row["set"],
            "statistics": ranking.statistics.tolist(),
            "statistic": "log2 fold change" if asked["statistic"] == "log_fold_change" else "statistic",
            "hits": places.tolist(),
            "running": running_sum(ranking, places).tolist(),
            "score": float(row["score"]),
            "normalised": _known(row["normalized"]),
            "p": _known(row["p"]),
            "p_adjusted": _known(row["adjusted_p"]),
            "ends": ["up", "down"],
        }
    )


def _compared(outcome: Outcome) -> Spec:
    values = outcome.extra["values"]
    names = sorted(values[GROUP].unique())
    rows = [
        {
            "label": row["value"],
            "unit": "",
            "test": "Mann–Whitney",
            "p": _known(row["p"]),
            "q": _known(row["q"]),
            "refused": "No test" if np.isnan(row["p"]) else "",
            "groups": [_group(name, values.loc[values[GROUP] == name, row["value"]].dropna()) for name in names],
        }
        for row in outcome.table.to_dict("records")
    ]
    return {"names": names, "rows": rows, "group_label": "", "from_summary": False, "paired": False}


def compared_boxes(outcome: Outcome, _asked: Asked) -> Spec | None:
    result = _compared(outcome)
    return boxes.chart(result) if any(group["n"] for row in result["rows"] for group in row["groups"]) else None


def compared_cells(outcome: Outcome, _asked: Asked) -> Spec | None:
    """Shares, which have one axis."""
    values = outcome.extra["values"].drop(columns=[SAMPLE, GROUP])
    is_shares = values.shape[1] >= FEWEST_TYPES and values.min().min() >= 0 and values.max().max() <= 1
    return cell_boxes.chart(_compared(outcome)) if is_shares else None


def _group(name: str, column: pd.Series) -> dict[str, Any]:
    values = column.to_numpy(dtype=np.float64)
    if not len(values):
        return {"name": name, "n": 0, "values": []}
    ends = dict(
        zip(("min", "q1", "median", "q3", "max"), np.quantile(values, [0, 0.25, 0.5, 0.75, 1]).tolist(), strict=True)
    )
    return {"name": name, "n": len(values), "values": values.tolist(), **ends}


def correlations(outcome: Outcome, _asked: Asked) -> Spec | None:
    labels = outcome.summary["values"][:MOST_CORRELATED]
    kept = outcome.table[outcome.table["a"].isin(labels) & outcome.table["b"].isin(labels)]
    if len(labels) < 3:
        return None
    pairs = [
        {"a_label": row["a"], "b_label": row["b"], "n": row["n"], "test": "Spearman"}
        | {key: _known(row[name]) for key, name in (("r", "rho"), ("p", "p"), ("q", "q"))}
        for row in kept.to_dict("records")
    ]
    return correlation_matrix.chart(
        {"columns": [{"label": name} for name in labels], "pairs": pairs, "adjust": "BH"}, ALPHA
    )


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
