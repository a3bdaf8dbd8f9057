"""What every kind of analysis is: parameters, the frame it reads, a pure computation, its claims and its figures."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from django.utils.functional import Promise

from analysis.canonical import plain
from analysis.frames.frame import Frame
from analysis.frames.request import FrameRequest
from analysis.headline.claims import Claim
from analysis.headline.ranking import Ranking
from analysis.kinds.tables import ResultTable
from analysis.tables.table import Table

Output = dict[str, Any]
# What a part of a heavy run is told, and what it gives: plain values, as they are stored.
Part = dict[str, Any]


class ParameterError(ValueError):
    """A parameter that makes no sense; says which and why."""

    def __init__(self, name: str, message: str) -> None:
        self.name, self.message = name, message
        super().__init__(f"{name}: {message}")


@dataclass(frozen=True)
class Figure:
    name: str
    title: str
    spec: dict[str, Any]


class Kind(Protocol):
    @property
    def code(self) -> str: ...

    @property
    def label(self) -> str | Promise: ...

    # Raised whenever the same frame and parameters would give another output.
    @property
    def version(self) -> int: ...

    @property
    def template(self) -> str: ...

    def check(self, parameters: Mapping[str, Any]) -> None:
        """Raises ParameterError."""

    def request(self, parameters: Mapping[str, Any]) -> FrameRequest: ...

    def compute(self, frame: Frame, parameters: Mapping[str, Any]) -> Output:
        """Pure: same frame and parameters, same output. Too few data is an output with a refusal, not an error."""

    def headline(self, output: Output) -> list[Claim]: ...

    def figures(self, output: Output) -> list[Figure]: ...


@runtime_checkable
class TableKind(Kind, Protocol):
    """A kind that `manage.py analyse` offers on any table."""

    def add_options(self, parser: ArgumentParser) -> None:
        """The options that are this kind's own."""

    def from_table(self, table: Table | None, options: Namespace) -> tuple[Frame, dict[str, Any]]:
        """The frame and the parameters that the options ask for; or TableError. Without a file there is no table."""

    def r_script(self, frame: Frame, parameters: Mapping[str, Any], output: Output, *, name: str) -> str:
        """R that reads NAME.csv, the complete rows of the frame, and prints this output's numbers by their place."""


@runtime_checkable
class PartedKind(Kind, Protocol):
    """A kind whose heavy runs are computed in parts, by any number of workers; `compute` goes the same way alone.

    A part that names others "after" which it comes, by their places, is handed out when these are done.
    """

    @property
    def fewest_parts(self) -> int:
        """From how many parts on a run is heavy."""

    def parts(self, frame: Frame, parameters: Mapping[str, Any]) -> list[Part]:
        """The same for the same frame and parameters. Each has a "seed"."""

    def compute_part(self, frame: Frame, parameters: Mapping[str, Any], part: Part) -> Output:
        """Pure; its numbers may not depend on how the work was cut."""

    def reduce(self, frame: Frame, parameters: Mapping[str, Any], outputs: list[Output]) -> Output:
        """The output of the whole, from those of its parts in their order."""


def computed_in_parts(kind: PartedKind, frame: Frame, parameters: Mapping[str, Any]) -> Output:
    """All parts in one process, each through the form that it would be stored in: the same bits as on many machines."""
    outputs = [plain(kind.compute_part(frame, parameters, part)) for part in kind.parts(frame, parameters)]
    return kind.reduce(frame, parameters, outputs)


@runtime_checkable
class TabledKind(Kind, Protocol):
    """A kind without a page of its own: its template is analysis/kinds/tables.html, which shows these."""

    def tables(self, output: Output) -> list[ResultTable]: ...


@runtime_checkable
class SequentialKind(Kind, Protocol):
    """A kind whose verdicts rest on a p and whose information is its events: a spending plan can judge it.

    `headline(output)` is `headline_at(output, ALPHA)`.
    """

    def headline_at(self, output: Output, threshold: float) -> list[Claim]:
        """The claims, with the verdict where p lies below the threshold."""


@runtime_checkable
class RankedKind(Kind, Protocol):
    """A kind some of whose claims are compared with one another."""

    def rankings(self, output: Output) -> list[Ranking]: ...


@runtime_checkable
class ScoringKind(Kind, Protocol):
    """A kind that says of each patient what a registered model says; its output names the `model`."""

    def patient_scores(self, output: Output) -> list[dict[str, Any]]:
        """[{"patient", "score", "is_high", "values"}]"""
