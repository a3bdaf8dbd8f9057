"""What comes by a browser may be anything: it is stored as what it is, or refused with a sentence."""

from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from django.urls import reverse

from analysis.datasets.models import Dataset
from analysis.datasets.planning import planned, wish_of
from analysis.datasets.uploading import datasets_from
from analysis.discovery.errors import DiscoveryError
from analysis.discovery.loading import load
from analysis.discovery.sources import source
from analysis.engine.models import Analysis
from analysis.frames.building import build_frame
from analysis.kinds.discovery_tables import tables_of
from analysis.plans.wording import written_plan
from registry.cohorts.models import Cohort
from registry.people.roles import Role
from registry.people.services import role_grant
from tests.analysis.datasets.small_discovery import DATA, STEPS, discovery, tissue
from tests.labs.rounds.fixtures import reading
from tests.registry.fixtures import BY
from tests.registry.people import client_of, person, site

pytestmark = pytest.mark.django_db
GROUPS = '[data.x]\nkind = "cohort-groups"\nvariable = "{}"\nabove = 1\n[[steps]]\nname = "a"\nmethod = "group_by"\n'
VALUES = '[data.x]\nkind = "cohort-values"\nvariables = {}\n[[steps]]\nname = "a"\nmethod = "correlate"\nvalues = "x"\n'


@pytest.fixture
def client(a_cohort: Cohort) -> Client:
    return client_of(person(Role.INVESTIGATOR, sites=(a_cohort.site,)))


def sent(cohort: Cohort, text: str, **files: bytes) -> list[Dataset]:
    uploads = [SimpleUploadedFile(name.replace("_", "."), content) for name, content in files.items()]
    return [one.dataset for one in datasets_from(cohort=cohort, text=text, uploads=uploads, origin="x", by=BY)]


def test_the_form_of_epic_takes_its_file_of_genes(client: Client, a_cohort: Cohort) -> None:
    profiles = SimpleUploadedFile("profiles.tsv", b"gene\tB\tT\nCD19\t3\t0\nCD3E\t0\t4\n")
    given = {"name": "tref", "origin": "x", "profiles": profiles, "genes": SimpleUploadedFile("genes.txt", b"CD19\n")}
    client.post(reverse("analysis:signature-new", args=[a_cohort.code, "signature", "epic"]), given)
    assert Dataset.objects.get().found == [["form", "epic"], ["profiles", "2 x 2"], ["genes", "1"]]


def test_files_that_a_sample_sheet_names_are_files_of_the_configuration(a_cohort: Cohort) -> None:
    text = '[data.gdc]\nkind = "expression"\nfile = "sheet.tsv"\nunit = "counts"\nlayout = "gdc"\n'
    text += 'identifiers = "ensembl"'
    one, two = (f"ENSG01.1\t{number}\nENSG02.1\t7\n".encode() for number in (1, 2))
    sheet = b"File Name\tSample ID\none.tsv\tS1\ntwo.tsv\tS2\n"
    with pytest.raises(ValidationError, match=r"row 3, column File Name, “two\.tsv”: The file is not in the folder"):
        sent(a_cohort, text, sheet_tsv=sheet, one_tsv=one)
    with pytest.raises(ValidationError, match=r"names no other\.tsv"):
        sent(a_cohort, text, sheet_tsv=sheet, one_tsv=one, two_tsv=two, other_tsv=two)
    (stored,) = sent(a_cohort, text, sheet_tsv=sheet, one_tsv=one, two_tsv=two)
    assert stored.found[:2] == [["genes", "2"], ["samples", "2"]]


@pytest.mark.parametrize(
    ("block", "content", "said"),
    [
        ('kind = "places"', b"one\ttwo\nA\tB\n", "The table of arms lacks the column symbol, chromosome, start, end"),
        ('kind = "places"', b"symbol\tchromosome\tstart\tend\nA\t1\t9\t2\n", "place of A .* is not a start and an end"),
        ('kind = "places"\ngenes = { A = "1:1-9" }', b"", "names a file or genes, not both"),
        ('kind = "signature"\nform = "abis"', b"gene\tone\nA\t\n", "has no row or no column of numbers"),
    ],
)
def test_what_is_something_else_is_refused(a_cohort: Cohort, block: str, content: bytes, said: str) -> None:
    key = "matrix" if "signature" in block else "file"
    with pytest.raises(ValidationError, match=said):
        sent(a_cohort, f'[data.x]\n{key} = "x.tsv"\n{block}', x_tsv=content)


