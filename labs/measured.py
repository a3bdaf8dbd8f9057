"""What the laboratory hands to an analysis: a value, how it was chosen, and the facts it rests on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FactRef:
    model: str
    pk: int
    version: int
    code: str


@dataclass(frozen=True)
class Measured:
    """`value` is None when there is none to use; `note` then says why."""

    enrolment_id: int
    value: float | None
    note: str
    facts: tuple[FactRef, ...] = ()
    # "<" and its kin: the true value lies beyond the one that is stored
    comparator: str = ""
    # code of the specimen or draw that was used
    specimen: str = ""
    # What must be said wherever the value is used, in the same words for every patient: it goes into a frame's notes,
    # whose bytes must not depend on a language.
    mark: str = ""
    # Why there is no value, where that is known and worth saying; as `mark`, in no language but the frame's.
    absence: str = ""
