"""Where a run came from: every file read and written with its SHA-256, software, seed, seconds and memory."""

import platform
import resource
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from analysis.discovery.plan import Plan
from analysis.discovery.report import Told
from analysis.discovery.sources import file_hash
from analysis.discovery.versions import versions

KIBIBYTE, MEBIBYTE = 1024, 1024 * 1024


def manifest(
    plan: Plan, told: Sequence[Told], folder: Path, pictures: Mapping[str, Sequence[str]], seconds: float
) -> dict[str, Any]:
    names = [file.relative_to(folder) for one in told if one.has_outcome for file in _files(folder, one.step.name)]
    names += [Path(name) for many in pictures.values() for name in many]
    names.append(Path("report.md"))
    return {
        "title": plan.title,
        "configuration": {"file": plan.path.name, "sha256": plan.sha256},
        "seed": plan.seed,
        "read": {
            one.name: {"kind": one.kind, "files": {Path(path).name: was for path, was in one.hashes.items()}}
            for one in plan.sources.values()
        },
        "written": {name.as_posix(): file_hash(folder / name) for name in names},
        "steps": [{**one.as_json(), "fingerprint": one.step.fingerprint} for one in told],
        "software": versions(),
        "seconds": round(seconds, 2),
        "peak_megabytes": peak_megabytes(),
    }


def _files(folder: Path, step: str) -> list[Path]:
    return sorted(path for path in (folder / "steps").glob(f"{step}.*") if path.suffix != ".part")


def peak_megabytes() -> int:
    """Largest memory that this process has had so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (MEBIBYTE if platform.system() == "Darwin" else KIBIBYTE))
