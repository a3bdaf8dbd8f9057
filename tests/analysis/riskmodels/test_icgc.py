"""From the tables of the ICGC to a validated score: donors, specimens and expression as the portal has them."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from analysis.engine.execution import run_stale
from analysis.engine.models import Analysis
from analysis.frames.building import build_frame
from analysis.frames.request import FrameRequest
from analysis.scores.models import PatientScore
from registry.clinical.models import ImportedTime
from registry.cohorts.models import Cohort
from tests.analysis.riskmodels.worlds import a_model
from tests.labs.formats.test_icgc import HEADER, SPECIMENS, row

pytestmark = pytest.mark.django_db
MAPPING = Path(settings.BASE_DIR) / "docs" / "examples" / "icgc-lihc.toml"
DONORS = 24
# The columns of the portal's file, in their order.
DONOR_HEADER = (
    "icgc_donor_id\tproject_code\tstudy_donor_involved_in\tsubmitted_donor_id\tdonor_sex\tdonor_vital_status\t"
    "disease_status_last_followup\tdonor_relapse_type\tdonor_age_at_diagnosis\tdonor_age_at_enrollment\t"
    "donor_age_at_last_followup\tdonor_relapse_interval\tdonor_diagnosis_icd10\t"
    "donor_tumour_staging_system_at_diagnosis\tdonor_tumour_stage_at_diagnosis\t"
    "donor_tumour_stage_at_diagnosis_supplemental\tdonor_survival_time\tdonor_interval_of_last_followup\t"
    "prior_malignancy\tcancer_type_prior_malignancy\tcancer_history_first_degree_relative\n"
)


def donor(number: int) -> str:
    """Every fourth is alive; of these, every other has only a last contact."""
    alive = number % 4 == 0
    days = str(800 + 30 * number - 100 * (number % 7))
    survival, contact = ("", days) if alive and number % 8 else (days, "")
    status, sex = "alive" if alive else "deceased", "male" if number % 3 else "female"
    start = (
        f"DO{number}\tLIRI-JP\t\tRK{number:03d}\t{sex}\t{status}\tcomplete remission\t\t{50 + number}\t\t\t\tC22.0\t"
    )
    return f"{start}TNM\t{1 + number % 4}\t\t{survival}\t{contact}\tunknown\t\t\n"


def specimens() -> str:
    lines = [SPECIMENS.partition("\n")[0]]
    for number in range(1, DONORS + 1):
        lines.append(f"SP{number}\tLIRI-JP\tDO{number}\tPrimary tumour - solid tissue\t")
        lines.append(f"SP{100 + number}\tLIRI-JP\tDO{number}\tNormal - solid tissue\t")
    # A second tumour of one donor, and a tumour that nobody sequenced.
    lines += [f"SP{name}\tLIRI-JP\tDO1\tPrimary tumour - solid tissue\t" for name in ("201", "202")]
    return "\n".join(lines) + "\n"


def expression() -> str:
    """FPKM: of the tumours a half of what makes TPM, of the normal tissue and the second tumour other values."""
    rows = []
    for number in range(1, DONORS + 1):
        for specimen, first in ((f"SP{number}", 50.0 * (number % 7)), (f"SP{100 + number}", 1.0)):
            values = {"S100A11": first, "PUSL1": 1.0 + number % 5, "ALB": 0.0}
            values["ALB"] = 500_000.0 - sum(values.values())
            rows += [row(f"DO{number}", specimen, gene, f"{value:g}", "1") for gene, value in values.items()]
    rows += [row("DO1", "SP201", gene, "7", "1") for gene in ("S100A11", "PUSL1", "ALB")]
    # A gene of normal tissue alone is no reason to leave anything out.
    rows.append(row("DO1", "SP101", "CYP2E1", "9", "1"))
    return HEADER + "".join(rows)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "donor.tsv").write_text(DONOR_HEADER + "".join(donor(number) for number in range(1, DONORS + 1)))
    (tmp_path / "specimen.tsv").write_text(specimens())
    (tmp_path / "exp_seq.tsv").write_text(expression())
    return tmp_path


def test_a_registered_score_is_validated_in_the_donors_of_the_icgc(folder: Path) -> None:
    model = a_model()
    call_command("import_cohort", str(folder / "donor.tsv"), mapping=MAPPING)
    cohort = Cohort.objects.get(code="icgc-liri-jp")
    times = ImportedTime.objects.filter(enrolment__cohort=cohort)
    assert (times.count(), times.filter(is_event=True).count()) == (DONORS, 18)
    assert times.get(enrolment__patient__study_number="DO4").months == pytest.approx(520 / 30.4375)
    exp_seq = str(folder / "exp_seq.tsv")
    with pytest.raises(CommandError, match="The samples SP1 and SP101 are of one patient"):
        call_command("import_expression", cohort.code, exp_seq, unit="FPKM", duplicates="largest")
    tumours = folder / "specimen.tsv"
    call_command("import_expression", cohort.code, exp_seq, unit="TPM", from_fpkm=True, specimens=tumours)
    frame = build_frame(cohort, FrameRequest(variables=("gene:S100A11", "gene:PUSL1", "extra:stage")), "default").frame
    first = next(line for line in frame.rows if line["patient"] == "DO1")
    assert (first["gene:S100A11"], first["gene:PUSL1"]) == pytest.approx((100.0, 4.0))
    assert frame.columns["gene:S100A11"]["unit"] == "TPM"
    assert first["extra:stage"] == 2
    analysis = Analysis.objects.get(cohort=cohort, kind="validation", parameters__model=model.code)
    run_stale("test")
    analysis.refresh_from_db()
    scores = PatientScore.objects.filter(result=analysis.current)
    assert scores.count() == DONORS
    assert scores.get(enrolment__patient__study_number="DO1").value == pytest.approx(0.002 * 100 + 0.05 * 4)
