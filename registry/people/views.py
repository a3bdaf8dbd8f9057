from django.contrib import messages
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext as _

from registry.people.access import allow, public
from registry.people.forms import OwnPasswordForm, SignInForm
from registry.people.roles import EVERYBODY


class SignIn(LoginView):
    template_name = "registry/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True


class OwnPassword(PasswordChangeView):
    template_name = "registry/password_change.html"
    form_class = OwnPasswordForm
    success_url = reverse_lazy("registry:password-change")

    def form_valid(self, form: OwnPasswordForm) -> HttpResponse:  # type: ignore[override]  # the form is ours
        messages.success(self.request, _("Your password was changed."))
        return super().form_valid(form)


sign_in = public(SignIn.as_view())
sign_out = public(LogoutView.as_view())
own_password = allow(*EVERYBODY)(OwnPassword.as_view())
