"""Reference data of the registry, for administrators; every write is one of our services."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from registry.clinical.models import ExtraVariable
from registry.clinical.services import extra_variable_set
from registry.cohorts.models import Cohort, EligibilityRule, Endpoint, EventKind
from registry.cohorts.services import (
    cohort_create,
    cohort_update,
    endpoint_set,
    rule_retire,
    rule_set,
    rule_variables,
)
from registry.log.actors import Actor
from registry.log.recording import recording
from registry.people.models import Site, User
from registry.people.roles import Role
from registry.people.services import password_change, role_grant, role_revoke, site_set, user_create, user_update
from registry.service_admin import FactAdmin, FactForm, ServiceAdmin, ServiceForm


@admin.register(Site)
class SiteAdmin(ServiceAdmin):
    list_display = ("code", "name")
    fields = ("code", "name", "reason")
    key_fields = ("code",)

    def write(self, row: Any, values: dict[str, Any], *, is_new: bool, by: Actor, reason: str) -> Site:
        return site_set(by=by, reason=reason, **values)


class UserForm(ServiceForm):
    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=Role.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    new_password = forms.CharField(
        label=_("New password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Empty: stays as it is."),
    )

    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "email", "is_active", "sites")
        widgets = {"sites": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["roles"] = list(self.instance.roles)

    def clean_new_password(self) -> str:
        password = str(self.cleaned_data["new_password"])
        if password:
            validate_password(password, self.instance)
        return password


@admin.register(User)
class UserAdmin(ServiceAdmin):
    form = UserForm
    list_display = ("username", "first_name", "last_name", "role_names", "is_active", "last_login")
    list_filter = ("is_active", "grants__role", "sites")
    search_fields = ("username", "first_name", "last_name")
    fields = (
        "username",
        "first_name",
        "last_name",
        "email",
        "is_active",
        "sites",
        "roles",
        "new_password",
        "reason",
    )

    @admin.display(description=_("roles"))
    def role_names(self, user: User) -> str:
        return ", ".join(sorted(str(role.label) for role in user.roles))

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("grants")

    def write(self, row: Any, values: dict[str, Any], *, is_new: bool, by: Actor, reason: str) -> User:
        roles, password, sites = values.pop("roles"), values.pop("new_password"), values.pop("sites")
        wanted = {Role(role) for role in roles}
        if is_new:
            values.pop("is_active")
            return user_create(password=password or None, roles=wanted, sites=sites, by=by, reason=reason, **values)
        with recording(by, reason):
            user = user_update(user=row, changes=values, sites=sites, by=by, reason=reason)
            held = set(user.roles)
            for role in sorted(wanted - held):
                role_grant(user=user, role=role, by=by, reason=reason)
            for role in sorted(held - wanted):
                role_revoke(user=user, role=role, by=by, reason=reason)
            if password:
                password_change(user=user, password=password, by=by, reason=reason)
        return user


@admin.register(Cohort)
class CohortAdmin(FactAdmin):
    list_display = ("code", "name", "site", "index_event", "data_cut", "is_simulated")
    list_filter = ("site", "index_event", "is_simulated")
    key_fields = ("code", "site", "index_event", "is_simulated")
    site_path = "site"
    fields = (
        "code",
        "name",
        "description",
        "site",
        "index_event",
        "data_cut",
        "early_recurrence_months",
        "follow_up_months",
        "is_simulated",
        "reason",
        "seen_version",
    )

    def write(self, row: Any, values: dict[str, Any], *, is_new: bool, by: Actor, reason: str) -> Cohort:
        if is_new:
            return cohort_create(by=by, reason=reason, **values)
        changes = {name: value for name, value in values.items() if name not in self.key_fields}
        return cohort_update(cohort=row, changes=changes, expected_version=row.version, by=by, reason=reason)


class EndpointForm(FactForm):
    event_kinds = forms.MultipleChoiceField(
        label=_("Events"), choices=EventKind.choices, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Endpoint
        fields = ("cohort", "code", "name", "event_kinds")


@admin.register(Endpoint)
class EndpointAdmin(FactAdmin):
    form = EndpointForm
    list_display = ("cohort", "code", "name", "event_kinds")
    list_filter = ("cohort",)
    key_fields = ("cohort", "code")
    site_path = "cohort__site"
    fields = ("cohort", "code", "name", "event_kinds", "reason", "seen_version")

    def write(self, row: Any, values: dict[str, Any], *, is_new: bool, by: Actor, reason: str) -> Endpoint:
        return endpoint_set(by=by, reason=reason, **values)


class RuleForm(FactForm):
    variable = forms.ChoiceField(label=_("Variable"))
    retire = forms.BooleanField(
        label=_("Entered in error"),
        required=False,
        help_text=_("Takes a reason; everybody is judged again without it."),
    )

    class Meta:
        model = EligibilityRule
        fields = ("cohort", "order", "kind", "text", "variable", "operator", "bounds")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["variable"].choices = [(name, name) for name in rule_variables()]  # type: ignore[attr-defined]  # a choice field


@admin.register(EligibilityRule)
class RuleAdmin(FactAdmin):
    form = RuleForm
    list_display = ("cohort", "order", "kind", "text", "retired_reason")
    list_filter = ("cohort",)
    key_fields = ("cohort", "text")
    site_path = "cohort__site"
    fields = ("cohort", "order", "kind", "text", "variable", "operator", "bounds", "retire", "reason", "seen_version")

    def write(self, row: Any, values: dict[str, Any], *, is_new: bool, by: Actor, reason: str) -> EligibilityRule:
        if values.pop("retire") and not is_new:
            return rule_retire(rule=row, expected_version=row.version, by=by, reason=reason)
        return rule_set(by=by, reason=reason, **values)


@admin.register(ExtraVariable)
class ExtraVariableAdmin(FactAdmin):
    list_display = ("cohort", "code", "label", "type", "unit")
    list_filter = ("cohort",)
    key_fields = ("cohort", "code")
    site_path = "cohort__site"
    fields = ("cohort", "code", "label", "type", "unit", "levels", "reason", "seen_version")

    def write(self, row: Any, values: dict[str, Any], *, is_new: bool, by: Actor, reason: str) -> ExtraVariable:
        return extra_variable_set(by=by, reason=reason, **values)
