"""A package from outside adds a format and a connector by entry point: the worked example of the docs, installed."""

import importlib
import shutil
import sys
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings

from labs.blood.models import Analyte, BloodResult
from labs.connectors.directory import connectors
from labs.connectors.exchanging import exchange
from labs.connectors.folder.sweeping import Sweeper
from labs.connectors.models import ConnectorState
from labs.formats.messages.reading import kind_of
from labs.formats.outside import added
from labs.formats.recognise import recognise
from labs.inbox.deciding import rows_rerun
from labs.inbox.mapping.services import code_map
from labs.inbox.models import Message, MessageRow
from labs.outbox.models import Outbox
from labs.specimens.models import SpecimenKind
from labs.specimens.services import specimen_create
from registry.models import Patient
from tests.labs.inbox.conftest import BY

EXAMPLE = Path(settings.BASE_DIR) / "docs" / "examples" / "acme_lab"
HEAD = "ACME RESULTS;2\ntube;test;value;unit;measured\n"
RUN = f"{HEAD}B-1;WBC;5.2;G/l;2026-03-01T09:30:00+00:00\n"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """As pip would leave it: the module, and its entry points in a folder of metadata; beside it one that is broken."""
    site = tmp_path / "site-packages"
    site.mkdir()
    shutil.copy(EXAMPLE / "acme_lab.py", site)
    points = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]["entry-points"]
    points["hepatica.formats"]["broken"] = "acme_no_such_module:FORMAT"
    (site / "acme_scan.py").write_text(
        "from labs.formats.reading import Reading\n"
        "from labs.formats.recognise import Format\n"
        "SCAN = Format('acme_scan', lambda source: source.data.startswith(b'SCAN'), lambda source: Reading({'n': 1}))\n"
        "RAISES = Format('acme_raises', lambda source: 1 / 0, lambda source: Reading({}))\n"
        "def fails(*given): raise RuntimeError('a value of a patient')\n"
        "from labs.formats.messages.formats import MessageFormat\n"
        "FAILS = MessageFormat('acme_fails', lambda name, data: data.startswith(b'FAIL'), fails)\n"
    )
    points["hepatica.formats"] |= {"a_scan": "acme_scan:RAISES", "scan": "acme_scan:SCAN", "fails": "acme_scan:FAILS"}
    info = site / "acme_lab-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-lab\nVersion: 1.0\n")
    lines = [
        line for group, names in points.items() for line in (f"[{group}]", *(f"{n} = {v}" for n, v in names.items()))
    ]
    (info / "entry_points.txt").write_text("\n".join(lines))
    monkeypatch.syspath_prepend(str(site))
    importlib.invalidate_caches()
    added.cache_clear()
    yield site
    added.cache_clear()
    for name in ("acme_lab", "acme_scan"):
        sys.modules.pop(name, None)


def test_its_format_and_its_connector_work_like_ours(
    installed: Path, known: Patient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    specimen_create(patient=known, code="B-1", kind=SpecimenKind.BLOOD, collected=date(2026, 3, 1), by=BY)
    assert kind_of("run.csv", RUN.encode()) == "acme_csv"
    assert recognise("x.scan", b"SCAN of a plate").kind == "acme_scan"
    # By the drop folder: a code that is not mapped waits, is mapped, and the kept bytes are read by the format again.
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "run.csv").write_text(RUN)
    assert Sweeper(drop, settle=0).sweep() == 1
    row = MessageRow.objects.get()
    assert (row.reason, row.raw) == ("unmapped_code", "5.2")
    for code, analyte in (("WBC", "WBC"), ("ALB", "ALB"), ("LYM", "LYM")):
        code_map(sender="ACME|*", code=code, analyte=Analyte.objects.get(code=analyte), by=BY)
    rows_rerun(rows=[row], by=BY)
    assert BloodResult.objects.get().value == 5.2
    # By its connector, in and out, with what beat runs.
    server = tmp_path / "server"
    server.mkdir()
    monkeypatch.setenv("ACME_FOLDER", str(server))
    lines = "B-1;ALB;41;g/L;2026-03-01T09:30:00+00:00\nB-1;LYM;1.5;G/l;2026-03-01T09:30:00+00:00\n"
    (server / "run-2.csv").write_text(HEAD + lines)
    (server / "run-3.csv").write_text(f"{HEAD}B-1;ALB;41\n")
    exchange()
    assert set(connectors()) == {"acme"}
    assert ConnectorState.objects.get().last_error == ""
    assert Message.objects.get(verdict="AE").reason == "segment_broken"
    assert BloodResult.objects.count() == 3
    (score,) = (server / "scores").iterdir()
    assert score.read_text() == "B-1;A-77;48.5\n"
    assert Outbox.objects.get().state == Outbox.State.SENT
    exchange()
    assert Outbox.objects.count() == 1
    # What fails to read is kept, and told without a word of what it is.
    (drop / "fail.txt").write_text("FAIL")
    assert Sweeper(drop, settle=0).sweep() == 1
    assert (drop / "error" / "fail.txt.reason.txt").read_text() == "Message 1: AE, a segment is broken.\n"
