"""What the same patient's previous draw had: a value that moved implausibly far since then is asked about."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from labs.blood.models import Analyte, BloodResult
from labs.specimens.models import Specimen

# A draw further back says little about this one.
REACH = timedelta(days=90)


class BloodHistory:
    """Numbers of dated draws, by patient and analyte. Values beyond a limit are no numbers to compare with."""

    def __init__(self, results: Iterable[BloodResult] = ()) -> None:
        self._known: dict[tuple[int, int], list[tuple[date, BloodResult]]] = defaultdict(list)
        for result in results:
            self.add(result)

    def add(self, result: BloodResult) -> None:
        day = result.specimen.collected
        if day is not None and result.value is not None and not result.comparator:
            self._known[result.specimen.patient_id, result.analyte_id].append((day, result))

    def before(self, draw: Specimen, analyte: Analyte) -> BloodResult | None:
        """The latest result of an earlier day within reach; None when there is none or the draw has no date."""
        day = draw.collected
        if day is None:
            return None
        known = self._known.get((draw.patient_id, analyte.pk), [])
        earlier = [(found, result) for found, result in known if day - REACH <= found < day]
        return max(earlier, key=lambda pair: pair[0])[1] if earlier else None


def blood_history(draws: Iterable[Specimen]) -> BloodHistory:
    """The history of the patients of these draws in one query; in none when no draw has a date."""
    patients = {draw.patient_id for draw in draws if draw.collected is not None}
    if not patients:
        return BloodHistory()
    rows = BloodResult.objects.for_analysis().filter(
        specimen__patient__in=patients,
        specimen__retired_reason="",
        specimen__collected__isnull=False,
        value__isnull=False,
        comparator="",
        analyte__delta_factor__isnull=False,
    )
    return BloodHistory(rows.select_related("specimen", "analyte").order_by("pk"))
