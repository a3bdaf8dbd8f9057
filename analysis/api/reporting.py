"""When a cohort's reports come by themselves, and who gets them."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from analysis.access import access_reported_cohort
from analysis.reports.models import Subscription
from analysis.reports.scheduling.models import ReportSchedule
from analysis.reports.scheduling.selectors import next_report_at, schedule_of
from analysis.reports.scheduling.services import schedule_set
from analysis.reports.services import subscription_set
from analysis.reports.subscribers import may_read
from registry.api.endpoints import Computed, Endpoint, Item, Told
from registry.api.serializers import Entry, ModelEntry, Presented, Seen
from registry.cohorts.access import access_cohort
from registry.cohorts.models import Cohort
from registry.people.models import User
from registry.people.roles import CLINICAL, RECORDING, Role

_COLUMNS = ("is_on", "every", "weekday", "day", "hour")


class SchedulePresenter(Presented):
    cohort = serializers.CharField(source="cohort.code")
    simulated = serializers.BooleanField(source="cohort.is_simulated")
    version = serializers.SerializerMethodField(help_text="0 for a cohort that has the default.")
    next_at = serializers.SerializerMethodField(help_text="Null when no report comes by itself.")

    class Meta:
        model = ReportSchedule
        fields = ("cohort", "simulated", "version", *_COLUMNS, "next_at")

    def get_version(self, schedule: ReportSchedule) -> int:
        return schedule.version if schedule.pk else 0

    def get_next_at(self, schedule: ReportSchedule) -> str | None:
        found = next_report_at(schedule.cohort)
        return found.isoformat() if found else None


class ScheduleChanges(Seen, ModelEntry):
    class Meta:
        model = ReportSchedule
        fields = (*_COLUMNS, "version", "reason")


class Schedule(Item):
    """Only what is sent is changed."""

    reading = RECORDING
    writing = (Role.ADMINISTRATOR,)
    presenter = SchedulePresenter
    tag = "reports"

    def row(self) -> ReportSchedule:
        return schedule_of(access_reported_cohort(self.user, self.kwargs["code"]))

    def patch(self, request: Request, **kwargs: Any) -> Response:
        cohort = access_reported_cohort(self.user, self.kwargs["code"])
        given = ScheduleChanges.parsed(request.data, partial=True)
        version, reason = self.seen_version(given), given.pop("reason", "")
        schedule_set(cohort=cohort, expected_version=version, by=self.by, reason=reason, **given)
        return self.shown(self.row())

    def shown(self, row: Any) -> Response:
        response = super().shown(row)
        response["ETag"] = f'"{row.version if row.pk else 0}"'
        return response

    def describe(self, method: str) -> Told:
        if method == "PATCH":
            return Told("Set the schedule", ScheduleChanges, SchedulePresenter, is_locked=True)
        return super().describe(method)


class SubscriptionPresenter(Presented):
    user = serializers.CharField(source="user.username")
    has_address = serializers.SerializerMethodField(help_text="False: the login has no e-mail address.")

    class Meta:
        model = Subscription
        fields = ("user", "weekly_report", "conclusion_alerts", "has_address")

    def get_has_address(self, row: Subscription) -> bool:
        return bool(row.user.email)


class SubscriptionEntry(Entry):
    weekly_report = serializers.BooleanField()
    conclusion_alerts = serializers.BooleanField()


class OfSomebody(SubscriptionEntry):
    user = serializers.CharField(max_length=150, help_text="A username.")


class Subscribers(Computed):
    """Who gets the reports and alerts of a cohort. POST sets what somebody gets; neither takes them off the list."""

    reading = RECORDING
    writing = RECORDING
    presenter = SubscriptionPresenter
    tag = "reports"

    def found(self, asked: dict[str, Any]) -> list[Subscription]:
        cohort = access_reported_cohort(self.user, self.kwargs["code"])
        return list(Subscription.objects.filter(cohort=cohort).select_related("user"))

    def place(self, row: Subscription) -> list[str]:
        return [row.user.username]

    def post(self, request: Request, **kwargs: Any) -> Response:
        cohort = access_reported_cohort(self.user, self.kwargs["code"])
        given = OfSomebody.parsed(request.data)
        subscriber = User.objects.filter(username=given.pop("user")).first()
        if subscriber is None or (any(given.values()) and not may_read(subscriber, cohort)):
            message = _("Choose somebody who may read the reports of this cohort.")
            raise serializers.ValidationError({"user": [message]})
        subscription_set(cohort=cohort, user=subscriber, by=self.by, **given)
        return Response(SubscriptionPresenter(_of(cohort, subscriber)).data)

    def describe(self, method: str) -> Told:
        if method == "POST":
            return Told("Set what somebody gets", OfSomebody, SubscriptionPresenter)
        return super().describe(method)


class MySubscription(Endpoint):
    """The mails about a cohort that you get yourself."""

    reading = CLINICAL
    writing = CLINICAL
    tag = "reports"

    def get(self, request: Request, **kwargs: Any) -> Response:
        cohort = access_cohort(self.user, self.kwargs["code"])
        return Response(SubscriptionPresenter(_of(cohort, self.user)).data)

    def put(self, request: Request, **kwargs: Any) -> Response:
        cohort = access_cohort(self.user, self.kwargs["code"])
        subscription_set(cohort=cohort, user=self.user, by=self.by, **SubscriptionEntry.parsed(request.data))
        return self.get(request)

    def describe(self, method: str) -> Told:
        if method == "PUT":
            return Told("Set your mails", SubscriptionEntry, SubscriptionPresenter)
        return Told("Your mails", None, SubscriptionPresenter)


def _of(cohort: Cohort, user: User) -> Subscription:
    known = Subscription.objects.filter(cohort=cohort, user=user).first()
    return known or Subscription(cohort=cohort, user=user, weekly_report=False, conclusion_alerts=False)
