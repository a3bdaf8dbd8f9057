"""Indices computed from blood values. Pure: numbers and units in, a number out."""

from dataclasses import dataclass


class IndexRefused(ValueError):
    """An input has another unit than the index is defined for."""


@dataclass(frozen=True)
class IndexInput:
    """A value with the unit it is in, and the comparator it was reported with."""

    value: float
    unit: str
    comparator: str = ""


@dataclass(frozen=True)
class Index:
    """An index with the inputs it was computed from; `comparator` is theirs when they allow one."""

    name: str
    value: float
    comparator: str
    inputs: tuple[tuple[str, IndexInput], ...]


def prognostic_nutritional_index(albumin: float, albumin_unit: str, lymphocytes: float, lymphocyte_unit: str) -> float:
    """PNI (Onodera 1984), as a plain number: see `pni`."""
    return pni(IndexInput(albumin, albumin_unit), IndexInput(lymphocytes, lymphocyte_unit)).value


def pni(albumin: IndexInput, lymphocytes: IndexInput) -> Index:
    """Prognostic nutritional index: albumin (g/L) + 5 × lymphocytes (10⁹/L).

    Parameters
    ----------
    albumin
        In g/L.
    lymphocytes
        Absolute count in 10*9/L.

    Returns
    -------
    Index
        The value, and the inputs as they came. It rises with both inputs, so a bound on one bounds it too.

    Raises
    ------
    IndexRefused
        When an input is in another unit: nothing is converted here. When one input is reported as `<` and the other
        as `>`: their sum has no bound.
    """
    _require_unit("albumin", albumin, "g/L")
    _require_unit("lymphocytes", lymphocytes, "10*9/L")
    comparator = _joint_comparator(albumin.comparator, lymphocytes.comparator)
    value = albumin.value + 5.0 * lymphocytes.value
    return Index("PNI", value, comparator, (("albumin", albumin), ("lymphocytes", lymphocytes)))


def _require_unit(name: str, given: IndexInput, unit: str) -> None:
    if given.unit != unit:
        raise IndexRefused(f"The index is defined for {name} in {unit}, not in {given.unit or 'no unit'}.")


def _joint_comparator(first: str, second: str) -> str:
    directions = {sign[0] for sign in (first, second) if sign}
    if len(directions) > 1:
        raise IndexRefused(f"One input is reported as {first}, the other as {second}: their sum has no bound.")
    if not directions:
        return ""
    # A strict bound on either input, or an exact value beside a bound, keeps the weaker of what is known.
    is_strict = "=" not in first + second
    return directions.pop() + ("" if is_strict else "=")
