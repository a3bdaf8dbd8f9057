"""Every variable that a cohort may have a value of, by the names that frames know: for what takes all of them."""

from analysis.frames.variables import INDEX_PARTS
from labs.models import BloodResult, BlotRatio, FoldChange, Stain
from registry.models import Baseline, Cohort, ExtraVariable

# What a row is and when it was written, not what is known of a patient.
_BOOKKEEPING = {"id", "version", "retired_reason", "enrolment"}


def baseline_facts() -> list[str]:
    return ["sex", *(field.name for field in Baseline._meta.concrete_fields if field.name not in _BOOKKEEPING)]


def cohort_variables(cohort: Cohort, using: str) -> list[str]:
    extra = ExtraVariable.objects.using(using).filter(cohort_id=cohort.pk, retired_reason="").order_by("code")
    blood = _analytes(cohort, using)
    indices = [index for index, parts in INDEX_PARTS.items() if set(parts) <= set(blood)]
    return [
        *(f"baseline:{name}" for name in baseline_facts()),
        *(f"extra:{code}" for code in extra.values_list("code", flat=True)),
        *(f"blood:{code}" for code in blood),
        *(f"index:{code}" for code in indices),
        *_of_specimens(cohort, using),
    ]


def _analytes(cohort: Cohort, using: str) -> list[str]:
    mine = BloodResult.objects.using(using).for_analysis()
    found = mine.filter(specimen__patient__enrolments__cohort_id=cohort.pk).order_by()
    return sorted(found.values_list("analyte__code", flat=True).distinct())


def _of_specimens(cohort: Cohort, using: str) -> list[str]:
    names = []
    for source, model in (("ihc", Stain), ("blot", BlotRatio), ("qpcr", FoldChange)):
        rows = model._default_manager.using(using).filter(specimen__patient__enrolments__cohort_id=cohort.pk)
        pairs = rows.order_by().values_list("marker__code", "specimen__kind").distinct()
        names += [f"{source}:{marker}@{kind}" for marker, kind in sorted(pairs)]
    return names
