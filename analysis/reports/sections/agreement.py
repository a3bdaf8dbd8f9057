"""How well the readers of the cohort's closed rounds agree. Readers go by number."""

from collections.abc import Callable

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from analysis.agreement.content import MarkerAgreement, agreement_in
from analysis.reports import blocks
from analysis.reports.blocks import Block, Row, Section
from analysis.reports.making import Making, clock
from analysis.stats.agreement import PairAgreement
from analysis.stats.fleiss import FleissKappa
from analysis.stats.icc import Icc
from analysis.stats.kappa import Kappa
from labs.rounds.models import Duty, Round, RoundStatus
from labs.rounds.selectors import usernames
from registry.cohorts.models import Cohort


def agreement(making: Making) -> Section | None:
    found = [block for round in closed_rounds(making.cohort) for block in _of_round(round)]
    return blocks.section("agreement", _("Agreement of the readers"), found) if found else None


def closed_rounds(cohort: Cohort) -> QuerySet[Round]:
    closed = Round.objects.filter(cohort=cohort, status=RoundStatus.CLOSED, retired_reason="")
    return closed.order_by("closed_at", "pk")


def _of_round(round: Round) -> list[Block]:
    readers = usernames(round, Duty.PRIMARY)
    names = {reader: f"reader {place}" for place, reader in enumerate(readers, start=1)}
    rows = [row for marker in agreement_in(round, names) for row in _of_marker(marker)]
    if not rows:
        return []
    title = _("Round %(code)s, protocol %(protocol)s, closed %(at)s") % {
        "code": round.code,
        "protocol": round.protocol,
        "at": clock(round.closed_at) if round.closed_at else "—",
    }
    columns = [_("Readers"), _("Slides"), _("Measure"), _("Value (95% CI)")]
    note = _("Computed from the reads of the round as they stood when this report was made.")
    return [blocks.table(title, columns, rows, numbers=(1, 3), notes=[note])]


def _of_marker(found: MarkerAgreement) -> list[Row]:
    if found.agreement is None:
        return []
    reads = found.reads
    note = _("%(n)s slides read, %(not)s not assessable by a reader") % {
        "n": reads.n_read,
        "not": reads.n_not_assessable,
    }
    rows = [blocks.group(reads.marker.code, note=note)]
    rows += [row for pair in found.agreement.pairs for row in _of_pair(pair, f"{pair.a} – {pair.b}")]
    everybody = _("all readers")
    n = str(found.agreement.n_complete)
    if found.agreement.fleiss:
        rows.append(blocks.row(everybody, n, _("Fleiss' kappa"), _interval(found.agreement.fleiss)))
    correlations = [
        (_("ICC, absolute agreement"), found.agreement.icc_agreement),
        (_("ICC, consistency"), found.agreement.icc_consistency),
    ]
    rows += [blocks.row(everybody, n, name, _interval(icc)) for name, icc in correlations if icc]
    if why := found.agreement.refused("icc"):
        rows.append(blocks.row(everybody, n, _("Intraclass correlation"), why))
    for reader, again in found.intra:
        if again:
            rows += _of_pair(again.agreement, _("%(reader)s, hidden repeats") % {"reader": reader})
    return rows


def _of_pair(pair: PairAgreement, who: str) -> list[Row]:
    n = str(pair.n)
    rows = [blocks.row(who, n, _("Equal reads"), _share(pair.exact.value, pair.exact.low, pair.exact.high))]
    measures: list[tuple[str, str, Kappa | None]] = [
        ("kappa", _("Cohen's kappa"), pair.kappa),
        ("quadratic", _("Kappa, quadratic weights"), pair.quadratic),
    ]
    for name, label, kappa in measures:
        if kappa:
            rows.append(blocks.row(who, n, label, _interval(kappa)))
        elif why := pair.refused(name):
            rows.append(blocks.row(who, n, label, why))
    if pair.differences:
        limits = pair.differences
        rows.append(
            blocks.row(
                who,
                n,
                _("Mean difference (limits of agreement)"),
                f"{limits.bias.value:.3g} ({limits.lower.value:.3g} to {limits.upper.value:.3g})",
            )
        )
    return rows


def _interval(found: Kappa | FleissKappa | Icc) -> str:
    return f"{found.value:.3f} ({found.low:.3f}–{found.high:.3f})"


def _share(value: float, low: float, high: float) -> str:
    percent: Callable[[float], str] = "{:.1%}".format
    return f"{percent(value)} ({percent(low)}–{percent(high)})"
