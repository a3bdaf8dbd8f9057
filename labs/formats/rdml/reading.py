"""Runs, reactions, targets, samples and Cq. Curves are counted, not read."""

import math
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any
from xml.etree.ElementTree import Element

from labs.formats.archive import is_zip, unpacked
from labs.formats.errors import FormatError
from labs.formats.plate import MAX_CQ, NO_TEMPLATE, Content, PlateRun, Well, plate_position
from labs.formats.xml import child, children, local, text, xml_root

VERSIONS = ("1.0", "1.1", "1.2", "1.3", "1.4")
_CONTENTS = {
    "unkn": Content.UNKNOWN,
    "ntc": Content.NTC,
    "nac": Content.NAC,
    "ntp": Content.NTC,
    "nrt": Content.NRT,
    "std": Content.STANDARD,
    "pos": Content.POSITIVE,
    "opt": Content.CALIBRATOR,
}


@dataclass(frozen=True)
class RdmlRun:
    """`reacts` counts reactions; `plate.wells` has one entry for each target of each of them."""

    plate: PlateRun
    reacts: int
    sample_types: dict[str, int]
    amplification_curves: int
    melt_curves: int
    # As the file names each reaction: a number, or the position.
    react_ids: tuple[str, ...]

    @property
    def with_cq(self) -> int:
        return sum(well.is_detected for well in self.plate.wells)

    def summary(self) -> dict[str, Any]:
        return {
            "experiment": self.plate.experiment,
            "run": self.plate.name,
            "reacts": self.reacts,
            "data": len(self.plate.wells),
            "targets": dict(sorted(Counter(well.target for well in self.plate.wells).items())),
            "sample_types": self.sample_types,
            "with_cq": self.with_cq,
            "excluded": sum(well.is_excluded for well in self.plate.wells),
            "amplification_curves": self.amplification_curves,
            "melt_curves": self.melt_curves,
        }


@dataclass(frozen=True)
class RdmlFile:
    version: str
    entry: str
    entries: int
    samples: dict[str, str]
    targets: dict[str, str]
    runs: tuple[RdmlRun, ...]

    def summary(self) -> dict[str, Any]:
        """The file in numbers, ready for JSON."""
        silent = [
            {
                "run": run.plate.name,
                "react": react,
                "sample": well.sample,
                "target": well.target,
                "cq": well.cq,
            }
            for run in self.runs
            for react, well in zip(run.react_ids, run.plate.wells, strict=True)
            if well.content in NO_TEMPLATE and well.is_detected
        ]
        return {
            "version": self.version,
            "entry": self.entry,
            "zip_entries": self.entries,
            "samples": len(self.samples),
            "targets": len(self.targets),
            "runs": [run.summary() for run in self.runs],
            "flags": {"ntc_with_cq": silent[:20], "ntc_with_cq_count": len(silent)},
        }


def looks_like_rdml(data: bytes) -> bool:
    """A zip with an XML in it whose root may be rdml, or that XML by itself."""
    if is_zip(data):
        try:
            return any(_may_be_rdml(content) for content in unpacked(data).values())
        except FormatError:
            return False
    return _may_be_rdml(data)


def _may_be_rdml(content: bytes) -> bool:
    head = content[:4000].lstrip(b"\xef\xbb\xbf \r\n\t")
    return head.startswith(b"<") and b"rdml" in head and (b"<rdml" in head or b":rdml" in head)


def read_rdml(data: bytes) -> RdmlFile:
    """The file of a run or several. FormatError for a zip without RDML, an unknown version, or a broken value."""
    entry, content, entries = _entry(data)
    root = xml_root(content)
    if local(root.tag) != "rdml":
        raise FormatError("The root of the XML is not rdml.")
    version = root.get("version", "")
    if version not in VERSIONS:
        raise FormatError(f"RDML {' '.join(VERSIONS)} can be read.", column="version", value=version)
    samples = {sample.get("id", ""): text(sample, "type") for sample in children(root, "sample")}
    targets = {target.get("id", ""): text(target, "type") for target in children(root, "target")}
    runs = [
        _run(run, experiment.get("id", ""), samples)
        for experiment in children(root, "experiment")
        for run in children(experiment, "run")
    ]
    return RdmlFile(version, entry, entries, samples, targets, tuple(runs))


