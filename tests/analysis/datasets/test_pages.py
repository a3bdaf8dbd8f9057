"""Data sets and discoveries in the browser, by program and by command."""

import io
import json
import os
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from analysis.datasets.models import Dataset
from analysis.datasets.selectors import current_datasets
from analysis.datasets.services import datasets_purge
from analysis.datasets.stored import load_stored, source_of
from analysis.engine.execution import run_stale
from analysis.engine.models import Analysis
from analysis.engine.parts import run_parts
from registry.cohorts.models import Cohort
from registry.people.models import User
from registry.people.roles import Role
from tests.analysis.datasets.small_discovery import DATA, STEPS, discovery, tissue
from tests.analysis.datasets.stored_study import FILES, uploads
from tests.analysis.discovery.study import CONFIGURATION
from tests.registry.fixtures import enrol
from tests.registry.people import client_of, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def investigator(a_cohort: Cohort) -> User:
    return person(Role.INVESTIGATOR, username="ines", sites=(a_cohort.site,))


@pytest.fixture
def client(investigator: User) -> Client:
    return client_of(investigator)


def test_a_signature_is_stored_and_given_to_nobody(client: Client, a_cohort: Cohort, study_files: Path) -> None:
    address = reverse("analysis:signature-new", args=[a_cohort.code, "signature", "abis"])
    assert "giannimonaco/ABIS" in client.get(address).content.decode()
    sent = {"name": "cells", "origin": "a colleague", "matrix": uploads(study_files, ("cells.tsv",))[0]}
    page = client.post(address, sent, follow=True).content.decode()
    assert "60 x 2" in page and "given to nobody" in page
    stored = Dataset.objects.get()
    assert (stored.kind, stored.form, stored.number) == ("signature", "abis", 1)
    assert client.get(reverse("analysis:dataset-file", args=[stored.pk, "matrix", 0])).status_code == 404
    again = {**sent, "matrix": uploads(study_files, ("cells.tsv",))[0]}
    assert "stored already" in client.post(address, again, follow=True).content.decode()
    assert Dataset.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"gene\tone\nA\tmuch\n", "holds something that is not a number in the column one"),
    ],
)
def test_what_is_no_signature_is_refused_and_nothing_is_left(
    client: Client, a_cohort: Cohort, own_folder: Path, content: bytes, said: str
) -> None:
    address = reverse("analysis:signature-new", args=[a_cohort.code, "signature", "cibersort"])
    sent = {"name": "lm22", "origin": "x", "matrix": SimpleUploadedFile("LM22.txt", content)}
    page = client.post(address, sent).content.decode()
    assert said in page or "empty" in page
    assert not Dataset.objects.exists()
    assert not list(own_folder.glob("*"))


def test_an_expression_with_groups_is_stored_by_its_form(client: Client, a_cohort: Cohort, study_files: Path) -> None:
    exosomes, people = uploads(study_files, ("exosomes.csv", "people.tsv"))
    sent = {
        "name": "exosomes",
        "origin": "made up",
        "file": exosomes,
        "unit": "log2",
        "identifiers": "symbol",
        "duplicates": "error",
        "groups_file": people,
        "groups_sample": "id",
        "groups_group": "disease",
    }
    address = reverse("analysis:dataset-new", args=[a_cohort.code, "expression"])
    # A unit is said, not left at whatever comes first.
    assert client.get(address).context["form"]["unit"].field.choices[0] == ("", "—")
    page = client.post(address, sent, follow=True).content.decode()
    assert "HCC 8, healthy 8" in page
    stored = Dataset.objects.get()
    given = client.get(reverse("analysis:dataset-file", args=[stored.pk, "file", 0]))
    assert b"".join(given.streaming_content) == (study_files / "exosomes.csv").read_bytes()  # type: ignore[attr-defined]
    exosomes.seek(0)
    people.seek(0)
    wrong = client.post(address, {**sent, "name": "other", "unit": "counts"}).content.decode()
    assert "not a whole number, which a count must be" in wrong and "Nothing was saved" in wrong


def test_published_scores_and_other_layouts_are_stored_by_their_forms(client: Client, a_cohort: Cohort) -> None:
    scores = SimpleUploadedFile("theirs.csv", b"patient,site,Type 1,one\nP1,A,1,2\nP2,A,,3\n")
    sent = {"name": "theirs", "origin": "made up", "file": scores, "samples": "patient", "ignore": "site"}
    page = client.post(
        reverse("analysis:dataset-new", args=[a_cohort.code, "scores"]), sent, follow=True
    ).content.decode()
    assert "published scores of samples" in page
    assert Dataset.objects.get().found == [["samples", "2"], ["scores", "2"]]
    matrix = SimpleUploadedFile("xena.tsv", b"gene\tTCGA-2Y-A9GT-01A\nFAP\t3\nACTB\t10\n")
    sent = {"name": "xena", "origin": "made up", "file": matrix, "unit": "TPM", "layout": "xena", "from_log2": "on"}
    address = reverse("analysis:dataset-new", args=[a_cohort.code, "expression"])
    client.post(address, sent)
    stored = Dataset.objects.get(name="xena")
    assert (stored.settings["layout"], stored.settings["from_log2"]) == ("xena", True)
    told = {"fingerprint": stored.fingerprint, "kind": stored.kind, "settings": stored.settings}
    found = load_stored(source_of("xena", told))
    assert found.matrix.values.tolist() == [[7.0], [1023.0]]


