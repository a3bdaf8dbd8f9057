"""Every file of expected values, computed by its recipe and compared leaf by leaf."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analysis.stats import coxnet, coxnet_cv
from analysis.stats.arrays import FloatArray
from analysis.stats.breslow import Breslow
from analysis.stats.coxnet import CoxPath
from analysis.stats.coxnet_walk import Settings
from tests.parity.comparison import Tally, compare
from tests.parity.kinds import KINDS, answer
from tests.parity.recipes import read_case
from tests.parity.rules import Rules
from tests.shared_folders import folder

NONE = "no files"


def expected_files() -> list[Path]:
    root = Path(os.environ.get("HEPATICA_REFERENCE", "")) / "stats" / "expected"
    return sorted(root.glob("*.json")) if os.environ.get("HEPATICA_REFERENCE") else []


def run(path: Path) -> tuple[str, Tally]:
    """Compute one file and compare it by the rules that lie in the folder above it."""
    case = read_case(path)
    rules = json.loads((path.parent.parent / "NOT_COMPARED.json").read_text(encoding="utf-8"))
    return case.kind, compare(case.document, answer(case), Rules(rules, case.kind, case.recipe))


@pytest.fixture
def each_path_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file asks for the same elastic-net path up to six times, and for those of its folds once for each measure."""
    compute, made = coxnet.path_of, dict[Any, CoxPath]()

    def path_of(sets: Breslow, x: FloatArray, names: tuple[str, ...], settings: Settings) -> CoxPath:
        key = (*(column.tobytes() for column in vars(sets).values()), x.tobytes(), names, settings)
        if key not in made:
            made[key] = compute(sets, x, names, settings)
        return made[key]

    monkeypatch.setattr(coxnet, "path_of", path_of)
    monkeypatch.setattr(coxnet_cv, "path_of", path_of)


def kind_of(path: Path) -> str:
    return str(json.loads(path.read_text(encoding="utf-8"))["_meta"]["kind"])


@pytest.mark.usefixtures("each_path_once")
@pytest.mark.parametrize("path", expected_files() or [NONE], ids=lambda path: getattr(path, "name", path))
def test_a_file_of_expected_values_is_met(
    path: Any, request: pytest.FixtureRequest, compared: Callable[[int], None]
) -> None:
    if path == NONE:
        pytest.fail(f"{folder('REFERENCE')} holds no expected values.")
    kind = kind_of(path)
    assert kind in KINDS, f"{path.name} is of the unknown kind {kind!r}"
    _, tally = run(path)
    counts = {"compared": tally.compared, "not compared": tally.not_compared, "unknown": len(tally.unknown)}
    request.node.user_properties.append(("parity", json.dumps({"kind": kind, **counts})))
    compared(tally.compared)
    assert not tally.problems(), tally.problems()
    assert tally.compared, "nothing was compared"
