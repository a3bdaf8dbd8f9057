"""Steps as files of a folder: one that was asked the same is not computed again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from analysis.canonical import DIGITS, canonical_json, sha256
from analysis.discovery.errors import DiscoveryError
from analysis.discovery.method import Outcome
from analysis.discovery.plan import Step
from analysis.discovery.sources import file_hash


class Keeping(Protocol):
    """Where outcomes of steps are kept by their fingerprints."""

    def found(self, step: Step) -> Mapping[str, Any] | None:
        """What is kept of the step, if it was asked the same: at least its `seconds`."""

    def keep(self, step: Step, outcome: Outcome, seconds: float) -> None: ...

    def outcome(self, step: Step) -> Outcome:
        """As it was kept, so that later steps take the same numbers whether it was computed now or before."""


@dataclass(frozen=True)
class Shelf:
    """The folder of a run. A step is ``steps/NAME.json``, written last, beside its tables ``steps/NAME*.tsv``."""

    folder: Path

    def open(self) -> None:
        try:
            (self.folder / "steps").mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DiscoveryError(f"--out {self.folder}: {error.strerror}.") from error

    def write(self, name: str, content: str | bytes) -> str:
        """Under another name first: a run that is killed leaves no half of a file. Gives the SHA-256."""
        path, raw = self.folder / name, content.encode() if isinstance(content, str) else content
        unfinished = path.with_name(f"{path.name}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished.write_bytes(raw)
            unfinished.replace(path)
        except OSError as error:
            raise DiscoveryError(f"{path} cannot be written: {error.strerror}.") from error
        return sha256(raw)

    def keep(self, step: Step, outcome: Outcome, seconds: float) -> None:
        (self.folder / _json(step.name)).unlink(missing_ok=True)
        texts = table_texts(outcome)
        files = {_tsv(step.name, extra): self.write(_tsv(step.name, extra), text) for extra, text in texts.items()}
        kept = {"files": files, **kept_of(step, outcome, seconds)}
        self.write(_json(step.name), canonical_json(kept) + "\n")

    def found(self, step: Step) -> dict[str, Any] | None:
        """What is kept of the step, if it was asked the same and its tables are as they were written."""
        try:
            kept = json.loads((self.folder / _json(step.name)).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        if not isinstance(kept, dict) or kept.get("fingerprint") != step.fingerprint:
            return None
        files: Mapping[str, str] = kept["files"]
        paths = {self.folder / name: was for name, was in files.items()}
        whole = all(path.is_file() and file_hash(path) == was for path, was in paths.items())
        return kept if whole else None

    def outcome(self, step: Step) -> Outcome:
        """From the files, so that later steps take the same numbers whether it was computed now or before."""
        kept = self.found(step)
        if kept is None:
            raise DiscoveryError(f"{self.folder / _json(step.name)} is not what was written there.")
        return outcome_of(kept, {extra: (self.folder / _tsv(step.name, extra)).read_bytes() for extra in kept["words"]})


def table_texts(outcome: Outcome) -> dict[str, bytes]:
    """Its tables as TSV: the table itself under a blank name, the others under theirs."""
    return {extra: _text(one).encode() for extra, one in {"": outcome.table, **outcome.extra}.items()}


def kept_of(step: Step, outcome: Outcome, seconds: float) -> dict[str, Any]:
    """All of an outcome but its tables, with what was asked."""
    tables = {"": outcome.table, **outcome.extra}
    return {
        "name": step.name,
        "fingerprint": step.fingerprint,
        "asked": {
            "method": step.method.code,
            "version": step.method.version,
            "parameters": dict(step.parameters),
            "inputs": {role: [str(one) for one in many] for role, many in step.inputs.items()},
        },
        "words": {extra: _words(one) for extra, one in tables.items()},
        "headline": list(outcome.headline),
        "summary": dict(outcome.summary),
        "lists": {name: list(genes) for name, genes in outcome.lists.items()},
        "warnings": list(outcome.warnings),
        "seconds": round(seconds, 3),
    }


def outcome_of(kept: Mapping[str, Any], texts: Mapping[str, bytes]) -> Outcome:
    tables = {extra: _read(texts[extra], words) for extra, words in kept["words"].items()}
    return Outcome(tables.pop(""), kept["headline"], kept["summary"], kept["lists"], kept["warnings"], extra=tables)


def _json(step: str) -> str:
    return f"steps/{step}.json"


def _tsv(step: str, extra: str) -> str:
    return f"steps/{step}.{extra}.tsv" if extra else f"steps/{step}.tsv"


def _text(table: pd.DataFrame) -> str:
    return str(table.to_csv(sep="\t", index=False, lineterminator="\n", float_format=f"%.{DIGITS}g"))


def _words(table: pd.DataFrame) -> list[str]:
    """Columns of text, which are read as such again even if they look like numbers."""
    return [str(name) for name in table.columns if not pd.api.types.is_numeric_dtype(table[name])]


def _read(text: bytes, words: list[str]) -> pd.DataFrame:
    numbers = [name for name in pd.read_csv(BytesIO(text), sep="\t", nrows=0).columns if name not in words]
    return pd.read_csv(
        BytesIO(text),
        sep="\t",
        dtype=dict.fromkeys(words, str),
        keep_default_na=False,
        na_values={name: [""] for name in numbers},
        float_precision="round_trip",
    )