def _entry(data: bytes) -> tuple[str, bytes, int]:
    if not is_zip(data):
        return "", data, 0
    files = unpacked(data)
    found = [(name, content) for name, content in files.items() if _may_be_rdml(content)]
    if not found:
        raise FormatError("No file in the archive is RDML.")
    if len(found) > 1:
        raise FormatError("Several files in the archive are RDML: " + ", ".join(name for name, _content in found) + ".")
    name, content = found[0]
    return name, content, len(files)


def _run(run: Element, experiment: str, samples: dict[str, str]) -> RdmlRun:
    reacts = children(run, "react")
    data = [(number, react, datum) for number, react in enumerate(reacts, start=1) for datum in children(react, "data")]
    columns = _columns(run)
    wells = tuple(_well(number, react, datum, samples, columns) for number, react, datum in data)
    _refuse_doubles(wells)
    software = child(run, "dataCollectionSoftware")
    conditions = child(run, "thermalCyclingConditions")
    plate = PlateRun(
        name=run.get("id", ""),
        wells=wells,
        instrument=text(run, "instrument"),
        software=f"{text(software, 'name')} {text(software, 'version')}".strip() if software is not None else "",
        protocol=conditions.get("id", "") if conditions is not None else "",
        run_on=_day(text(run, "runDate")),
        experiment=experiment,
    )
    types = Counter(samples.get(_sample(react), "") for react in reacts)
    return RdmlRun(
        plate,
        reacts=len(reacts),
        sample_types=dict(sorted(types.items())),
        amplification_curves=sum(bool(children(datum, "adp")) for _number, _react, datum in data),
        melt_curves=sum(bool(children(datum, "mdp")) for _number, _react, datum in data),
        react_ids=tuple(react.get("id", "") for _number, react, _datum in data),
    )


def _columns(run: Element) -> int:
    """Columns of the plate; 0 when the format is free and reactions carry their position."""
    layout = child(run, "pcrFormat")
    written = text(layout, "columns") if layout is not None else ""
    return int(written) if written.isascii() and written.isdigit() and 0 < int(written[:4]) <= 24 else 0


def _sample(react: Element) -> str:
    sample = child(react, "sample")
    return sample.get("id", "") if sample is not None else ""


def _well(number: int, react: Element, datum: Element, samples: dict[str, str], columns: int) -> Well:
    name = _sample(react)
    kind = samples.get(name, "")
    target = child(datum, "tar")
    excluded = child(datum, "excl")
    return Well(
        row=number,
        position=_position(react.get("id", ""), columns, number),
        target=target.get("id", "") if target is not None else "",
        cq=_cq(text(datum, "cq"), number),
        content=_CONTENTS.get(kind, Content.OTHER) if kind else Content.UNKNOWN,
        content_as_written=kind,
        sample=name,
        note=(excluded.text or "").strip() if excluded is not None else "",
        is_excluded=excluded is not None,
    )


def _position(react: str, columns: int, number: int) -> str:
    """Reactions are numbered row by row from 1; elsewhere they are named by the position or as the maker likes."""
    if columns and react.isascii() and react.isdigit() and 0 < int(react[:6]) <= 16 * 24:
        row, column = divmod(int(react[:6]) - 1, columns)
        return f"{chr(ord('A') + row)}{column + 1:02d}" if row < 16 else react
    place = plate_position(react)
    if place is not None:
        return f"{chr(ord('A') + place[0])}{place[1] + 1:02d}"
    if not react or len(react) > 20:
        raise FormatError("A reaction has no usable id.", row=number, column="react", value=react)
    return react


def _cq(written: str, number: int) -> float | None:
    """None when nothing was detected: no element, 0, −1 or NaN, by the maker of the instrument."""
    if not written:
        return None
    try:
        value = float(written)
    except ValueError:
        raise FormatError("This is no number.", row=number, column="cq", value=written) from None
    if math.isnan(value) or value <= 0:
        return None
    if value > MAX_CQ:
        raise FormatError(f"A Cq lies between 0 and {MAX_CQ:g}.", row=number, column="cq", value=written)
    return value


def _refuse_doubles(wells: tuple[Well, ...]) -> None:
    seen = set()
    for well in wells:
        key = (well.position, well.target)
        if key in seen:
            raise FormatError("The same reaction has this target twice.", row=well.row, column="tar", value=well.target)
        seen.add(key)


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written[:10])
    except ValueError:
        return None
