"""`manage.py analyse` as a test calls it, and its R script under the real R."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from analysis.canonical import plain
from analysis.frames.frame import Frame
from analysis.kinds.base import TableKind
from analysis.rscripts.rows import rows_csv
from tests.services.r import R


def analyse(*arguments: object) -> dict[str, Any]:
    out = io.StringIO()
    call_command("analyse", *map(str, arguments), "--json", stdout=out, stderr=io.StringIO())
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def reproduced_by_r(r: R, folder: Path, *arguments: object, tolerance: float = 1e-6) -> dict[str, Any]:
    """Runs `analyse`, then its script under R, and compares every number that the script prints by its place."""
    script = folder / "same.R"
    output = analyse(*arguments, "--r-script", script)
    compare(output, r.run(script), tolerance)
    return output


def frame_reproduced_by_r(
    r: R, folder: Path, kind: TableKind, frame: Frame, parameters: dict[str, Any], output: dict[str, Any] | None = None
) -> None:
    """The same for the frame of a cohort, as its page offers the script."""
    output = output or plain(kind.compute(frame, parameters))
    script = folder / "same.R"
    script.write_text(kind.r_script(frame, parameters, output, name="same"))
    script.with_suffix(".csv").write_text(rows_csv(frame))
    compare(output, r.run(script))


def compare(output: dict[str, Any], printed: str, tolerance: float = 1e-6) -> None:
    lines = [line.split("\t") for line in printed.splitlines()]
    assert lines, "the script prints nothing"
    for place, value in lines:
        expected = at(output, place)
        if value in ("NA", "NaN"):
            assert expected is None, place
        else:
            assert expected is not None, place
            np.testing.assert_allclose(float(expected), float(value), rtol=tolerance, atol=1e-12, err_msg=place)


def at(output: Any, place: str) -> Any:
    for key in place.split("/"):
        output = output[int(key)] if isinstance(output, list) else output[key]
    return output


def table(folder: Path, content: str, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_text(content)
    return path


def refused(*arguments: object) -> str:
    """The sentence of exit code 2."""
    with pytest.raises(CommandError) as error:
        analyse(*arguments)
    assert error.value.returncode == 2
    return str(error.value)
