"""From a plan to a ZIP on the disk: every table in one pass, then what explains it, then the hashes of everything."""

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.utils.translation import gettext as _

from analysis.exports.datasets import Dataset
from analysis.exports.dictionary import COLUMNS, dictionary_rows
from analysis.exports.errors import ExportRefused
from analysis.exports.files import GROUP, TableFiles
from analysis.exports.plan import Plan
from analysis.exports.readers import r_reader, spss_reader
from analysis.exports.readme import readme
from registry.export.writing import csv_lines

Progress = Callable[[int, int], None]
# Packed already, so that packing again would only cost time.
_PACKED = (".xlsx", ".parquet")


@dataclass(frozen=True)
class Made:
    sha256: str
    size: int
    rows: int
    manifest: dict[str, Any]


def make_bundle(plan: Plan, path: Path, about: dict[str, Any], progress: Progress) -> Made:
    """Writes the ZIP at `path`; `about` is what the manifest says besides the files. A bundle begun is not left."""
    try:
        with TemporaryDirectory(dir=path.parent, prefix="making-") as folder:
            return _made(plan, path, Path(folder), about, progress)
    except BaseException:
        with suppress(FileNotFoundError):
            path.unlink()
        raise


def _made(plan: Plan, path: Path, folder: Path, about: dict[str, Any], progress: Progress) -> Made:
    expected = {dataset.name: dataset.count() for dataset in plan.datasets}
    for dataset in plan.datasets:
        if not expected[dataset.name]:
            raise ExportRefused(
                _("%(table)s would be empty: %(why)s.") % {"table": dataset.title, "why": dataset.why_empty()}
            )
    total, done = sum(expected.values()), 0
    progress(done, total)
    files: list[dict[str, Any]] = []
    missing: dict[str, str] = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        for dataset in plan.datasets:
            with TableFiles(folder, dataset.name, dataset.title, dataset.columns, plan.wish.formats) as written:
                for group in _groups(dataset.rows()):
                    written.write(group)
                    progress(done + written.written, total)
                paths = written.close()
            done += written.written
            _compare(dataset, expected[dataset.name], written.written)
            missing |= {f"data/{dataset.name}.{kind}": why for kind, why in written.missing.items()}
            counts = {"rows": written.written, "columns": len(dataset.columns)}
            for file in paths:
                files.append(_added(archive, file, f"data/{file.name}") | counts)
                file.unlink()
        texts = {
            "dictionary.csv": "".join(csv_lines(COLUMNS, dictionary_rows(plan.datasets))),
            "import.R": r_reader(plan.datasets),
            "import.sps": spss_reader(plan.datasets),
            "readme.txt": readme(plan, about, files, missing),
        }
        for name, text in texts.items():
            archive.writestr(name, text)
            files.append(
                {"file": name, "sha256": hashlib.sha256(text.encode()).hexdigest(), "bytes": len(text.encode())}
            )
        manifest = about | {"files": files, "files_left_out": missing}
        archive.writestr("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True) + "\n")
    return Made(_sha256(path), path.stat().st_size, done, manifest)


def _groups(rows: Iterator[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    while group := list(islice(rows, GROUP)):
        yield group


def _compare(dataset: Dataset, expected: int, written: int) -> None:
    if expected != written:
        raise ExportRefused(
            _("%(table)s: the query counted %(expected)s rows and %(written)s came. Nothing was handed out.")
            % {"table": dataset.title, "expected": expected, "written": written}
        )


def _added(archive: zipfile.ZipFile, path: Path, name: str) -> dict[str, Any]:
    packing = zipfile.ZIP_STORED if path.suffix in _PACKED else zipfile.ZIP_DEFLATED
    archive.write(path, name, packing)
    return {"file": name, "sha256": _sha256(path), "bytes": path.stat().st_size}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
