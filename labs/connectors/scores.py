"""Derived values of a draw that another system may want: from results of this one draw, of nobody simulated."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping

from labs.blood.indices import IndexInput, IndexRefused, pni
from labs.blood.models import BloodResult
from labs.connectors.contract import Score
from registry.clinical.liver.albi import albi
from registry.clinical.liver.quantities import Quantity, StagingRefused


def _pni(albumin: IndexInput, lymphocytes: IndexInput) -> str:
    index = pni(albumin, lymphocytes)
    return f"{index.comparator}{index.value:.6g}"


def _albi(bilirubin: IndexInput, albumin: IndexInput) -> str:
    given = (Quantity(each.value, each.unit, each.comparator) for each in (bilirubin, albumin))
    return f"{albi(*given).score:.4f}"


# By name: the analytes in the order of the arguments, and the text of the value.
SCORES: Mapping[str, tuple[tuple[str, ...], Callable[..., str]]] = {
    "PNI": (("ALB", "LYM"), _pni),
    "ALBI": (("TBIL", "ALB"), _albi),
}


def scores_of_draws(names: Collection[str]) -> Iterator[Score]:
    chosen = {name: SCORES[name] for name in sorted(names) if name in SCORES}
    analytes = {code for codes, _text in chosen.values() for code in codes}
    rows = (
        BloodResult.objects.for_analysis()
        .filter(analyte__code__in=analytes, value__isnull=False, specimen__retired_reason="")
        .filter(specimen__patient__retired_reason="")
        .exclude(specimen__patient__enrolments__cohort__is_simulated=True)
        .select_related("specimen", "analyte")
        .order_by("specimen")
    )
    by_draw: dict[int, dict[str, BloodResult]] = defaultdict(dict)
    for row in rows.iterator():
        by_draw[row.specimen_id][row.analyte.code] = row
    for results in by_draw.values():
        for name, (codes, text_of) in chosen.items():
            if all(code in results for code in codes):
                score = _score(name, [results[code] for code in codes], text_of)
                if score is not None:
                    yield score


def _score(name: str, results: list[BloodResult], text_of: Callable[..., str]) -> Score | None:
    inputs = [IndexInput(row.value or 0.0, row.analyte.unit, row.comparator) for row in results]
    try:
        text = text_of(*inputs)
    except (IndexRefused, StagingRefused):
        return None
    draw = results[0].specimen
    return Score(draw.code, draw.collected, name, text, "-".join(str(row.pk) for row in results))
