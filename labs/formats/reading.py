"""What was read of a file: for a service to store, and for a person to judge before that."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Reading:
    """`document` is what a service stores, None when nothing can be.

    `summary` is the file in numbers and texts, ready for JSON. `would_store` counts the rows by their kind; `why_not`
    are sentences about what is not stored, `warnings` about what is stored and should be looked at.
    """

    summary: dict[str, Any]
    document: object = None
    would_store: dict[str, int] | None = None
    why_not: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
