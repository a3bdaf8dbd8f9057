from typing import Any

from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm

from registry.log.actors import Actor
from registry.people.models import User
from registry.people.services import password_change


class SignInForm(AuthenticationForm):
    """Django's own, with the first field focused and the browser's password store helped along."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].widget.attrs["autocomplete"] = "username"


class OwnPasswordForm(PasswordChangeForm):
    def save(self, commit: bool = True) -> User:
        password_change(user=self.user, password=self.cleaned_data["new_password1"], by=Actor.of(self.user))
        return self.user
