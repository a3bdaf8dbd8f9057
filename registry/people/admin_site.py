"""The administration site: for administrators alone, behind our own sign-in, and only with writes through services."""

from collections.abc import Callable
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from registry.people.roles import Role

# Signing in and passwords are ours; the other two answer with things that no page of ours asks for.
_LEFT_OUT = {"login", "password_change_done", "autocomplete", "view_on_site"}


class HepaticaAdminSite(AdminSite):
    site_header = _("Hepatica: reference data")
    site_title = _("Hepatica")
    index_title = _("Reference data")
    site_url = "/"
    enable_nav_sidebar = False
    final_catch_all_view = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Takes only classes that write through services; other apps' own pages would save past the change log."""
        if getattr(admin_class, "writes_through_services", False):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return user.is_authenticated and user.is_active and user.has_role(Role.ADMINISTRATOR)

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        guarded = super().admin_view(view, cacheable)

        def refusing(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not request.user.is_authenticated:
                # Our own page, so that the lockout and its words are the same at every door.
                return redirect_to_login(request.get_full_path())
            if not self.has_permission(request):
                raise PermissionDenied
            return guarded(request, *args, **kwargs)

        return refusing

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("registry:password-change")

    def get_urls(self) -> list[Any]:
        return [url for url in super().get_urls() if getattr(url, "name", None) not in _LEFT_OUT]
