"""The base of every page of the administration site: what Django's admin would save itself goes through a service."""

from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from registry.cohorts.access import visible_cohorts, visible_sites
from registry.cohorts.models import Cohort
from registry.log.access import visible_changes
from registry.log.actors import Actor
from registry.log.facts import Fact, StaleWrite, changes_since
from registry.log.history import history_of
from registry.people.access import acting_user
from registry.people.models import Site
from registry.people.roles import Role


class ServiceForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for the type checker only
    """A form to which the service's refusal can be handed back."""

    refused: ValidationError | None = None
    reason = forms.CharField(label=_("Reason"), max_length=500, required=False, help_text=_("Kept in the change log."))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.refused is not None:
            error = self.refused
            found = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
            for name, errors in found.items():
                self.add_error(name if name in self.fields else None, ValidationError(errors))
        return data


class FactForm(ServiceForm):
    seen_version = forms.IntegerField(widget=forms.HiddenInput, required=False, label="")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen_version"] = self.instance.version

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if isinstance(self.refused, StaleWrite):  # saving once more is then a decision
            typed = cast(QueryDict, self.data).copy()
            typed["seen_version"] = str(self.instance.version)
            self.data = typed
        return data


class ServiceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for the type checker only
    """Subclasses say in `write` which service stores the form's values, and get back the stored row."""

    writes_through_services = True
    form = ServiceForm
    actions = None
    view_on_site = False
    save_on_top = False
    # Columns that are the row's name: given once, then they stay.
    key_fields: ClassVar[tuple[str, ...]] = ()
    # The way from a row to the site whose people alone may see it; empty for what all sites share.
    site_path: ClassVar[str] = ""

    def write(self, row: Any, values: dict[str, Any], *, is_new: bool, by: Actor, reason: str) -> Any:
        raise NotImplementedError  # abstract: each table has its own service

    # Who may.

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.admin_site.has_permission(request)

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return self.admin_site.has_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.admin_site.has_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # rows are retired with a reason, never deleted

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        sites = visible_sites(acting_user(request))
        return rows.filter(**{f"{self.site_path}__in": sites}) if self.site_path else rows

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        user = acting_user(request)
        offered = {Site: visible_sites, Cohort: visible_cohorts}.get(db_field.related_model)
        if offered is not None:
            kwargs["queryset"] = offered(user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_urls(self) -> list[Any]:
        return [url for url in super().get_urls() if url.name and not url.name.endswith("_delete")]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.key_fields if obj is not None else ()

    # How it is stored.

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except ValidationError as error:
            # Nothing was stored. Once more, with the refusal among the form's own errors and what was typed kept.
            request.refused = error  # type: ignore[attr-defined]  # read in get_form, a few lines below
            return super().changeform_view(request, *args, **kwargs)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (form,), {"refused": getattr(request, "refused", None)})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Left to save_related, when the inlines are checked as well."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        data = form.cleaned_data
        names = [name for name in data if name not in ("seen_version", "reason")]
        values = {name: data[name] for name in names} | self.inline_values(formsets)
        row = self.model._default_manager.get(pk=form.instance.pk) if change else form.instance
        if isinstance(row, Fact) and change and row.version != data["seen_version"]:
            raise StaleWrite(changes_since(row, data["seen_version"]))
        keys = {name: getattr(row, name) for name in self.key_fields} if change else {}
        by = Actor.of(acting_user(request), "admin")
        stored = self.write(row, keys | values, is_new=not change, by=by, reason=data["reason"])
        form.instance.pk = stored.pk

    def inline_values(self, formsets: Any) -> dict[str, Any]:
        return {}

    # Our log is the log: Django's own entries would be bare writes, and know less.

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        return []

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        row: models.Model | None = self.get_object(request, object_id)
        if row is None:
            raise Http404
        found = history_of(row, visible_changes(acting_user(request)))
        return render(request, "registry/history.html", {"title": str(row), "steps": found})


class FactAdmin(ServiceAdmin):
    form = FactForm


def administrators_only(request: HttpRequest) -> bool:
    user = request.user
    return user.is_authenticated and user.has_role(Role.ADMINISTRATOR)


class ServiceFormSet(BaseInlineFormSet):  # type: ignore[type-arg]  # generic for the type checker only
    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].widget.attrs["aria-label"] = _("Remove this row")


class ServiceInline(admin.TabularInline):  # type: ignore[type-arg]  # generic for the type checker only
    """Rows within the page of another; that page's service stores them."""

    extra = 1
    formset = ServiceFormSet

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            # The column's head is no label: a screen reader would say nothing.
            field.widget.attrs["aria-label"] = str(db_field.verbose_name)
        return field

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return administrators_only(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return administrators_only(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return administrators_only(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return administrators_only(request)
