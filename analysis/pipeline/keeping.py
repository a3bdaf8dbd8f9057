"""What was computed before: a step whose rows, parameters and version are the same is not computed again."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from analysis.canonical import canonical_json, plain, sha256
from analysis.frames.frame import Frame
from analysis.pipeline.parts import PARTS
from analysis.tables.table import TableError


class Steps(Protocol):
    """Where the outputs of steps come from."""

    def step(self, name: str, kind: str, frame: Frame, parameters: dict[str, Any]) -> dict[str, Any]: ...


class Computed:
    """Each step anew, as a living analysis does it: its result is kept as a whole."""

    def step(self, name: str, kind: str, frame: Frame, parameters: dict[str, Any]) -> dict[str, Any]:
        output: dict[str, Any] = plain(PARTS[kind].compute(frame, parameters))
        return output


@dataclass
class Kept:
    """Steps as files of a folder. A run that was stopped, or asked for something else later on, goes on from them."""

    folder: Path
    computed: list[str] = field(default_factory=list)
    reused: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        try:
            (self.folder / "steps").mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise TableError(f"--out {self.folder}: {error.strerror}.") from error

    def step(self, name: str, kind: str, frame: Frame, parameters: dict[str, Any]) -> dict[str, Any]:
        """The output of a kind, from the folder if it is the same question about the same rows."""
        asked = {"kind": kind, "version": PARTS[kind].version, "parameters": parameters, "rows": frame.fingerprint()}
        key, path = sha256(canonical_json(asked).encode()), self.folder / "steps" / f"{name}.json"
        if (found := _read(path)) is not None and found["key"] == key:
            self.reused.append(name)
            output: dict[str, Any] = found["output"]
            return output
        output = plain(PARTS[kind].compute(frame, parameters))
        self.computed.append(name)
        self.write(f"steps/{name}.json", canonical_json({"key": key, "asked": asked, "output": output}))
        return output

    def write(self, name: str, content: str | bytes) -> None:
        """Under another name first: a run that is stopped leaves no half of a file behind."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        unfinished = path.with_name(f"{path.name}.part")
        try:
            unfinished.write_bytes(content.encode() if isinstance(content, str) else content)
            unfinished.replace(path)
        except OSError as error:
            raise TableError(f"{path} cannot be written: {error.strerror}.") from error


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and {"key", "output"} <= set(found) else None
