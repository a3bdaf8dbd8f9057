"""`analyse correlate` on tables made here, against R where R is installed, and its refusals."""

from pathlib import Path

import numpy as np
import pytest

from tests.analysis.tables.command import analyse, refused, reproduced_by_r, table
from tests.services.r import R


@pytest.fixture
def markers(tmp_path: Path) -> Path:
    """Two that go together, one that goes against, one alone with ties; blanks here and there."""
    random = np.random.default_rng(8)
    lines = ["id,IL-6,CRP,albumin (g/L),grade"]
    for i in range(45):
        at = random.normal()
        il6 = "" if i in (3, 4) else f"{np.exp(at):.4f}"
        crp = "" if i == 4 else f"{2 * at + random.normal():.4f}"
        albumin = "" if i == 4 else f"{40 - 3 * at + random.normal():.4f}"
        lines.append(f"{i},{il6},{crp},{albumin},{random.integers(1, 4)}")
    return table(tmp_path, "\n".join(lines) + "\n")


COLUMNS = ("--columns", "IL-6,CRP,albumin (g/L),grade")


@pytest.mark.parametrize("method", ["spearman", "pearson", "kendall"])
@pytest.mark.parametrize("adjust", ["bh", "holm", "none"])
def test_r_gives_the_same_coefficients_and_p(r: R, markers: Path, tmp_path: Path, method: str, adjust: str) -> None:
    wish = ("correlate", markers, *COLUMNS, "--method", method, "--adjust", adjust)
    output = reproduced_by_r(r, tmp_path, *wish)
    assert len(output["pairs"]) == 6
    assert output["n"] == 44
    assert output["dropped"] == {"fewer than two of the values": 1}
    assert output["pairs"][0]["dropped"] == {"no value of IL-6": 1}
    assert output["matrix"][0][1] == output["matrix"][1][0] == output["pairs"][0]["r"] > 0.4
    assert output["matrix"][2][2] == 1
    assert output["pairs"][1]["high"] < 0
    assert [pair["q"] is None for pair in output["pairs"]] == [adjust == "none"] * 6


def test_two_columns_name_what_is_missing(r: R, markers: Path, tmp_path: Path) -> None:
    output = reproduced_by_r(r, tmp_path, "correlate", markers, "--columns", "IL-6,CRP")
    assert output["n"] == 43
    assert output["dropped"] == {"no value of IL-6": 2}
    assert len(output["points"]) == 43
    assert output["refused"] is None


def test_pearson_says_where_its_test_is_approximate(markers: Path) -> None:
    output = analyse("correlate", markers, *COLUMNS, "--method", "pearson")
    assert output["warnings"][0].startswith("IL-6, grade do not look normal")
    assert output["columns"][0]["normality"]["p"] < 0.05


def test_few_rows_leave_no_p_and_fewer_leave_nothing(r: R, markers: Path, tmp_path: Path) -> None:
    few = reproduced_by_r(r, tmp_path, "correlate", markers, "--columns", "CRP,grade", "--where", "id<8")
    assert few["refused"] == "No p: 7 have CRP and grade, fewer than 10."
    assert few["pairs"][0]["p"] is None
    assert few["pairs"][0]["r"] is not None
    fewer = reproduced_by_r(r, tmp_path, "correlate", markers, *COLUMNS, "--where", "id<4")
    assert fewer["refused"].startswith("No correlation: 3 have IL-6 and CRP")
    assert fewer["matrix"][0] == [1, None, None, None]


def test_a_constant_has_no_correlation(tmp_path: Path) -> None:
    content = "a,b,c\n" + "".join(f"{i},3,{i % 4}\n" for i in range(12))
    output = analyse("correlate", table(tmp_path, content), "--columns", "a,b,c")
    assert output["refused"] is None
    assert "the same in everybody" in output["pairs"][0]["refused"]
    assert output["matrix"][0][1] is None
    assert output["matrix"][0][2] is not None


@pytest.mark.parametrize(
    ("content", "options", "parts"),
    [
        ("a,b\n1,2\nx,3\n", ("--columns", "a,b"), ("Column a", "row 3", "'x'")),
        ("a,b\n1,2\ninf,3\n", ("--columns", "a,b"), ("Column a", "row 3", "infinite")),
        ("a,b\n1,2\n", ("--columns", "a"), ("at least two columns",)),
        ("a,b\n1,2\n", ("--columns", "a,c"), ("'c'", "a, b")),
        ("a,b\n1,2\n", ("--columns", "a,a"), ("'a'", "twice")),
        ("a,b\n1,2\n", (), ("--columns",)),
    ],
)
def test_wrong_input_is_one_sentence_that_names_the_place(
    tmp_path: Path, content: str, options: tuple[str, ...], parts: tuple[str, ...]
) -> None:
    sentence = refused("correlate", table(tmp_path, content), *options)
    for part in parts:
        assert part in sentence
    assert "\n" not in sentence


def test_the_figure_is_a_scatter_of_two_and_a_matrix_of_more(markers: Path, tmp_path: Path) -> None:
    two, more = tmp_path / "two.svg", tmp_path / "more.svg"
    analyse("correlate", markers, "--columns", "albumin (g/L),CRP", "--method", "pearson", "--figure", two)
    analyse("correlate", markers, *COLUMNS, "--figure", more)
    assert "albumin (g/L)" in two.read_text()
    assert "−0." in more.read_text()
