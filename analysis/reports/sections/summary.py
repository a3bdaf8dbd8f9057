"""The first page: what changed in the data, what moved because of it, what is stale or failed, and who watches."""

from collections import defaultdict
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from analysis.engine.watch import health
from analysis.headline.claims import Moved
from analysis.kinds.base import Figure
from analysis.reports import blocks
from analysis.reports.blocks import BAD, GOOD, WARN, Block, Row, Section
from analysis.reports.making import Item, Making, clock, run_name
from analysis.reports.scheduling.selectors import next_report_at
from analysis.reports.wording import difference, moved, said, table_name
from registry.log.models import Action, Change

_MOST_RECORDS = 50


def summary(making: Making) -> Section:
    flipped = [item for item in making.items if item.row["flipped"]]
    # Of a first report everything is new, so that its numbers come before what came into the data.
    numbers, data = _numbers(making), _data(making)
    first = [] if making.previous else numbers
    return blocks.section(
        "summary",
        _("What changed, and did a conclusion change with it?"),
        [
            blocks.text(making.verdict, WARN if flipped else GOOD, is_strong=True),
            *[
                blocks.text(f"{item.analysis.full_title}: {sentence}", WARN)
                for item in flipped
                for sentence in item.row["told"]
            ],
            *_standing(making),
            *[block for item in flipped for block in _before_and_after(making, item)],
            *first,
            *data,
            *_troubles(making),
            *_watch(making),
            *([] if first else numbers),
        ],
    )


def _standing(making: Making) -> list[Block]:
    """A signature that is void since, or a plan that was signed: the same numbers, another weight."""
    if making.previous is None:
        return []
    was = {row["slug"]: row["registered"] for row in making.previous.content_values["analyses"]}
    now = [(item, item.analysis.is_registered) for item in making.items]
    turned = [(item, after) for item, after in now if was.get(item.analysis.slug, after) != after]
    said = {True: _("%(title)s is registered since."), False: _("%(title)s is not registered any more: exploratory.")}
    return [blocks.text(said[after] % {"title": item.analysis.full_title}, WARN) for item, after in turned]


def moved_claims(stored: list[dict[str, Any]]) -> list[Moved]:
    return [Moved(claim["name"], claim["label"], claim["before"], claim["after"]) for claim in stored]


def _numbers(making: Making) -> list[Block]:
    rows: list[Row] = []
    for item in making.items:
        if item.result is None:
            continue
        note = f"{', '.join(item.marks)}. {item.origin}"
        rows.append(blocks.group(item.analysis.full_title, analysis=item.analysis.slug, note=note))
        write = _claim_row if making.previous else _first_row
        rows += [write(item, claim) for claim in moved_claims(item.row["claims"])]
    if not rows:
        return []
    if making.previous is None:
        columns, title, numbers = [_("Claim"), _("Now"), _("Verdict")], _("Each headline number"), [1]
    else:
        columns = [_("Claim"), _("Last report"), _("Now"), _("Change"), _("Verdict")]
        title, numbers = _("Each headline number at the last report and now"), [1, 2, 3]
    return [blocks.head(_("Headline numbers")), blocks.table(title, columns, rows, numbers=numbers)]


def _first_row(item: Item, claim: Moved) -> Row:
    return blocks.row(claim.label, said(claim.after), (claim.after or {}).get("verdict", ""))


def _claim_row(item: Item, claim: Moved) -> Row:
    after = claim.after or {}
    verdict = after.get("verdict", "") or ("" if claim.after else _("no longer claimed"))
    if item.row["is_new"]:
        return blocks.row(claim.label, "—", said(claim.after), _("new"), verdict)
    change = difference(claim.before, claim.after)
    if claim.is_flip:
        verdict = _("%(new)s (before: %(old)s)") % {"new": verdict, "old": (claim.before or {})["verdict"]}
    return blocks.row(claim.label, said(claim.before), said(claim.after), change, verdict, is_strong=claim.is_flip)


