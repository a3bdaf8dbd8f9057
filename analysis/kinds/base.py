"""What every kind of analysis is: parameters, the frame it reads, a pure computation, its claims and its figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.functional import Promise

from analysis.frames.frame import Frame
from analysis.frames.request import FrameRequest
from analysis.headline.claims import Claim

Output = dict[str, Any]


class ParameterError(ValueError):
    """A parameter that makes no sense; says which and why."""

    def __init__(self, name: str, message: str) -> None:
        self.name = name
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
