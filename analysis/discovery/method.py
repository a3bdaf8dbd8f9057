"""What a step is asked, what it is given and what it gives."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from analysis.discovery.parameters import Parameter

# What steps give to others.
DIFFERENTIAL, GENES, SCORES, GROUPS, COPIES = "differential", "genes", "scores", "groups", "copies"
NOTHING = ""


@dataclass(frozen=True)
class Role:
    """An input of a method: kinds of data, or what earlier steps give.

    ``units`` and ``identifiers`` are those of an expression that the method takes (all, if empty). ``part`` is what
    stands behind the colon of a reference: "list" (of genes), "column" (of scores) or nothing. Without its ``needs``,
    which names a reference that only the user can supply, a step is skipped.
    """

    kinds: tuple[str, ...]
    required: bool = True
    several: bool = False
    part: str = ""
    units: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    form: str = ""
    needs: str = ""


@dataclass(frozen=True)
class Outcome:
    """Result of a step: one table in full, what it says in sentences, lists of genes for later steps."""

    table: pd.DataFrame
    headline: Sequence[str]
    summary: Mapping[str, Any] = field(default_factory=dict)
    lists: Mapping[str, Sequence[str]] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    extra: Mapping[str, pd.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True)
class Earlier:
    """An earlier step as an input: its outcome, and the part asked for."""

    name: str
    part: str
    outcome: Outcome


@dataclass(frozen=True)
class Given:
    """Parameters and inputs of a step by role; ``told`` hears how far it is."""

    parameters: Mapping[str, Any]
    inputs: Mapping[str, Sequence[Any]]
    seed: int
    told: Callable[[int, int], None]

    def one(self, role: str) -> Any:
        return self.inputs[role][0] if self.inputs.get(role) else None

    def all(self, role: str) -> Sequence[Any]:
        return self.inputs.get(role, ())


@dataclass(frozen=True)
class Method:
    """A method of the registry. ``units`` narrows those of an expression by the parameters; ``hint`` says how else.

    ``check`` looks at the parameters and the roles that are filled, and says in words what they lack together.
    The number of a ``version`` rises with every change of what the method gives.
    """

    code: str
    title: str
    version: str
    compute: Callable[[Given], Outcome]
    roles: Mapping[str, Role]
    parameters: Mapping[str, Parameter]
    gives: str = NOTHING
    lists: tuple[str, ...] = ()
    units: Callable[[Mapping[str, Any]], tuple[str, ...]] | None = None
    hint: str = ""
    check: Callable[[Mapping[str, Any], Set[str]], str] | None = None
    seeded: bool = False
