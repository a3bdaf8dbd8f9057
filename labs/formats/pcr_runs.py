"""Files that hold Cq: what would be stored of them, and what not."""

from labs.formats.cfx import looks_like_cfx
from labs.formats.cfx.reading import CfxFile, cfx_of_sheets
from labs.formats.errors import FormatError
from labs.formats.plate import PlateRun, amplified_controls, replicate_groups, spread_out
from labs.formats.rdml import RdmlFile, looks_like_rdml, read_rdml
from labs.formats.reading import Reading
from labs.formats.source import Source

# Cq mean and SD that the program exported, and ours: more than this apart is worth a look.
AGREES = 1e-4


def is_rdml(source: Source) -> bool:
    return looks_like_rdml(source.data)


def is_cfx_cq(source: Source) -> bool:
    return looks_like_cfx(source.sheets)


def read_cfx_cq(source: Source) -> Reading:
    """`document` is a tuple with the one run."""
    found = cfx_of_sheets(source.sheets, source.name)
    unknown = [f"Column {name} is not known and not kept." for name in found.columns_left_out]
    return _reading(
        found.summary() | _exported(found), (found.run,), tuple(unknown), (*_warnings(found.run), *_differences(found))
    )


def read_rdml_runs(source: Source) -> Reading:
    """`document` is a tuple of the runs that hold a Cq; a run without one is curves only, and is not stored."""
    found = read_rdml(source.data)
    stored = tuple(run.plate for run in found.runs if run.with_cq)
    why_not = tuple(
        f"Run {run.plate.name} holds no Cq, only {run.amplification_curves} amplification curves and {run.melt_curves} "
        "melt curves: export it with Cq values."
        for run in found.runs
        if not run.with_cq
    )
    if not found.runs:
        why_not = ("The file holds no run.",)
    warnings = tuple(warning for run in stored for warning in _warnings(run))
    return _reading(found.summary() | {"cq": _all_cq(found)}, stored, why_not, warnings)


def _all_cq(found: RdmlFile) -> list[dict[str, object]]:
    return [
        {
            "run": run.plate.name,
            "react": react,
            "well": well.position,
            "sample": well.sample,
            "target": well.target,
            "cq": well.cq,
        }
        for run in found.runs
        for react, well in zip(run.react_ids, run.plate.wells, strict=True)
        if well.is_detected
    ]


def _reading(
    summary: dict[str, object], runs: tuple[PlateRun, ...], why_not: tuple[str, ...], warnings: tuple[str, ...]
) -> Reading:
    stored = {"runs": len(runs), "wells": sum(len(run.wells) for run in runs)} if runs else None
    return Reading(summary, runs or None, stored, why_not, warnings)


def _warnings(run: PlateRun) -> list[str]:
    found = [
        f"{group.target} {group.content} {group.sample}: wells {', '.join(group.positions)} have SD {group.sd:.2f}."
        for group in spread_out(replicate_groups(run.wells))
    ]
    found += [
        f"{well.target}: the control without template in {well.position} has Cq {well.cq:.2f}."
        for well in amplified_controls(run.wells)
    ]
    return found


def _exported(found: CfxFile) -> dict[str, object]:
    """The greatest difference between the exported mean and SD and those recomputed; None where none was exported."""
    means, sds = [], []
    for group in found.groups:
        for well in group.wells:
            if well.cq_mean is not None and group.mean is not None:
                means.append(abs(well.cq_mean - group.mean))
            if well.cq_sd is not None and group.sd is not None:
                sds.append(abs(well.cq_sd - group.sd))
    return {
        "exported_mean_max_abs_diff": max(means, default=None),
        "exported_sd_max_abs_diff": max(sds, default=None),
        "cq": [
            {
                "well": well.position,
                "fluor": well.fluor,
                "target": well.target,
                "content": well.content_as_written,
                "sample": well.sample,
                "cq": well.cq,
            }
            for well in found.run.wells
        ],
    }


def _differences(found: CfxFile) -> list[str]:
    numbers = _exported(found)
    differences = []
    for name, shown in (("exported_mean_max_abs_diff", "Cq Mean"), ("exported_sd_max_abs_diff", "Cq Std. Dev")):
        value = numbers[name]
        if isinstance(value, float) and value > AGREES:
            differences.append(f"{shown} in the file differs from the one of its wells by up to {value:.3g}.")
    return differences


def pcr_runs(name: str, data: bytes) -> tuple[PlateRun, ...]:
    """The runs of any file that holds Cq; FormatError says why there is none."""
    source = Source(name, data)
    for sniff, read in ((is_rdml, read_rdml_runs), (is_cfx_cq, read_cfx_cq)):
        if sniff(source):
            reading = read(source)
            if isinstance(reading.document, tuple):
                return reading.document
            raise FormatError(" ".join(reading.why_not), file=name)
    raise FormatError("This is neither a table of Cq results nor RDML.", file=name)
