"""A stored result computed once more from its stored rows, compared byte by byte, and a difference explained."""

import json
import logging
import zlib
from dataclasses import dataclass, field, replace
from typing import Any

from analysis.canonical import canonical_json, sha256
from analysis.engine.environment import software
from analysis.engine.models import Result
from analysis.frames.frame import Frame
from analysis.kinds.base import ParameterError
from analysis.kinds.registry import kind_of
from analysis.reexecution.differences import Difference, differences
from analysis.reexecution.models import Verdict
from analysis.stats.errors import StatsInputError

logger = logging.getLogger(__name__)

# What else is installed computes no number of a result.
_COMPUTING = ("hepatica", "python", "numpy", "scipy")
MOST_DIFFERENCES = 50


@dataclass(frozen=True)
class Judgement:
    verdict: Verdict
    stored_hash: str = ""
    now_hash: str = ""
    kind_version: int | None = None
    # name, then, now
    moved_software: list[tuple[str, str, str]] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    more: int = 0
    error: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "stored_hash": self.stored_hash,
            "now_hash": self.now_hash,
            "kind_version": self.kind_version,
            "moved_software": [{"name": name, "then": then, "now": now} for name, then, now in self.moved_software],
            "differences": [found.as_json() for found in self.differences],
            "more": self.more,
            "software": software(),
            "error": self.error,
        }


def judge(result: Result) -> Judgement:
    """1. the rows are those of their hash; 2. the kind as it is now computes from them; 3. the bytes are compared."""
    content = intact(result.frame.fingerprint, result.frame)
    if content is None:
        return Judgement(Verdict.TAMPERED, error="The stored rows are not those that the result was computed from.")
    try:
        kind = kind_of(result.kind)
        output = canonical_json(kind.compute(Frame.from_bytes(content), result.parameter_values))
    except (ParameterError, StatsInputError) as error:
        return Judgement(Verdict.FAILED, error=str(error))
    except Exception as error:
        # Its text may quote values of patients: the log of the worker has it.
        logger.exception("result %s could not be computed again", result.pk)
        return Judgement(Verdict.FAILED, error=f"Unforeseen {type(error).__name__}; the worker's log has the details.")
    found = Judgement(
        Verdict.EQUAL,
        stored_hash=sha256(result.output.encode()),
        now_hash=sha256(output.encode()),
        kind_version=kind.version,
        moved_software=_moved_software(result),
    )
    if output == result.output:
        return found
    unlike = list(differences(json.loads(result.output), json.loads(output)))
    return replace(
        found,
        verdict=_explained(result, kind.version, found.moved_software),
        differences=unlike[:MOST_DIFFERENCES],
        more=max(0, len(unlike) - MOST_DIFFERENCES),
    )


def intact(fingerprint: str, stored: Any) -> bytes | None:
    """The bytes that were kept under the hash; None when they are others, or can no longer be read."""
    try:
        content: bytes = stored.content
    except zlib.error:
        return None
    return content if sha256(content) == fingerprint else None


def _explained(result: Result, kind_version: int, moved: list[tuple[str, str, str]]) -> Verdict:
    if result.kind_version != kind_version:
        return Verdict.METHOD
    return Verdict.SOFTWARE if moved else Verdict.UNEXPLAINED


def _moved_software(result: Result) -> list[tuple[str, str, str]]:
    then, now = result.provenance_values.get("software", {}), software()
    names = [name for name in _COMPUTING if then.get(name) != now.get(name)]
    return [(name, str(then.get(name, "")), str(now.get(name, ""))) for name in names]