def test_all_data_of_a_configuration_or_none(
    client: Client, a_cohort: Cohort, study_files: Path, own_folder: Path
) -> None:
    address = reverse("analysis:datasets-new", args=[a_cohort.code])
    sent = {"configuration": CONFIGURATION, "origin": "made up"}
    page = client.post(address, {**sent, "data_files": uploads(study_files, FILES[:-1])}).content.decode()
    assert "Not among the files: data.cells: cells.tsv." in page
    broken = [*uploads(study_files, FILES[:-1]), SimpleUploadedFile("cells.tsv", b"\tone\nA\tx\n")]
    page = client.post(address, {**sent, "data_files": broken}).content.decode()
    assert "data.cells: cells.tsv holds something that is not a number" in page
    assert not Dataset.objects.exists() and not list(own_folder.glob("*"))
    page = client.post(address, {**sent, "data_files": uploads(study_files)}, follow=True).content.decode()
    assert "Stored: tissue v1, exosomes v1" in page
    # What is there already need not be sent again.
    more = CONFIGURATION.replace("[data.cells]", "[data.more]")
    answer = client.post(address, {**sent, "configuration": more, "data_files": uploads(study_files, ("cells.tsv",))})
    assert answer.status_code == 302
    assert set(current_datasets(a_cohort)) == {
        "tissue", "exosomes", "trial", "maf", "segments", "places", "sets", "cells", "more",
    }  # fmt: skip


def test_only_an_administrator_shares_a_reference_and_a_cohorts_own_goes_first(
    client: Client, a_cohort: Cohort, study_files: Path
) -> None:
    address = reverse("analysis:dataset-new", args=[a_cohort.code, "sets"])

    def sent() -> dict[str, object]:
        return {
            "name": "sets",
            "origin": "x",
            "identifiers": "symbol",
            "everywhere": "on",
            "file": uploads(study_files, ("sets.gmt",))[0],
        }

    client.post(address, sent())
    assert Dataset.objects.get().cohort == a_cohort
    administrator = client_of(person(Role.ADMINISTRATOR, username="adam", sites=(a_cohort.site,)))
    administrator.post(address, sent())
    shared = Dataset.objects.get(cohort=None)
    assert current_datasets(a_cohort)["sets"].cohort == a_cohort
    retire = reverse("analysis:dataset-retire", args=[shared.pk])
    assert client.get(retire).status_code == 404
    said = {"version": shared.version, "reason": "not needed"}
    assert administrator.post(retire, said).status_code == 302
    shared.refresh_from_db()
    assert shared.retired_reason == "not needed"


def test_the_page_of_a_discovery_its_files_and_its_genes_as_candidates(client: Client, a_cohort: Cohort) -> None:
    tissue(a_cohort)
    define = reverse("analysis:define-kind", args=[a_cohort.code, "discovery"])
    wrong = client.post(define, {"configuration": STEPS.replace("tumour", "nothing")}).content.decode()
    assert "Nothing was saved" not in wrong
    refused = client.post(define, {"configuration": STEPS.replace("limma", "deseq2")}).content.decode()
    assert "deseq2 takes counts, and tissue is log2" in refused
    analysis = discovery(a_cohort)
    run_stale("test")
    run_parts()
    page = client.get(analysis.get_absolute_url()).content.decode()
    assert "4 up, 0 down" in page and "It asks about no patient" in page and "Exploratory" in page
    run = analysis.runs.get()
    figure = client.get(reverse("analysis:run-figure", args=[run.pk, "scored-volcano", "svg"]))
    assert b"Exploratory" in figure.content
    table = client.get(reverse("analysis:run-table", args=[run.pk, "scored", "table"])).content.decode().splitlines()
    assert len(table) == 21 and table[0].endswith("\trun\tfreshness\texploratory")
    archive = zipfile.ZipFile(io.BytesIO(client.get(reverse("analysis:run-tables", args=[run.pk])).content))
    names = {name.partition("/")[2] for name in archive.namelist()}
    assert {"steps/scored.tsv", "genes/scored.up.tsv", "configuration.toml", "result.json"} <= names
    candidates = client.get(reverse("analysis:run-candidates", args=[run.pk, "scored", "up"])).content.decode()
    assert "no expression set yet" in candidates
    assert client.get(reverse("analysis:run-candidates", args=[run.pk, "scored", "none"])).status_code == 404


