"""Which specimen a sample of a file is, by a rule that is declared and not guessed."""

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _

from labs.qpcr.models import PcrRun
from labs.specimens.models import Specimen, SpecimenKind


class AssignRule(models.TextChoices):
    SAMPLE = "sample", _("the sample's name is the specimen code")
    BIOLOGICAL_SET = "biological_set", _("the biological set is the specimen code")


def matched(run: PcrRun, rule: AssignRule, among: Iterable[Specimen]) -> dict[str, Specimen]:
    """Sample of the file → specimen, for samples not assigned yet. Case and spaces around do not matter."""
    codes = {specimen.code.casefold(): specimen for specimen in among if specimen.kind != SpecimenKind.BLOOD}
    wells = run.wells.filter(retired_reason="", specimen__isnull=True, is_calibrator=False, content="unknown")
    found: dict[str, Specimen] = {}
    for sample, written in wells.exclude(sample="").values_list("sample", rule.value).distinct():
        specimen = codes.get(written.strip().casefold())
        if specimen is not None:
            found.setdefault(sample, specimen)
    return found
