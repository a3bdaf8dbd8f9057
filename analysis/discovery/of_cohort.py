"""Values of patients as data of discovery: scores and groups out of the rows of a frame, samples being patients."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.discovery.errors import DiscoveryError
from analysis.discovery.method import Outcome
from analysis.discovery.methods.groups import HIGH, LOW
from analysis.discovery.methods.tables import GROUP, SAMPLE

Rows = Sequence[Mapping[str, Any]]
PATIENT = "patient"


def values_of(place: str, rows: Rows, variables: Sequence[str]) -> Outcome:
    """A score for each variable; missing where it is not known. DiscoveryError where one holds words."""
    table = pd.DataFrame({SAMPLE: [row[PATIENT] for row in rows]})
    for name in variables:
        found = [row[name] for row in rows]
        if bad := next((value for value in found if not isinstance(value, int | float | None)), None):
            raise DiscoveryError(f"{place}: {name} holds words ({bad}), which are no score: take it for groups.")
        table[name] = np.array([np.nan if value is None else float(value) for value in found])
    return Outcome(table, (f"{len(rows)} patients.",))


def groups_of(place: str, rows: Rows, variable: str, above: float | None) -> Outcome:
    """Who is above, and who is not; of words each is a group of its own. Who has no value is in no group."""
    known = [(row[PATIENT], row[variable]) for row in rows if row[variable] is not None]
    if above is not None:
        if bad := next((value for _patient, value in known if not isinstance(value, int | float)), None):
            raise DiscoveryError(f"{place}: {variable} holds words ({bad}); nothing lies above {above:g}.")
        groups = [HIGH if value > above else LOW for _patient, value in known]
    else:
        groups = [value if isinstance(value, str) else f"{value:g}" for _patient, value in known]
    table = pd.DataFrame({SAMPLE: [patient for patient, _value in known], GROUP: groups})
    counts = table[GROUP].value_counts().sort_index()
    said = ", ".join(f"{n} {name}" for name, n in counts.items()) or "nobody has a value"
    return Outcome(table, (f"{variable}: {said}.",))
