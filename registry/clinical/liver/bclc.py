"""BCLC stage with the sentence that says why. Pure.

Reig M et al., BCLC strategy for prognosis prediction and treatment recommendation, J Hepatol 2022;76:681–693.
"""

from dataclasses import dataclass

from registry.clinical.liver.quantities import StagingRefused


@dataclass(frozen=True)
class BclcStage:
    """`reason` is part of stored results and stays in one language."""

    stage: str
    reason: str


@dataclass(frozen=True)
class Tumours:
    """How much tumour there is; None where nobody knows. `vascular_invasion` means macrovascular."""

    count: int | None = None
    largest_cm: float | None = None
    vascular_invasion: bool | None = None
    extrahepatic_spread: bool | None = None


def bclc(tumours: Tumours, *, ecog: int | None, child_pugh: str) -> BclcStage:
    """The stage, decided from the worst to the best: what is not needed for the decision need not be known.

    1. D: performance status 3–4, or Child–Pugh C.
    2. C: vascular invasion, extrahepatic spread, or performance status 1–2.
    3. B: more than three tumours, or two or three of which one is larger than 3 cm.
    4. A: a single tumour, or two or three of at most 3 cm.
    5. 0: a single tumour of at most 2 cm with Child–Pugh A.

    Raises
    ------
    StagingRefused
        When an input that decides is not known, or none of its possible values.
    """
    _check(tumours, ecog, child_pugh)
    return _end_stage(ecog, child_pugh) or _advanced(tumours, ecog) or _by_extent(tumours, ecog, child_pugh)


def _check(tumours: Tumours, ecog: int | None, child_pugh: str) -> None:
    if ecog is not None and ecog not in range(5):
        raise StagingRefused("ecog", "The performance status is 0 to 4.")
    if child_pugh not in ("", "A", "B", "C"):
        raise StagingRefused("child_pugh", "The Child–Pugh class is A, B or C.")
    if tumours.count is not None and tumours.count < 1:
        raise StagingRefused("tumour_count", "There is at least one tumour.")
    if tumours.largest_cm is not None and not tumours.largest_cm > 0:
        raise StagingRefused("tumour_size_cm", "The largest tumour has a size above zero.")


def _end_stage(ecog: int | None, child_pugh: str) -> BclcStage | None:
    found = ([f"performance status {ecog}"] if ecog is not None and ecog > 2 else []) + (
        ["Child–Pugh C"] if child_pugh == "C" else []
    )
    return BclcStage("D", f"BCLC D: {' and '.join(found)}.") if found else None


def _advanced(tumours: Tumours, ecog: int | None) -> BclcStage | None:
    if ecog is None:
        # Without it D cannot be ruled out.
        raise StagingRefused("ecog", "The performance status is not known.")
    found = [
        *(["vascular invasion"] if tumours.vascular_invasion else []),
        *(["extrahepatic spread"] if tumours.extrahepatic_spread else []),
        *([f"performance status {ecog}"] if ecog in (1, 2) else []),
    ]
    if found:
        return BclcStage("C", f"BCLC C: {' and '.join(found)}.")
    if tumours.vascular_invasion is None:
        raise StagingRefused("vascular_invasion", "Whether there is vascular invasion is not known.")
    if tumours.extrahepatic_spread is None:
        raise StagingRefused("extrahepatic_spread", "Whether there is extrahepatic spread is not known.")
    return None


def _by_extent(tumours: Tumours, ecog: int | None, child_pugh: str) -> BclcStage:
    count, size = tumours.count, tumours.largest_cm
    tail = f"no vascular invasion, no extrahepatic spread, performance status {ecog}"
    if count is None:
        raise StagingRefused("tumour_count", "The number of tumours is not known.")
    if count > 3:
        return BclcStage("B", f"BCLC B: {count} tumours, {tail}.")
    if count == 1:
        return _single(size, child_pugh, tail)
    if size is None:
        raise StagingRefused("tumour_size_cm", "The size of the largest tumour is not known.")
    if size > 3:
        return BclcStage("B", f"BCLC B: {count} tumours, the largest {size:g} cm, {tail}.")
    return BclcStage("A", f"BCLC A: {count} tumours of at most 3 cm, {tail}.")


def _single(size: float | None, child_pugh: str, tail: str) -> BclcStage:
    if size is None:
        raise StagingRefused("tumour_size_cm", "The size of the tumour is not known.")
    if size > 2:
        return BclcStage("A", f"BCLC A: a single tumour of {size:g} cm, {tail}.")
    if not child_pugh:
        raise StagingRefused("child_pugh", "The Child–Pugh class is not known.")
    if child_pugh == "A":
        return BclcStage("0", f"BCLC 0: a single tumour of {size:g} cm, Child–Pugh A, {tail}.")
    return BclcStage("A", f"BCLC A: a single tumour of {size:g} cm, but Child–Pugh {child_pugh}, {tail}.")
