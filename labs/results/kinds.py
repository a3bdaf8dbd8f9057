"""The kinds of results that have a page of their own: history, retraction and, where it fits, a correction."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from labs.blood.models import BloodResult
from labs.blood.services import blood_result_retract
from labs.forms import RevisionForm
from labs.wetlab.forms import BlotForm, FoldForm
from labs.wetlab.models import BlotRatio, FoldChange
from labs.wetlab.services import blot_correct, blot_retract, fold_change_correct, fold_change_retract


@dataclass(frozen=True)
class Kind:
    model: type[Any]
    label: str | Promise
    # what all revisions of one result have in common
    identity: tuple[str, ...]
    # the keyword under which its services take the result
    argument: str
    retract: Callable[..., Any]
    correct: Callable[..., Any] | None = None
    form: Callable[[Any, Any], RevisionForm] | None = None


KINDS = {
    "blood": Kind(BloodResult, _("Blood result"), ("specimen", "analyte"), "result", blood_result_retract),
    "blots": Kind(
        BlotRatio,
        _("Western-blot ratio"),
        ("specimen", "marker", "gel"),
        "blot",
        blot_retract,
        blot_correct,
        lambda data, newest: BlotForm(data, newest=newest),
    ),
    "folds": Kind(
        FoldChange,
        _("qPCR fold change"),
        ("specimen", "marker", "reference_gene"),
        "fold_change",
        fold_change_retract,
        fold_change_correct,
        lambda data, newest: FoldForm(data, newest=newest, specimen=newest.specimen),
    ),
}
