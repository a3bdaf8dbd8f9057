"""What the secret of an export does, and what it must not give away."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.exports.datasets import shifted
from analysis.exports.population import Population
from analysis.exports.pseudonyms import Secret

DAYS = st.dates(date(1990, 1, 1), date(2030, 1, 1))


def population() -> Population:
    return Population({}, {}, {})


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(DAYS, min_size=2, max_size=8), st.integers(1, 10_000))
def test_a_shift_keeps_every_interval_and_no_day(days: list[date], patient: int) -> None:
    found = population()
    moved = [shifted(found, day, patient) for day in days]
    gaps = {after - before for before, after in zip(days, moved, strict=True) if after is not None}
    assert len(gaps) == 1
    assert timedelta(0) not in gaps
    assert abs(gaps.pop()) <= timedelta(days=365)


def test_patients_differ_and_so_do_exports() -> None:
    one, other = Secret(), Secret()
    patients = range(200)
    assert len({one.shift(patient) for patient in patients}) > 100
    assert [one.shift(patient) for patient in patients] != [other.shift(patient) for patient in patients]
    assert one.code("patient", "P-1") == one.code("patient", "P-1") != other.code("patient", "P-1")
    assert len({one.code("patient", patient) for patient in range(5000)}) == 5000


def test_the_secret_is_printed_nowhere() -> None:
    secret = Secret()
    assert secret.key.hex() not in repr(secret)
    assert repr(secret.key) not in repr(secret)
