from collections.abc import Iterable
from datetime import datetime

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from analysis.reports.scheduling.slots import Rhythm, next_slot
from registry.cohorts.models import Cohort
from registry.log.facts import Versioned
from registry.log.recording import StreamKey


class Weekday(models.IntegerChoices):
    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class ReportSchedule(Versioned):
    """When a cohort's report is made by itself. A cohort without a row has the default: Mondays at six."""

    class Every(models.TextChoices):
        WEEK = "week", _("every week")
        MONTH = "month", _("every month")

    cohort = models.OneToOneField(
        Cohort, on_delete=models.PROTECT, related_name="report_schedule", verbose_name=_("cohort"), editable=False
    )
    is_on = models.BooleanField(_("reports come by themselves"), default=True)
    every = models.CharField(_("how often"), max_length=5, choices=Every.choices, default=Every.WEEK)
    weekday = models.PositiveSmallIntegerField(
        _("weekday"), choices=Weekday.choices, default=Weekday.MONDAY, help_text=_("Of a weekly report.")
    )
    day = models.PositiveSmallIntegerField(
        _("day of the month"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(28)],
        help_text=_("Of a monthly report: 1 to 28, which every month has."),
    )
    hour = models.PositiveSmallIntegerField(
        _("hour"),
        default=6,
        validators=[MaxValueValidator(23)],
        help_text=_("0 to 23, in the time zone of the server."),
    )
    # What was due before the schedule was set is not made up for.
    since = models.DateTimeField(editable=False, auto_now=True)

    class Meta:
        verbose_name = _("schedule of reports")
        verbose_name_plural = _("schedules of reports")
        constraints = [
            models.CheckConstraint(condition=models.Q(every__in=["week", "month"]), name="report_schedule_every_known"),
            models.CheckConstraint(
                condition=models.Q(weekday__lte=6, day__gte=1, day__lte=28, hour__lte=23),
                name="report_schedule_is_a_time",
                violation_error_message=_("The hour is 0 to 23, the day of the month 1 to 28."),
            ),
        ]

    def __str__(self) -> str:
        return self.cohort.code

    def streams(self) -> Iterable[StreamKey]:
        return [(self.cohort_id, "reports")]

    def log_code(self) -> str:
        return f"{self.cohort.code}/schedule"

    @property
    def rhythm(self) -> Rhythm:
        return Rhythm(self.hour, day=self.day) if self.every == self.Every.MONTH else Rhythm(self.hour, self.weekday)

    def next_after(self, now: datetime) -> datetime | None:
        return next_slot(self.rhythm, now) if self.is_on else None
