"""What holds for every kind that `analyse` offers: too few rows leave no p, and its R script still runs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from analysis.kinds.registry import TABLE_KINDS
from tests.analysis.tables.command import analyse, table
from tests.services.r import R

FOLLOW_UP = ("--time", "t", "--event", "e")
WISHES: dict[str, tuple[str, ...]] = {
    "survival": (*FOLLOW_UP, "--marker", "a"),
    "cox": (*FOLLOW_UP, "--covariates", "a,b"),
    "screen": (*FOLLOW_UP, "--covariates", "a,b"),
    "lasso": (*FOLLOW_UP, "--covariates", "a,b"),
    "stepwise": (*FOLLOW_UP, "--covariates", "a,b"),
    "nomogram": (*FOLLOW_UP, "--covariates", "a,b", "--times", "2"),
    "calibration": (*FOLLOW_UP, "--covariates", "a,b", "--horizon", "2"),
    "competing": (*FOLLOW_UP, "--event-value", "1", "--competing", "2", "--group", "g"),
    "timeroc": (*FOLLOW_UP, "--marker", "a", "--times", "2"),
    "roc": ("--outcome", "e", "--markers", "a,b"),
    "cutpoint": (*FOLLOW_UP, "--marker", "a"),
    "compare": ("--group", "g", "--values", "a"),
    "table1": ("--group", "g", "--columns", "a,b"),
    "correlate": ("--columns", "a,b"),
    "agreement": ("--raters", "a,b", "--icc"),
    "decision": (*FOLLOW_UP, "--horizon", "2", "--models", "m=a,b"),
}
ROWS = {
    "no rows": "",
    "one row": "1,1,x,1,2\n",
    "three rows without a difference": "1,0,x,1,1\n2,1,y,1,1\n3,0,x,1,1\n",
    "missing everywhere": "1,1,x,,\n2,0,y,,\n3,1,,,\n",
}


@pytest.mark.parametrize("rows", ROWS.values(), ids=ROWS)
@pytest.mark.parametrize("kind", TABLE_KINDS)
def test_few_rows_leave_no_p_behind_and_the_script_runs(r: R, tmp_path: Path, kind: str, rows: str) -> None:
    # A row that is not wanted, so that the columns have their values somewhere in the file.
    path = table(tmp_path, "t,e,g,a,b\n" + rows + "9,2,z,1,1\n9,1,z,1,1\n")
    output = analyse(kind, path, *WISHES[kind], "--where", "t<9", "--r-script", tmp_path / "few.R")
    assert [p for p in values_of("p", output) if p is not None] == []
    r.run(tmp_path / "few.R")


def values_of(key: str, content: Any) -> Iterator[Any]:
    """Every value that stands under the key, however deep."""
    if isinstance(content, dict):
        for name, value in content.items():
            if name == key:
                yield value
            yield from values_of(key, value)
    elif isinstance(content, list):
        for value in content:
            yield from values_of(key, value)