def test_genes_of_a_discovery_are_asked_about_in_the_cohort(client: Client, a_cohort: Cohort, tmp_path: Path) -> None:
    for number in range(12):
        enrol(a_cohort, f"P-{number}")
    names = [f"P-{number}" for number in range(12)]
    lines = ["gene\t" + "\t".join(names)]
    lines += ["\t".join([gene, *(str(10 + number) for number in range(12))]) for gene in ("G00", "G02", "OTHER")]
    (tmp_path / "tpm.tsv").write_text("\n".join(lines))
    call_command("import_expression", a_cohort.code, str(tmp_path / "tpm.tsv"), unit="TPM", stdout=io.StringIO())
    tissue(a_cohort)
    analysis = discovery(a_cohort)
    run_stale("test")
    run_parts()
    run = Analysis.objects.get(pk=analysis.pk).runs.latest("pk")
    page = client.get(reverse("analysis:run-candidates", args=[run.pk, "scored", "up"])).content.decode()
    address = reverse("analysis:define-kind", args=[a_cohort.code, "screen"])
    assert f"{address}?genes={run.pk}:scored:up" in page
    form = client.get(f"{address}?genes={run.pk}:scored:up").context["form"]
    assert form.initial["covariates"] == ["gene:G00", "gene:G02"]
    sent = {"endpoint": "PFS", "covariates": form.initial["covariates"]}
    assert client.post(f"{address}?genes={run.pk}:scored:up", sent).status_code == 302
    assert Analysis.objects.get(kind="screen").parameters["covariates"] == ["gene:G00", "gene:G02"]


def test_a_variable_that_is_read_blind_cannot_be_asked_about(client: Client, a_cohort: Cohort) -> None:
    text = '[data.fap]\nkind = "cohort-groups"\nvariable = "ihc:FAP"\nabove = 6\n' + STEPS.replace(
        "case", 'groups = "fap"\ncase'
    )
    define = reverse("analysis:define-kind", args=[a_cohort.code, "discovery"])
    page = client.post(define, {"configuration": text}).content.decode()
    assert "ihc:FAP@tumour is not known in this cohort." in page


def test_programs_store_and_list_data_sets(client: Client, a_cohort: Cohort) -> None:
    address = f"/api/v1/cohorts/{a_cohort.code}/datasets/"
    files = [SimpleUploadedFile("tissue.tsv", b"gene\tA\tB\nG1\t1\t2\n"), SimpleUploadedFile("groups.tsv", b"x")]
    refused = client.post(address, {"configuration": DATA, "origin": "x", "files": files})
    assert refused.status_code == 400
    assert "groups.tsv has no column sample" in json.dumps(refused.json())
    stored = tissue(a_cohort)
    listed = client.get(address).json()["results"]
    assert [(row["name"], row["number"], row["cohort"]) for row in listed] == [("tissue", 1, a_cohort.code)]
    assert [file["name"] for file in listed[0]["files"]] == ["tissue.tsv", "groups.tsv"]
    gone = client.post(
        f"/api/v1/datasets/{stored.pk}/retire/",
        json.dumps({"reason": "wrong", "version": stored.version}),
        content_type="application/json",
    )
    assert gone.status_code == 200
    assert client.get(address).json()["results"] == []
    assert [row["retired_reason"] for row in client.get("/api/v1/datasets/?name=tissue").json()["results"]] == ["wrong"]


def test_what_was_left_half_stored_goes_after_a_day(a_cohort: Cohort, own_folder: Path) -> None:
    kept = tissue(a_cohort)
    old, new = own_folder / "old", own_folder / "new"
    for folder in (old, new):
        folder.mkdir()
    for folder in (old, kept.place):
        os.utime(folder, (1e9, 1e9))
    datasets_purge()
    assert {path.name for path in own_folder.iterdir()} == {"new", kept.folder}


def test_the_command_stores_what_a_configuration_names(a_cohort: Cohort, study_files: Path) -> None:
    out = io.StringIO()
    path = str(study_files / "study.toml")
    call_command("import_datasets", path, cohort=a_cohort.code, only=["sets", "maf"], json=True, stdout=out)
    assert [(row["name"], row["new"]) for row in json.loads(out.getvalue())["datasets"]] == [
        ("maf", True),
        ("sets", True),
    ]
    call_command("import_datasets", path, everywhere=True, only=["cells"], stdout=out)
    assert Dataset.objects.get(name="cells").cohort is None
    with pytest.raises(CommandError, match=r"There is no data\.nowhere; there are tissue"):
        call_command("import_datasets", path, cohort=a_cohort.code, only=["nowhere"], stdout=out)
