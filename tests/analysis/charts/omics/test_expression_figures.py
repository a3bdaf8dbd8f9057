"""Volcano plots and heat maps of expression."""

from typing import Any

import pytest

from analysis.charts.omics import differential, expression_heat
from analysis.charts.points import points
from tests.analysis.charts.drawing import colours, texts

Capture = pytest.CaptureFixture[str]
Row = dict[str, Any]


def gene(name: str, change: float | None, p: float | None) -> Row:
    return {"gene": name, "log2_fold_change": change, "p_adjusted": p}


def compared(*rows: Row, **changes: Any) -> dict[str, Any]:
    groups = [{"name": "tumour", "n": 50}, {"name": "normal", "n": 21}]
    return {"rows": list(rows), "alpha": 0.05, "least_change": 1.0, "groups": groups} | changes


ROWS = (
    gene("GPC3", 5.1, 1e-20),
    gene("AFP", 4.0, 0.0),
    gene("CLEC4G", -4.5, 1e-30),
    gene("ACTB", 0.1, 0.8),
    gene("EDGE", 1.0, 1e-9),
    gene("DIM", 2.5, 0.05),
    gene("LOW", None, None),
)


def labels(spec: dict[str, Any]) -> dict[str, list[str]]:
    return {
        layer["name"]: [row["gene"] for row in layer["data"]["values"]]
        for layer in spec["layer"]
        if layer["name"].startswith("beside-")
    }


def test_a_volcano_counts_and_names_the_genes_beyond_both_limits_and_none_on_them(capfd: Capture) -> None:
    spec = differential.chart(compared(*ROWS))
    drawn = texts(spec, capfd)
    assert {"up: 2", "down: 1", "GPC3", "AFP", "CLEC4G"} <= set(drawn)
    assert not {"ACTB", "EDGE", "DIM"} & set(drawn)
    assert "tumour (n 50) against normal (n 21), 6 genes" in drawn
    assert "log2 fold change, tumour / normal" in drawn
    assert list(colours(spec)) == []
    said = spec["description"]
    assert "2 up, 1 down, 3 unchanged. Most extreme up: AFP, GPC3; down: CLEC4G." in said
    assert said.endswith("1 gene with a p of 0 at the top edge. 1 gene without a p not drawn.")


def test_a_p_of_0_lies_a_power_of_ten_beyond_the_smallest_other() -> None:
    _, rows = points(differential.chart(compared(*ROWS)))
    found = {row["gene"]: row["p"] for row in rows if row["layer"] == "changed"}
    assert found["AFP"] == pytest.approx(1e-31)


@pytest.mark.parametrize(
    "rows", [[gene("A", 0.2, 0.7), gene("B", -0.3, 0.9)], [gene("TP53", 2.0, 0.0)], [gene("NONE", None, None)]]
)
def test_a_volcano_without_significant_genes_or_with_one_gene_is_drawn(rows: list[Row], capfd: Capture) -> None:
    drawn = texts(differential.chart(compared(*rows)), capfd)
    assert ("TP53" in drawn) == any(row["gene"] == "TP53" for row in rows)


def test_names_that_would_leave_the_drawing_stand_on_the_other_side_and_never_on_each_other() -> None:
    rows = [gene("A_NAME_AS_LONG_AS_OF_NO_GENE", -8.0, 1e-30), gene("NEAR", -7.99, 1.1e-30), gene("FAR", -2.0, 1e-8)]
    found = labels(differential.chart(compared(*rows)))
    assert found == {"beside-left": ["A_NAME_AS_LONG_AS_OF_NO_GENE"], "beside-right": ["FAR"]}


def test_dots_on_one_spot_are_drawn_once_and_counted_all() -> None:
    spec = differential.chart(compared(*[gene(f"G{i}", 3.0, 1e-5) for i in range(50)]))
    changed = next(layer for layer in spec["layer"] if layer["name"] == "changed")
    assert len(changed["data"]["values"]) == 1
    assert "50 up" in spec["description"]


def heat(n_genes: int = 3, groups: tuple[str, ...] = ("Normal", "Normal", "Child's")) -> dict[str, Any]:
    z = [[round(0.9 * i - j, 2) for j in range(len(groups))] for i in range(n_genes)]
    names = [f"GENE{i}" for i in range(n_genes)]
    return {"genes": names, "groups": list(groups), "z": z, "unit": "log2(FPKM + 1)"}


def test_a_heat_map_keeps_the_order_given_and_shades_end_at_two(capfd: Capture) -> None:
    given = heat()
    given["z"][0] = [-3.0, 0.5, None]
    spec = expression_heat.chart(given)
    drawn = texts(spec, capfd)
    assert [line for line in drawn if line.startswith("GENE")] == ["GENE0", "GENE1", "GENE2"]
    assert {"Normal: 2", "Child's: 1", "Row z-score of log2(FPKM + 1)", "3 genes, 3 samples"} <= set(drawn)
    _, rows = points(spec)
    cells = [row for row in rows if row["layer"] == "z-scores"]
    assert len(cells) == 8
    assert (cells[0]["z"], cells[0]["size"], cells[0]["side"]) == (-3.0, 2.0, "below")
    assert list(colours(spec)) == []


def test_a_heat_map_of_too_many_genes_says_what_is_left_out_and_of_too_many_samples_is_refused() -> None:
    assert "2 more genes are not drawn" in expression_heat.chart(heat(62))["description"]
    with pytest.raises(ValueError, match="500 samples at most, not 501"):
        expression_heat.chart(heat(1, ("a",) * 501))


def test_a_heat_map_of_one_gene_and_of_400_samples_is_drawn(capfd: Capture) -> None:
    groups = ("High",) * 190 + ("Low",) * 210
    assert {"High: 190", "Low: 210"} <= set(texts(expression_heat.chart(heat(1, groups)), capfd))
