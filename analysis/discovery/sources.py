"""The data of a study: which kinds there are, which files and settings each has, and what identifies its content."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.canonical import canonical_json, sha256
from analysis.discovery.errors import DiscoveryError
from analysis.discovery.layouts import checked_layout
from analysis.discovery.method import SCORES
from analysis.discovery.parameters import REQUIRED, Parameter, checked
from analysis.omics.expression import SIGNED
from analysis.omics.genes import COLLAPSE
from labs.formats.expression_layouts import LAYOUTS, TABLE

EXPRESSION, MUTATIONS, SEGMENTS, GISTIC = "expression", "mutations", "segments", "gistic"
SETS, SIGNATURE, PLACES, IDENTIFIERS = "sets", "signature", "places", "identifiers"
SYMBOL, ENSEMBL, ENTREZ = "symbol", "ensembl", "entrez"
GENE_NAMES = (SYMBOL, ENSEMBL, ENTREZ)
TCGA = "tcga"
# Of the cohort that an analysis in the registry is about; a command has none.
COHORT_EXPRESSION, COHORT_VALUES, COHORT_GROUPS = "cohort-expression", "cohort-values", "cohort-groups"

_FILE = Parameter(str)
_FILES = Parameter(str, listed=True)
_OPTIONAL = Parameter(str, None)
_NAMES = Parameter(str, SYMBOL, GENE_NAMES)


@dataclass(frozen=True)
class SourceKind:
    """Keys that name files, and other settings."""

    files: Mapping[str, Parameter]
    settings: Mapping[str, Parameter]


KINDS: Mapping[str, SourceKind] = {
    EXPRESSION: SourceKind(
        {"file": _FILE},
        {
            "layout": Parameter(str, TABLE, LAYOUTS),
            "genes": _OPTIONAL,
            "unit": Parameter(str, REQUIRED, tuple(SIGNED)),
            "identifiers": _NAMES,
            "duplicates": Parameter(str, "error", (*COLLAPSE, "error")),
            "ignore": Parameter(str, [], listed=True),
            "from_log2": Parameter(bool, False),
            "groups": Parameter(dict, None),
            "barcode": Parameter(str, None, (TCGA,)),
        },
    ),
    MUTATIONS: SourceKind({"file": _FILES}, {"barcode": Parameter(str, None, (TCGA,))}),
    SEGMENTS: SourceKind({"file": _FILE}, {}),
    GISTIC: SourceKind(dict.fromkeys(("lesions", "amplified", "deleted", "calls"), _OPTIONAL), {}),
    SETS: SourceKind({"file": _FILE}, {"identifiers": _NAMES}),
    SCORES: SourceKind({"file": _FILE}, {"samples": _OPTIONAL, "ignore": Parameter(str, [], listed=True)}),
    PLACES: SourceKind({"file": _OPTIONAL}, {"genes": Parameter(dict, None)}),
    IDENTIFIERS: SourceKind(
        {"file": _FILE},
        {"from": Parameter(str, SYMBOL, GENE_NAMES), "to": Parameter(str, ENTREZ, GENE_NAMES)},
    ),
}
COHORT_KINDS: Mapping[str, Mapping[str, Parameter]] = {
    COHORT_EXPRESSION: {},
    COHORT_VALUES: {"variables": Parameter(str, listed=True)},
    COHORT_GROUPS: {
        "variable": Parameter(str),
        "above": Parameter(float, None),
        "cutoff": Parameter(str, None, ("registered", "published")),
    },
}


def is_of_cohort(kind: Any) -> bool:
    """`kind` as somebody wrote it: of any type."""
    return isinstance(kind, str) and kind in COHORT_KINDS


# What a signature of each method is made of; supplied by the user.
FORMS: Mapping[str, Mapping[str, Parameter]] = {
    "estimate": {"common": _FILE, "sets": _FILE},
    "epic": {"profiles": _FILE, "variability": _OPTIONAL, "genes": _FILE},
    "cibersort": {"matrix": _FILE},
    "timer": {"profiles": _FILE, "types": _FILE, "markers": _FILE},
    "tide": {"signatures": _FILE, "spread": _FILE},
    "quantiseq": {"matrix": _FILE, "mrna": _OPTIONAL, "without": Parameter(str, [], listed=True)},
    "abis": {"matrix": _FILE},
}


@dataclass(frozen=True)
class Source:
    """One block of data: its files by key, its settings, and the hash of both."""

    name: str
    kind: str
    files: Mapping[str, tuple[Path, ...]]
    settings: Mapping[str, Any]
    hashes: Mapping[str, str]

    @property
    def place(self) -> str:
        return f"data.{self.name}"

    @property
    def form(self) -> str:
        return str(self.settings.get("form", ""))

    def path(self, key: str) -> Path | None:
        return self.files[key][0] if self.files.get(key) else None

    def must(self, key: str) -> Path:
        path = self.path(key)
        if path is None:
            raise DiscoveryError(f"{self.place} lacks {key}.")
        return path

    @property
    def fingerprint(self) -> str:
        """The same files under other names are the same data."""
        contents = {key: [self.hashes[str(path)] for path in paths] for key, paths in self.files.items()}
        settings = {key: value for key, value in self.settings.items() if key != "groups"}
        columns = {key: value for key, value in (self.settings.get("groups") or {}).items() if key != "file"}
        asked = {"kind": self.kind, "files": contents, "settings": settings, "groups": columns}
        return sha256(canonical_json(asked).encode())


def source(name: str, block: Any, folder: Path) -> Source:
    """A block of the configuration, checked; files are found beside the configuration and hashed."""
    place = f"data.{name}"
    if not isinstance(block, dict):
        raise DiscoveryError(f"{place} is a table of settings.")
    rest = dict(block)
    kind = rest.pop("kind", None)
    if is_of_cohort(kind):
        raise DiscoveryError(f"{place}: {kind} is of an analysis in the registry; a command knows no cohort.")
    if kind not in (*KINDS, SIGNATURE):
        raise DiscoveryError(f"{place}.kind is one of {', '.join((*KINDS, SIGNATURE))}, not {kind!r}.")
    if kind == SIGNATURE:
        form = rest.pop("form", None)
        if not isinstance(form, str) or form not in FORMS:
            raise DiscoveryError(f"{place}.form is one of {', '.join(FORMS)}, not {form!r}.")
        known, fixed = SourceKind(FORMS[form], {}), {"form": form}
    else:
        known, fixed = KINDS[kind], {}
    keys, settings = known.files, known.settings
    found = checked(rest, {**keys, **settings}, place)
    files = {key: _paths(found.pop(key), folder, f"{place}.{key}") for key in keys}
    if kind == EXPRESSION:
        files["file"] = checked_layout(found, files["file"][0], place)
        files["groups"] = _group_file(found, folder, place)
    if kind in (GISTIC, PLACES) and not any(files.values()) and not found.get("genes"):
        raise DiscoveryError(f"{place} names no file; it takes {', '.join((*keys, *settings))}.")
    if kind == PLACES and files["file"] and found["genes"]:
        raise DiscoveryError(f"{place} names a file or genes, not both.")
    hashes = {str(path): file_hash(path) for paths in files.values() for path in paths}
    return Source(name, str(kind), files, {**found, **fixed}, hashes)


def _group_file(found: Mapping[str, Any], folder: Path, place: str) -> tuple[Path, ...]:
    groups = found["groups"]
    if groups is None:
        return ()
    if found["barcode"]:
        raise DiscoveryError(f"{place} takes its groups from a file or from the barcode, not from both.")
    wanted = checked(groups, {name: Parameter(str) for name in ("file", "sample", "group")}, f"{place}.groups")
    return _paths(wanted["file"], folder, f"{place}.groups.file")


def _paths(value: Any, folder: Path, place: str) -> tuple[Path, ...]:
    names = value if isinstance(value, list) else [value] if value else []
    paths = tuple(folder / name for name in names)
    for path in paths:
        if not path.is_file():
            raise DiscoveryError(f"{place}: there is no file {path}.")
    return paths


def file_hash(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DiscoveryError(f"{path} cannot be read: {error.strerror}.") from error