def _before_and_after(making: Making, item: Item) -> list[Block]:
    """The same figure of the two stored results."""
    assert item.old is not None and item.result is not None  # noqa: S101  # a flip has both
    new = item.kind.figures(item.output)
    old = old_figures(item)
    pairs = [(before, after) for before in old for after in new if before.name == after.name]
    if not pairs:
        return []
    before, after = pairs[0]
    captions = [
        _("Result %(look)s, run %(run)s, data %(data)s, of %(at)s.")
        % {"look": result.look, "run": run, "data": result.frame_id[:12], "at": clock(result.created_at)}
        for result, run in ((item.old, run_name(item.old)), (item.result, item.run_name))
    ]
    return [
        blocks.head(
            _("%(title)s, before and after") % {"title": item.analysis.full_title},
            analysis=item.analysis.slug,
            marks=item.marks,
        ),
        blocks.figures(
            making.figure_before(item, before, caption=captions[0], lead=_("Before")),
            making.figure(item, after, caption=captions[1], lead=_("After")),
        ),
    ]


def old_figures(item: Item) -> list[Figure]:
    """A result of an earlier version of its kind may lack what a figure reads now: then it has none."""
    assert item.old is not None  # noqa: S101  # asked of a flip only
    try:
        return item.kind.figures(item.old.output_values)
    except (KeyError, TypeError):
        if item.old.kind_version == item.kind.version:
            raise
        return []


def _data(making: Making) -> list[Block]:
    title = (
        _("What changed in the data since the last report") if making.previous else _("What came into the data so far")
    )
    if not making.changes.exists():
        return [blocks.head(title), blocks.text(_("Nothing: no record was created, changed, corrected or withdrawn."))]
    # Of a first report everything is new: nothing of it is news.
    records = _records(making) if making.previous else []
    return [blocks.head(title), _counts(making.changes), *records]


def _counts(changes: QuerySet[Change]) -> Block:
    """Records, not entries: a record of two streams has two, and may be corrected twice."""
    kinds = [Action.CREATE, Action.UPDATE, Action.CORRECT, Action.RETIRE]
    found: dict[str, dict[str, int]] = defaultdict(dict)
    counted = changes.values_list("subject_type", "domain", "action").annotate(n=Count("subject_id", distinct=True))
    for subject, domain, action, n in counted.order_by():
        by_action = found[table_name(subject, domain)]
        by_action[action] = by_action.get(action, 0) + n
    rows = [
        blocks.row(table, *(str(by_action.get(kind, "—")) for kind in kinds))
        for table, by_action in sorted(found.items())
    ]
    columns = [_("Table"), *(str(kind.label).capitalize() for kind in kinds)]
    return blocks.table(_("Records by table"), columns, rows, numbers=range(1, 5))


def _records(making: Making) -> list[Block]:
    more = making.changes.count() - _MOST_RECORDS
    rows = [
        blocks.row(
            change.subject_code,
            f"{change.get_action_display()}: {moved(change)}",
            change.reason or "—",
            f"{change.actor_name}, {clock(change.at)}",
        )
        for change in making.changes.order_by("-pk")[:_MOST_RECORDS]
    ]
    notes = (
        [_("The newest %(n)s; the change log has %(more)s more.") % {"n": len(rows), "more": more}] if more > 0 else []
    )
    columns = [_("Record"), _("What"), _("Why"), _("Who and when")]
    return [blocks.table(_("Record by record"), columns, rows, notes=notes)]


def _troubles(making: Making) -> list[Block]:
    troubled = [item for item in making.items if item.row["trouble"] or item.freshness.state != "fresh"]
    found = [blocks.head(_("Stale or failed parts"))]
    if not troubled:
        return [
            *found,
            blocks.text(_("None: every analysis was computed from the facts as they were when this report was made.")),
        ]
    return [
        *found,
        *[
            blocks.text(
                f"{item.analysis.full_title}: {item.row['trouble'] or item.freshness_text}",
                BAD if item.row["trouble"] else WARN,
            )
            for item in troubled
        ],
    ]


def _watch(making: Making) -> list[Block]:
    now = health()
    following = next_report_at(making.cohort, making.now)
    late = _("late: two sweeps and more were missed") if now.is_sweep_late else _("on time")
    sweep = f"{clock(now.last_sweep)}, {late}" if now.last_sweep else _("none so far")
    return [
        blocks.head(_("Scheduler")),
        blocks.facts(
            [
                (_("Last sweep"), sweep),
                (_("Analyses waiting for a worker, all cohorts"), str(now.stale)),
                (_("Runs that are stuck"), str(now.stuck)),
                (_("Next report"), clock(following) if following else _("none: the schedule is off")),
            ]
        ),
    ]
