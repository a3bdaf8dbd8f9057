"""Sets that overlap: the genes that are in exactly these of them."""

from collections.abc import Sequence
from typing import Any

Region = dict[str, Any]  # "inside": a bool for each set; "count"


def set_sizes(names: Sequence[str], regions: Sequence[Region]) -> list[int]:
    return [sum(region["count"] for region in regions if region["inside"][place]) for place in range(len(names))]


def total(regions: Sequence[Region]) -> int:
    return sum(int(region["count"]) for region in regions)


def region_name(names: Sequence[str], region: Region) -> str:
    inside = [name for name, is_in in zip(names, region["inside"], strict=True) if is_in]
    return " and ".join(inside) if len(inside) > 1 else f"{inside[0]} only"


def checked(names: Sequence[str], regions: Sequence[Region]) -> list[Region]:
    """The regions as they are.

    Raises
    ------
    ValueError
        A region that is in no set, is given twice, or does not say of each set whether it is inside.
    """
    seen: set[tuple[bool, ...]] = set()
    for region in regions:
        inside = tuple(bool(is_in) for is_in in region["inside"])
        if len(inside) != len(names) or not any(inside) or inside in seen:
            raise ValueError(f"{inside} is not one region of {', '.join(names)}.")
        seen.add(inside)
    return list(regions)
