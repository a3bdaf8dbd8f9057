"""Expression of a cohort: stored whole or not at all, in versions, and read by gene."""

from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from labs.expression.models import ExpressionGene, ExpressionSet
from labs.expression.samples import of_barcodes, of_file
from labs.expression.selectors import gene_values
from labs.expression.services import Imported, expression_import, expression_retire
from labs.formats.errors import FormatError
from labs.formats.expression import read_expression
from registry.cohorts.models import Cohort
from registry.log.models import Change, Stream
from registry.people.models import User
from tests.registry.fixtures import BY, enrol
from tests.registry.people import client_of

pytestmark = pytest.mark.django_db
TABLE = "gene\tP-1\tP-2\tX\nFAP\t1.1\t2\t9\nCD8A\t0\t0.3333333333333333\t9\n"


@pytest.fixture
def cohort(a_cohort: Cohort) -> Cohort:
    for number in ("P-1", "P-2"):
        enrol(a_cohort, number)
    return a_cohort


def stored(cohort: Cohort, folder: Path, content: str = TABLE, unit: str = "TPM", **patients: str) -> Imported:
    path = folder / "table.tsv"
    path.write_text(content)
    table = read_expression(path)
    named = patients or {name: name for name in table.samples}
    return expression_import(
        cohort=cohort, table=table, patients=named, unit=unit, identifiers="symbol", source="test", by=BY
    )


def values(cohort: Cohort, gene: str) -> list[float | None]:
    return [item.value for item in gene_values(cohort, gene)[1]]


def test_columns_of_patients_are_stored_and_the_others_named(cohort: Cohort, tmp_path: Path) -> None:
    found = stored(cohort, tmp_path)
    assert (found.is_new, found.others) == (True, ["X"])
    assert (found.stored.genes, found.stored.samples, found.stored.number) == (2, 2, 1)
    assert values(cohort, "CD8A") == [0.0, 0.3333333333333333]
    assert values(cohort, "cd8a") == []
    change = Change.objects.get(domain="expression")
    assert "P-1" not in str(change.new_values)


def test_the_same_file_again_changes_nothing_and_another_is_the_next_version(cohort: Cohort, tmp_path: Path) -> None:
    stored(cohort, tmp_path)
    version = Stream.objects.get(domain="expression").version
    assert not stored(cohort, tmp_path).is_new
    assert Stream.objects.get(domain="expression").version == version
    assert stored(cohort, tmp_path, TABLE.replace("1.1", "1.2")).stored.number == 2
    assert values(cohort, "FAP") == [1.2, 2.0]
    assert stored(cohort, tmp_path, TABLE.replace("1.1", "1.2"), unit="FPKM").stored.number == 3


def test_a_retired_set_gives_way_to_the_one_before(cohort: Cohort, tmp_path: Path) -> None:
    stored(cohort, tmp_path)
    second = stored(cohort, tmp_path, TABLE.replace("1.1", "7")).stored
    expression_retire(stored=second, expected_version=1, by=BY, reason="another cohort's file")
    assert values(cohort, "FAP") == [1.1, 2.0]
    with pytest.raises(ValidationError):
        expression_retire(stored=ExpressionSet.objects.get(number=1), expected_version=1, by=BY, reason=" ")


@pytest.mark.parametrize(
    ("content", "unit", "said"),
    [
        (TABLE.replace("1.1", "-1"), "TPM", "FAP in P-1 is -1, which TPM cannot be"),
        (TABLE, "counts", "FAP in P-1 is 1.1, which counts cannot be"),
        (TABLE.replace("P-", "Q-"), "TPM", "No sample"),
        (TABLE, "RPKM", "The unit is one of"),
        (TABLE.replace("FAP", "F" * 41), "TPM", "too long"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_stored(
    cohort: Cohort, tmp_path: Path, content: str, unit: str, said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        stored(cohort, tmp_path, content, unit)
    assert not ExpressionSet.objects.exists()
    assert not ExpressionGene.objects.exists()


def test_logarithms_may_be_negative_and_strangers_columns_anything(cohort: Cohort, tmp_path: Path) -> None:
    assert stored(cohort, tmp_path, TABLE.replace("1.1", "-1"), "log2(TPM+1)").is_new
    assert stored(cohort, tmp_path, TABLE.replace("\t9\n", "\t-9\n")).is_new


def test_two_samples_of_one_patient_are_refused_by_name(cohort: Cohort, tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="P-1 and P-2 are of one patient"):
        stored(cohort, tmp_path, **{"P-1": "P-1", "P-2": "P-1"})


def test_barcodes_name_patient_and_tissue() -> None:
    tumour, again, normal = "TCGA-AA-0001-01A-11R", "TCGA-AA-0001-01B-11R", "TCGA-AA-0001-11A-11R"
    assert of_barcodes([again, normal, tumour]) == {tumour: "TCGA-AA-0001"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("sample,patient\nS1,P-1\nS1,P-2\n", "row 3.*twice"),
        ("sample,patient\nS1,\n", "row 2"),
        ("sample,who\nS1,P-1\n", "row 1"),
    ],
)
def test_a_list_of_samples_is_refused_by_row(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "samples.csv"
    path.write_text(content)
    with pytest.raises(FormatError, match=said):
        of_file(path)
    path.write_text("sample,patient\nS1, P-1\n")
    assert of_file(path) == {"S1": "P-1"}


def test_a_set_is_retired_from_the_page_of_the_cohort_with_a_reason(cohort: Cohort, tmp_path: Path, dora: User) -> None:
    stored(cohort, tmp_path)
    client = client_of(dora)
    page = client.get(cohort.get_absolute_url()).content.decode()
    address = reverse("labs:expression-retire", args=[cohort.code, 1])
    assert address in page
    assert "2 genes in TPM of 2 patients" in page
    assert client.post(address, {"version": 1, "reason": ""}).status_code == 200
    stale = client.post(address, {"version": 9, "reason": "wrong file"})
    assert stale.status_code == 200
    assert not ExpressionSet.objects.get().retired_reason
    assert client.post(address, {"version": 1, "reason": "wrong file"}).status_code == 302
    assert "is retired" in client.get(cohort.get_absolute_url()).content.decode()
    assert ExpressionSet.objects.get().retired_reason == "wrong file"