def test_calls_of_no_sample_are_refused(a_cohort: Cohort) -> None:
    with pytest.raises(ValidationError, match="has no sample beside"):
        sent(a_cohort, '[data.x]\nkind = "gistic"\ncalls = "x.txt"', x_txt=b"Gene Symbol\tCytoband\nA\t1p\n")


def test_a_name_of_a_file_that_no_disk_takes_is_refused(a_cohort: Cohort, own_folder: Path) -> None:
    upload = SimpleUploadedFile("ж" * 150 + ".tsv", b"gene\tS1\nA\t1\n")
    text = f'[data.x]\nkind = "expression"\nunit = "TPM"\nfile = "{upload.name}"'
    with pytest.raises(ValidationError, match="is too long"):
        datasets_from(cohort=a_cohort, text=text, uploads=[upload], origin="x", by=BY)
    assert not list(own_folder.glob("*"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = " + "[" * 20_000, "nests too deeply"),
        ("a = 1" + "0" * 5_000, "is not TOML"),
        ('[[steps]]\nname = "a"\nmethod = ["limma"]', "steps.a.method is one of"),
        ('[[steps]]\nname = "a"\nmethod = "group_by"\nscore = ":x"', "a name holds letters"),
        (f'[[steps]]\nname = "{"a" * 41}"\nmethod = "group_by"', "at most 40 characters"),
        ('[study]\nseed = 3000000000\n[[steps]]\nname = "a"', "study.seed is at most"),
        (GROUPS.format("FAP"), "data.x: 'FAP' is no variable"),
        (VALUES.format("[]"), "names none, or one of them twice"),
        (VALUES.format('["ihc:FAP", "ihc:FAP@tumour"]'), "names none, or one of them twice"),
    ],
)
def test_a_configuration_that_cannot_be_asked_says_why(text: str, said: str) -> None:
    with pytest.raises(DiscoveryError, match=said):
        wish_of(text)


def test_a_chain_of_steps_may_be_longer_than_the_stack() -> None:
    steps = ",".join(f'{{name="s{one}",method="group_by",score="s{one + 1}:x"}}' for one in range(1_100))
    assert [step.name for step in wish_of(f"steps=[{steps}]").written.steps[:2]] == ["s1099", "s1098"]


def test_a_variable_is_known_by_its_short_name_as_well(a_cohort: Cohort) -> None:
    wish = wish_of(VALUES.format('["ihc:FAP", "blood:ALB"]'))
    assert wish.of_cohort["x"]["variables"] == ["ihc:FAP@tumour", "blood:ALB"]


def test_a_block_says_the_same_with_one_name_as_with_a_list(a_cohort: Cohort) -> None:
    tissue(a_cohort)
    wish = wish_of(DATA.replace('unit = "log2"', 'unit = "log2"\nignore = []') + STEPS)
    assert planned(wish, build_frame(a_cohort, wish.request(), using="default").frame).plan.steps
    other = wish_of(DATA.replace('unit = "log2"', 'unit = "log2"\nignore = "note"') + STEPS)
    with pytest.raises(DiscoveryError, match=r"data.tissue.ignore is \['note'\] in the configuration, and \[\] here"):
        planned(other, build_frame(a_cohort, other.request(), using="default").frame)


def test_a_question_that_is_refused_since_an_upgrade_takes_no_page_with_it(client: Client, a_cohort: Cohort) -> None:
    analysis = discovery(a_cohort)
    Analysis.objects.update(parameters={"configuration": STEPS.replace("limma", "a-method-of-old")})
    for address in ("/", reverse("analysis:remark", args=[a_cohort.code]), analysis.get_absolute_url()):
        assert client.get(address).status_code == 200, address
    assert written_plan(Analysis.objects.get())["variable"] == ""


def test_sets_of_genes_may_be_licensed_and_are_given_to_nobody(client: Client, a_cohort: Cohort) -> None:
    (stored,) = sent(a_cohort, '[data.kegg]\nkind = "sets"\nfile = "x.gmt"', x_gmt=b"hsa1\tone\tA\tB\n")
    assert client.get(reverse("analysis:dataset-file", args=[stored.pk, "file", 0])).status_code == 404


def test_places_are_the_same_in_whatever_order_they_were_written(tmp_path: Path) -> None:
    one = source("x", {"kind": "places", "genes": {"B": "1:1-9", "A": "2:1-9"}}, tmp_path)
    other = source("x", {"kind": "places", "genes": {"A": "2:1-9", "B": "1:1-9"}}, tmp_path)
    assert one.fingerprint == other.fingerprint
    assert load(one).to_dict() == load(other).to_dict()


def test_a_report_has_as_many_columns_of_a_step_as_fit_on_a_page() -> None:
    columns = ["gene", *(f"Missense_Mutation_{number}" for number in range(9))]
    first = {"columns": columns, "rows": [["A", *"123456789"]]}
    step = {"name": "s", "title": "t", "reason": "", "headline": [], "warnings": [], "first": first}
    table = tables_of({"steps": [step | {"tables": [{"rows": 3, "columns": columns}]}]})[1]
    assert (table.columns, table.rows) == (columns[:5], [["A", "1", "2", "3", "4"]])
    assert table.notes == ["1 of 3 rows and 5 of 10 columns; the file of the run has all."]


def test_what_cannot_be_stored_or_was_deleted_is_said_without_a_path(a_cohort: Cohort, own_folder: Path) -> None:
    stored = tissue(a_cohort)
    stored.path("file", 0).unlink()
    wish = wish_of(STEPS)
    ready = planned(wish, build_frame(a_cohort, wish.request(), using="default").frame)
    with pytest.raises(DiscoveryError, match=r"^data\.tissue: tissue\.tsv is not stored here any more\.$"):
        ready.load(ready.plan.sources["tissue"])
    no_folder = override_settings(DATASETS_ROOT=own_folder / stored.folder / "expression.npy")
    with no_folder, pytest.raises(ValidationError, match=r"could not be stored: File exists\."):
        sent(a_cohort, '[data.x]\nkind = "sets"\nfile = "x.gmt"', x_gmt=b"a\tb\tc\n")


def test_who_sees_another_site_sees_nothing_of_this_one(a_cohort: Cohort) -> None:
    stored, stranger = tissue(a_cohort), client_of(person(Role.INVESTIGATOR, sites=(site("ELSE"),)))
    for address in (
        reverse("analysis:datasets", args=[a_cohort.code]),
        stored.get_absolute_url(),
        reverse("analysis:dataset-file", args=[stored.pk, "file", 0]),
        reverse("analysis:dataset-retire", args=[stored.pk]),
        f"/api/v1/datasets/{stored.pk}/",
    ):
        assert stranger.get(address).status_code == 404, address
    assert stranger.get("/api/v1/datasets/").json()["count"] == 0


@pytest.mark.parametrize("written", ["ihc:FAP", "ihc:FAP@tumour", "blot:FAP"])
def test_nobody_asks_about_a_marker_that_they_read_blind(a_cohort: Cohort, written: str) -> None:
    reader = reading(a_cohort, patients=2).first
    role_grant(user=reader, role=Role.INVESTIGATOR, by=BY)
    text, browser = VALUES.format(f'["{written}"]'), client_of(reader)
    asked = {"cohort": a_cohort.code, "kind": "discovery", "title": "x", "parameters": {"configuration": text}}
    answer = browser.post("/api/v1/analyses/", asked, content_type="application/json")
    assert answer.status_code == 400 and "not yours to see" in answer.content.decode()
    form = reverse("analysis:define-kind", args=[a_cohort.code, "discovery"])
    assert "is not known in this cohort" in browser.post(form, {"configuration": text}).content.decode()
    mine = discovery(a_cohort)
    change = {"parameters": {"configuration": text}, "reason": "why not"}
    address = f"/api/v1/cohorts/{a_cohort.code}/analyses/{mine.slug}/"
    answer = browser.patch(address, change, content_type="application/json", headers={"If-Match": '"1"'})
    assert answer.status_code == 400 and "not yours to see" in answer.content.decode()
    assert Analysis.objects.get().parameters == mine.parameters
