"""Why a run failed, for whoever asked the question. What may quote values of patients stays in the worker's log."""

from django.db import DataError
from django.utils.translation import gettext as _

from analysis.frames.variables import VariableNameError
from analysis.kinds.base import ParameterError
from analysis.stats.errors import StatsInputError

LOST = (
    "The worker ended in the middle of the computation, %(times)d times in a row. Mostly its machine has too little "
    "memory for these data: ask for fewer resamples or a smaller cohort, or tell your administrator."
)
BUSY = "The database was busy or away; the run is repeated by itself."


def in_words(error: Exception, rows: int) -> str:
    """`rows`: of the frame, 0 when it could not be read at all."""
    if isinstance(error, StatsInputError):
        return str(error)
    if isinstance(error, VariableNameError | ParameterError):
        return _("The question cannot be asked any more: %(why)s Change its definition.") % {"why": _sentence(error)}
    if isinstance(error, KeyError) and rows == 0:
        return _("This version of Hepatica does not know what is asked for any more. Change the analysis' definition.")
    if isinstance(error, MemoryError):
        return _(
            "The worker has too little memory for this computation on %(rows)d patients. Ask for fewer resamples or a "
            "smaller cohort, or tell your administrator."
        ) % {"rows": rows}
    if isinstance(error, DataError):
        return _("The result is too large for the database. Ask for fewer variables or a smaller cohort.")
    if isinstance(error, ArithmeticError):
        return _(
            "The arithmetic broke down (%(kind)s): mostly a variable is constant or a group is empty. Look at the "
            "values of the patients, then compute again."
        ) % {"kind": type(error).__name__}
    return _("Something unforeseen went wrong (%(kind)s). Tell your administrator the number of the run.") % {
        "kind": type(error).__name__
    }


def _sentence(error: Exception) -> str:
    text = str(error).strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."
