"""What the kinds that build a model show on the dashboard: never a p that knows nothing of the choice."""

from pathlib import Path

from analysis.dashboard.rows import rows_of
from tests.analysis.tables.command import analyse
from tests.analysis.tables.prognostic import FOLLOW_UP, GENES, patients

NAMES = ("--covariates", ",".join(["age", *GENES]))


def test_a_screen_of_few_shows_all_and_a_selection_no_p(tmp_path: Path) -> None:
    path = patients(tmp_path)
    screen = analyse("screen", path, *FOLLOW_UP, *NAMES)
    rows = rows_of("screen", screen)
    assert [row.part for row in rows] == ["age", *GENES]
    assert [row.p for row in rows] == [row["p"] for row in screen["rows"]]
    many = {**screen, "rows": screen["rows"] * 3}
    assert {row.part for row in rows_of("screen", many)} == set(screen["chosen"])
    assert all(row.p_kind == "corrected" for row in rows_of("screen", many))
    chosen = rows_of("stepwise", analyse("stepwise", path, *FOLLOW_UP, *NAMES))
    assert all(row.p is None and row.is_exploratory and row.hr for row in chosen)
    for kind in ("screen", "stepwise"):
        [row] = rows_of(kind, analyse(kind, path, *FOLLOW_UP, *NAMES, "--where", "months<2"))
        assert "fewer than" in row.why_no_p
