"""QuPath exports on stains: by a declared pattern, else in quarantine; densities become reads of a classifier."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given, seed
from hypothesis import strategies as st

from labs.ihc.models import Read
from labs.ihc.selectors import ihc_values
from labs.ihc.services import read_record
from labs.markers.models import Marker, Stain
from labs.markers.services import marker_set, stain_create
from labs.quantified.models import QuPathImport, QuPathRow
from labs.quantified.patterns import Named, PatternRefused, compiled, named
from labs.quantified.services import Imported, qupath_import, row_assign
from labs.specimens.models import Specimen
from registry.log.actors import Actor
from registry.log.models import Change, Stream
from registry.models import Enrolment
from registry.people.models import User
from tests.labs.quantified.exports import HEAD, export
from tests.registry.people import client_of


@pytest.fixture
def cd8(tumour: Specimen, by: Actor) -> Stain:
    marker = marker_set(code="CD8", name="Cytotoxic T cells", scale="density", unit="cells/mm²", by=by)
    return stain_create(specimen=tumour, marker=marker, by=by)


def bring(content: bytes, stains: list[Stain], by: Actor, **values: str) -> Imported:
    given = {"scorer": "bob", "classifier": "v1", "pattern": "{specimen}_{marker}"} | values
    return qupath_import(name="m.tsv", content=content, among=stains, by=by, **given)


def densities() -> dict[str, float | None]:
    return {read.reader: read.density for read in Read.objects.current()}


@pytest.mark.parametrize(
    ("image", "pattern", "expected"),
    [
        ("T-0001_CD8.svs", "{specimen}_{marker}", [("T-0001", "CD8")]),
        ("CD8 T-0001.ome.tiff", "{marker} {specimen}", [("T-0001", "CD8")]),
        ("scan-T-0001_CD8.tif - Series 1", "scan-{specimen}_{marker}", [("T-0001", "CD8")]),
        ("T_1_CD8.svs", "{specimen}_{marker}", [("T", "1_CD8"), ("T_1", "CD8")]),
        ("T-0001.svs", "{specimen}_{marker}", []),
    ],
)
def test_an_image_is_named_after_its_stain(image: str, pattern: str, expected: list[tuple[str, str]]) -> None:
    assert named(image, pattern) == [Named(*pair) for pair in expected]


@pytest.mark.parametrize(
    "pattern", ["", "{specimen}", "{specimen}{marker}", "{marker}_{marker}", "{specimen}_{marker}{x}"]
)
def test_a_pattern_that_says_too_little_is_refused(pattern: str) -> None:
    with pytest.raises(PatternRefused):
        compiled(pattern)


@seed(1)
@given(st.text(max_size=40), st.text(max_size=30))
def test_any_name_and_pattern_are_read_or_refused(image: str, pattern: str) -> None:
    try:
        named(image, pattern)
    except PatternRefused as refused:
        assert str(refused)


def test_rows_go_to_their_stain_or_wait_with_the_reason(cd8: Stain, by: Actor) -> None:
    wrong = "T-0001_CD8.svs\tbad\tPolygon\t1000\t900\t100\t50\t50\t2000000\n"
    content = export("T-0001_CD8.svs", "T-0001_CD8.svs", "T-0009_CD8.svs", "slide 7.svs") + wrong.encode()
    made = bring(content, [cd8], by).qupath_import
    assert [(row.row, row.stain, row.quarantine) for row in made.rows.all()] == [
        (2, cd8, ""),
        (3, cd8, ""),
        (4, None, "no_stain"),
        (5, None, "pattern"),
        (6, None, "contradiction"),
    ]
    first = made.rows.get(row=2)
    assert (first.percent, first.density, first.area_mm2) == (10.0, 50.0, 2.0)


def test_the_density_of_a_stain_is_cells_over_area_of_all_its_regions(
    cd8: Stain, enrolment: Enrolment, by: Actor
) -> None:
    before = dict(Stream.objects.values_list("domain", "version"))
    bring(export("T-0001_CD8.svs", "T-0001_CD8.svs"), [cd8], by)
    assert densities() == {"QuPath v1": pytest.approx(400 / 3)}
    moved = {name for name, version in Stream.objects.values_list("domain", "version") if before.get(name) != version}
    assert "ihc/CD8" in moved
    assert not any(name.startswith(("blot/", "ihc/S100A11")) for name in moved)


def test_a_second_import_changes_nothing(cd8: Stain, by: Actor) -> None:
    first = bring(export("T-0001_CD8.svs"), [cd8], by)
    changes = Change.objects.count()
    again = bring(export("T-0001_CD8.svs"), [cd8], by, classifier="other")
    assert (again.is_new, again.qupath_import) == (False, first.qupath_import)
    assert Change.objects.count() == changes


def test_another_export_of_the_same_classifier_is_a_revision(cd8: Stain, by: Actor) -> None:
    bring(export("T-0001_CD8.svs"), [cd8], by)
    bring(export("other.svs", "T-0001_CD8.svs"), [cd8], by)
    assert densities() == {"QuPath v1": 300.0}
    assert Read.objects.count() == 2


def test_a_score_is_never_made_from_a_density(stain: Stain, by: Actor) -> None:
    bring(export("T-0001_S100A11.svs"), [stain], by)
    assert QuPathRow.objects.get().stain == stain
    assert not Read.objects.exists()


def test_a_unit_that_is_no_density_per_mm2_takes_none(cd8: Stain, by: Actor) -> None:
    Marker.objects.filter(code="CD8").update(unit="cells/field")
    cd8.refresh_from_db()
    bring(export("T-0001_CD8.svs"), [cd8], by)
    assert not Read.objects.exists()


def test_a_classifier_is_never_averaged_with_a_person(cd8: Stain, enrolment: Enrolment, by: Actor) -> None:
    bring(export("T-0001_CD8.svs"), [cd8], by)
    bring(export("x.svs", "T-0001_CD8.svs"), [cd8], by, classifier="v2")
    (alone,) = ihc_values(enrolment.cohort, "CD8", "tumour")
    assert (alone.value, alone.note) == (50.0, "Not used: QuPath v2.")
    read_record(stain=cd8, reader="bob", density=70.0, by=by)
    (with_person,) = ihc_values(enrolment.cohort, "CD8", "tumour")
    assert (with_person.value, with_person.note) == (70.0, "Not used: QuPath v1, QuPath v2.")


def test_a_row_in_quarantine_is_assigned_with_a_reason_and_moved_again(cd8: Stain, by: Actor) -> None:
    made = bring(export("slide 7.svs"), [cd8], by).qupath_import
    row = made.rows.get()
    with pytest.raises(ValidationError, match="how you know"):
        row_assign(row=row, stain=cd8, by=by, reason=" ")
    row = row_assign(row=row, stain=cd8, by=by, reason="label on the slide")
    assert densities() == {"QuPath v1": 50.0}
    other = stain_create(specimen=cd8.specimen, marker=Marker.objects.get(code="FAP"), by=by)
    row_assign(row=row, stain=other, by=by, reason="it was the other one")
    assert densities() == {}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"Image\tName\tObject ID\tArea \xc2\xb5m^2\na.svs\tx\t1\t5\n", "export annotations"),
        (HEAD.encode() + b"a\tb\tc\tmany\t1\t1\t1\t1\t1\n", r"m\.tsv, row 2, column Num Detections, “many”"),
        (b"Lane,Band No,Volume\n1,1,5\n", r"m\.tsv, row 1, column Lane, Band No, Volume: .*no QuPath export"),
    ],
)
def test_what_has_no_counts_is_refused_and_nothing_stored(cd8: Stain, by: Actor, content: bytes, sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        bring(content, [cd8], by)
    assert not QuPathImport.objects.exists()


def test_a_technician_tries_the_pattern_stores_and_assigns(cd8: Stain, tom: User) -> None:
    client = client_of(tom)
    file = SimpleUploadedFile("m.tsv", export("CD8 T-0001.svs", "slide 7.svs"))
    answer = client.post("/qupath/new/", {"file": file}, follow=True)
    assert "0 of 2 rows find their stain" in answer.content.decode()
    url = answer.redirect_chain[-1][0]
    pattern = {"pattern": "{marker} {specimen}"}
    tried = client.post(url, pattern | {"action": "look"}).content.decode()
    assert "1 of 2 rows find their stain" in tried
    assert not QuPathImport.objects.exists()
    page = client.post(url, pattern | {"action": "store", "scorer": "bob", "classifier": "v1"}, follow=True)
    assert "1 row in quarantine" in page.content.decode()
    row = QuPathRow.objects.get(stain=None)
    said = {"specimen": "T-0001", "marker": str(cd8.marker_id), "reason": "label", "version": "1"}
    missing = client.post(f"/qupath/rows/{row.pk}/", said | {"specimen": "T-9"}).content.decode()
    assert "There is no stain of this specimen for this marker." in missing
    client.post(f"/qupath/rows/{row.pk}/", said)
    row.refresh_from_db()
    assert row.stain == cd8
    original = client.get(f"/qupath/{row.qupath_import_id}/file/")
    assert original.content.startswith(b"Image")
