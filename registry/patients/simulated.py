from collections.abc import Iterable

from registry.patients.models import Enrolment


def any_simulated(patient_ids: Iterable[int]) -> bool:
    """A list that shows one simulated patient says so."""
    return Enrolment.objects.filter(patient_id__in=set(patient_ids), cohort__is_simulated=True).exists()
