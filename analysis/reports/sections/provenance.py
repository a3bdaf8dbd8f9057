"""The last page: which runs, of which data, by which software, on whose demand."""

from django.utils import timezone
from django.utils.translation import gettext as _

from analysis.kinds.base import TableKind
from analysis.reports import blocks
from analysis.reports.blocks import Row, Section
from analysis.reports.making import Item, Making, clock


def provenance(making: Making) -> Section:
    report = making.report
    return blocks.section(
        "provenance",
        _("Provenance"),
        [
            blocks.table(
                _("Run by run"),
                [
                    _("Analysis"),
                    _("Run"),
                    _("Data (SHA-256)"),
                    _("Result"),
                    _("Method"),
                    _("Seed"),
                    _("Trigger"),
                    _("Took"),
                    _("R script"),
                ],
                [_run(item) for item in making.answered],
                numbers=(1, 3, 7),
                notes=[
                    _(
                        "The data of a run are kept under their hash; every number above can be followed to its rows "
                        "on the page of its analysis."
                    )
                ],
            ),
            blocks.facts(
                [
                    (_("Report"), f"{report.pk}, {making.cohort.code}"),
                    (_("Asked for by"), f"{report.requested_by} ({report.trigger})"),
                    (_("Begun"), f"{clock(report.started_at)} {timezone.get_current_timezone_name()}"),
                    (
                        _("Written within"),
                        _("%(n)s s") % {"n": f"{(making.now - report.started_at).total_seconds():.1f}"},
                    ),
                    (_("Head of the change log"), making.log_head or "—"),
                    (_("Program"), making.program),
                    (_("Software"), ", ".join(f"{name} {version}" for name, version in making.software.items())),
                ]
            ),
        ],
    )


def _run(item: Item) -> Row:
    assert item.result is not None  # noqa: S101  # only those with a result
    run = item.run
    took = f"{(run.finished_at - run.started_at).total_seconds():.2f} s" if run and run.finished_at else "—"
    seed = (item.output.get("bootstrap") or {}).get("seed", item.output.get("seed"))
    has_script = isinstance(item.kind, TableKind) and item.result.kind_version == item.kind.version
    return blocks.row(
        item.analysis.full_title,
        item.run_name,
        item.result.frame_id[:16],
        str(item.result.look),
        _("%(kind)s, version %(version)s") % {"kind": item.kind.label, "version": item.result.kind_version},
        "—" if seed is None else str(seed),
        run.trigger if run else "—",
        took,
        _("yes") if has_script else _("no"),
    )
