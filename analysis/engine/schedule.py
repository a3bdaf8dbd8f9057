"""The default schedule, put into the database once; from then on it belongs to the administrator."""

from typing import Any

from django.conf import settings


def install_schedule(**kwargs: Any) -> None:
    from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask  # app loading

    if kwargs["using"] != "default":
        return
    for name, task, seconds in (
        ("Look for stale analyses", "analysis.tasks.sweep", settings.SWEEP_SECONDS),
        ("Look for parts of heavy analyses", "analysis.tasks.run_parts", settings.SWEEP_SECONDS),
        ("Send waiting messages", "analysis.tasks.deliver", 60),
        ("Exchange with other systems", "analysis.tasks.exchange", 60),
    ):
        every, _made = IntervalSchedule.objects.get_or_create(every=seconds, period=IntervalSchedule.SECONDS)
        defaults = {"task": task, "interval": every, "expire_seconds": 3 * seconds}
        PeriodicTask.objects.get_or_create(name=name, defaults=defaults)
    # Every hour looks which cohort's report is due: when each is, stands in the cohort's own schedule.
    hourly, _made = CrontabSchedule.objects.get_or_create(
        minute="0", hour="*", day_of_week="*", day_of_month="*", month_of_year="*", timezone=settings.TIME_ZONE
    )
    name = "Cohort-wide reanalysis and report"
    PeriodicTask.objects.get_or_create(name=name, defaults={"task": "analysis.tasks.reanalyse_all", "crontab": hourly})
    # As an earlier version had put it, for all cohorts at once.
    for task in PeriodicTask.objects.filter(name=name, crontab__hour="6", crontab__day_of_week="1"):
        task.crontab = hourly
        task.save()
    night, _made = CrontabSchedule.objects.get_or_create(
        minute="30", hour="2", day_of_week="*", day_of_month="*", month_of_year="*", timezone=settings.TIME_ZONE
    )
    nightly = {"task": "analysis.tasks.verify_results", "crontab": night}
    PeriodicTask.objects.get_or_create(name="Re-execution of present results", defaults=nightly)
