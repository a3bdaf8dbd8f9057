"""The same run from another file: recognised by what was read, not by its bytes."""

import csv
import io
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook

from labs.qpcr.models import PcrFile, PcrRun, PcrWell
from labs.qpcr.services import run_import, run_retire, well_exclude
from registry.log.actors import Actor
from registry.log.models import Change
from registry.people.roles import Role
from tests.labs.qpcr.plates import csv_of, paired_plate, well
from tests.registry import people

pytestmark = pytest.mark.django_db
PLATE = paired_plate("Müller 1 µg", "N-0001", target_cqs=(24.012345678901234, 24.1, 23.9))
TEXT = PLATE.decode()


def decimal_comma(text: str) -> bytes:
    rows = [[cell.replace(".", ",") for cell in row] for row in csv.reader(io.StringIO(text))]
    # "Cq Std. Dev" is a header, no number.
    rows[0] = next(csv.reader(io.StringIO(text)))
    return csv_of(rows[1:], rows[0], ";")


def workbook(text: str) -> bytes:
    book = Workbook()
    assert book.active is not None
    for row in csv.reader(io.StringIO(text)):
        book.active.append([_cell(cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(written: str) -> float | str:
    """A spreadsheet keeps fifteen digits of a number."""
    try:
        return float(f"{float(written):.15g}") if written != "NaN" else written
    except ValueError:
        return written


SAVED_ANEW: dict[str, Callable[[str], bytes]] = {
    "UTF-8 with a mark": lambda text: text.encode("utf-8-sig"),
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16 without a mark": lambda text: text.encode("utf-16-le"),
    "Windows Latin": lambda text: text.encode("cp1252"),
    "line ends of Unix": lambda text: text.replace("\r\n", "\n").encode(),
    "tabs": lambda text: text.replace(",", "\t").encode(),
    "decimal comma": decimal_comma,
    "workbook": workbook,
}


@pytest.mark.parametrize("saved", SAVED_ANEW)
def test_a_run_saved_anew_is_the_same_run(saved: str, by: Actor) -> None:
    (run,) = run_import(name="plate.csv", content=PLATE, by=by).runs
    changes = Change.objects.count()
    content = SAVED_ANEW[saved](TEXT)
    assert content != PLATE
    again = run_import(name="saved anew.xlsx", content=content, by=by)
    assert (again.is_new, again.runs, again.recurring) == (False, [run], (run,))
    assert (PcrFile.objects.count(), Change.objects.count()) == (1, changes)


@pytest.mark.parametrize(("was", "becomes"), [("24.1", "24.2"), ("N-0001", "N-0002"), ("NaN", "38.5"), ("H02", "H03")])
def test_a_run_that_differs_in_one_well_is_another_run(was: str, becomes: str, by: Actor) -> None:
    run_import(name="plate.csv", content=PLATE, by=by)
    other = run_import(name="plate.csv", content=TEXT.replace(was, becomes).encode(), by=by)
    assert (other.is_new, other.recurring, PcrRun.objects.count()) == (True, (), 2)


def test_what_was_said_here_since_does_not_make_it_another_run(by: Actor) -> None:
    (run,) = run_import(name="plate.csv", content=PLATE, by=by).runs
    well_exclude(well=PcrWell.objects.get(run=run, position="A02"), exclusion="pipetting", by=by)
    assert run_import(name="plate.csv", content=TEXT.encode("utf-16"), by=by).recurring == (run,)


def test_plates_without_any_ct_and_runs_that_were_taken_out_are_no_measure(by: Actor) -> None:
    silent = csv_of([well("A01", "ACTB", "NTC-01", "", "NaN")])
    run_import(name="one.csv", content=silent, by=by)
    assert run_import(name="two.csv", content=silent.replace(b"\r\n", b"\n"), by=by).is_new
    (run,) = run_import(name="plate.csv", content=PLATE, by=by).runs
    run_retire(run=run, expected_version=run.version, by=by, reason="the wrong plate")
    assert run_import(name="plate.csv", content=TEXT.encode("utf-16"), by=by).is_new


def test_the_pages_say_that_it_is_the_same_run_and_of_which_file(by: Actor) -> None:
    (run,) = run_import(name="first name.csv", content=PLATE, by=by).runs
    client = people.signed_in(Role.TECHNICIAN)
    file = SimpleUploadedFile("second name.csv", TEXT.encode("utf-16"))
    preview = client.post(reverse("labs:pcr-upload"), {"file": file})
    sentence = "This run was stored before, from the file first name.csv"
    assert sentence in preview.content.decode()
    answer = client.post(reverse("labs:pcr-upload"), preview.context["store"].initial, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("labs:pcr-run", args=[run.pk])
    assert sentence in answer.content.decode()
    assert PcrRun.objects.count() == 1
