"""Every real file through every way in: stored, or refused in a sentence with its place; again, nothing changes.

The cases are what the folders hold when the run begins: a file that is added is a case more.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

from labs.bench_files.models import BenchUpload
from labs.blood.upload.models import PanelUpload
from labs.formats.source import Source
from labs.formats.tables import decoded
from labs.markers.models import Marker
from labs.markers.services import stain_create
from labs.specimens.services import specimen_create
from registry.log.models import Change
from registry.people.roles import Role
from tests.labs.real_files.doors import DOORS, World
from tests.registry.fixtures import BY, RESECTED, enrol, make_cohort
from tests.registry.people import person, site
from tests.shared_folders import folder

pytestmark = pytest.mark.one_database  # half a minute, and what the files hold is read before any database

FOLDERS = ("ihc_multi_rater", "qpcr_cfx96", "qpcr_published_ddct", "qpcr_rdml", "western_blot", "qupath_export")
# On their way in: no facts.
UPLOADS = (BenchUpload, PanelUpload)

# What has to come in by which way; of the other files it is enough that each way answers.
COMES_IN = (
    ("DATA", "qpcr_cfx96/*Cq-Results.csv", "pcr"),
    ("DATA", "western_blot/*.tsv", "gels"),
    ("INTEROP", "qpcr/*Cq-Results.csv", "pcr"),
    ("INTEROP", "blot/*raw_data*.xls", "gels"),
    ("INTEROP", "blot/wapl_depletion.csv", "gels"),
    ("INTEROP", "qupath/*.txt", "qupath"),
)


def _files() -> dict[str, Path]:
    found: dict[str, Path] = {}
    for variable, below in (("DATA", FOLDERS), ("INTEROP", (".",))):
        root = os.environ.get(f"HEPATICA_{variable}", "")
        for top in below if root else ():
            paths = sorted(path for path in (Path(root) / top).rglob("*") if path.is_file())
            found |= {f"{variable}/{path.relative_to(root).as_posix()}": path for path in paths}
    return found


FILES = _files()


@pytest.fixture(scope="module")
def kept(lasting: None) -> World:
    patient = enrol(make_cohort(site()), "ICI-0001").patient
    tumour = specimen_create(patient=patient, code="T-0001", kind="tumour", collected=RESECTED, by=BY)
    stain = stain_create(specimen=tumour, marker=Marker.objects.get(code="S100A11"), by=BY)
    return World(BY, person(Role.TECHNICIAN), stain)


@pytest.fixture
def world(kept: World, db: None) -> World:
    return kept


def stored() -> dict[str, int]:
    """How many rows each table of facts has, and the log; in one question, for it is asked a thousand times."""
    models = [model for model in apps.get_app_config("labs").get_models() if model not in UPLOADS]
    tables = [Change._meta.db_table, *(model._meta.db_table for model in models)]
    counts = ", ".join(f"(SELECT COUNT(*) FROM {connection.ops.quote_name(table)})" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}")
        return dict(zip(tables, cursor.fetchone(), strict=True))


@pytest.mark.parametrize("path", FILES)
def test_a_file_is_stored_or_refused_and_again_changes_nothing(
    path: str, world: World, compared: Callable[[int], None]
) -> None:
    name, content = FILES[path].name, FILES[path].read_bytes()
    rows, log = 0, Change._meta.db_table
    after = stored()
    for way, door in DOORS.items():
        before = after
        first = door(world, name, content)
        after = stored()
        if first.sentences:
            assert after == before, f"{way} refused the file and stored something"
            _assert_names_the_place(first.sentences, name, content)
        else:
            assert first.is_new, way
            assert first.rows, way
            assert after[log] > before[log], way
            rows += first.rows
        again = door(world, name, content)
        assert (again.is_new, again.rows, again.sentences) == (False, first.rows, first.sentences), way
        assert stored() == after, way
    compared(rows)


def _assert_names_the_place(sentences: tuple[str, ...], name: str, content: bytes) -> None:
    for sentence in sentences:
        place, _colon, rule = sentence.partition(": ")
        assert place.startswith(name), sentence
        assert rule.rstrip().endswith("."), sentence
        if _is_table(name, content):
            assert "row " in sentence.removeprefix(name), sentence
            assert "column" in sentence.removeprefix(name), sentence


def _is_table(name: str, content: bytes) -> bool:
    """Whether the file has a row of names, so that a refusal can say where to look."""
    rows = next((sheet.rows for sheet in Source(name, content).sheets), ())
    return sum(bool(cell) for cell in next(filter(any, rows), ())) > 1


@pytest.mark.parametrize(("variable", "pattern", "way"), COMES_IN)
def test_what_the_instruments_of_the_bench_write_is_stored_whole(
    variable: str, pattern: str, way: str, world: World, compared: Callable[[int], None]
) -> None:
    """No row of a Cq export is lost, and each is known again when another program has saved it in UTF-16."""
    paths = sorted(folder(variable).glob(pattern))
    assert paths
    for path in paths:
        content = path.read_bytes()
        answer = DOORS[way](world, path.name, content)
        assert answer.is_new, path.name
        assert answer.rows, path.name
        compared(answer.rows)
        if way == "pcr":
            assert answer.rows == sum(any(row) for row in Source(path.name, content).sheets[0].rows) - 1
            before = stored()
            assert not DOORS[way](world, path.name, decoded(content).encode("utf-16")).is_new, path.name
            assert stored() == before


def test_the_folders_are_there() -> None:
    folder("DATA")
    folder("INTEROP")
    assert len(FILES) > 100
