"""The form that names the third reader."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from labs.rounds.drawing_up import pathologists
from labs.rounds.models import Round
from registry.forms import ServiceForm
from registry.people.models import User


class ThirdReaderField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic for the type checker only
    """Whoever is refused is named, with the reason."""

    # Set by the form, which knows round and person.
    refusal_of: Callable[[User], str]

    def to_python(self, value: Any) -> User | None:
        try:
            found: User | None = super().to_python(value)
        except ValidationError:
            person = _person(value)
            if person is None:
                raise ValidationError(_("There is no such person to choose."), code="invalid_choice") from None
            raise ValidationError(self.refusal_of(person), code="invalid_choice") from None
        return found


def _person(value: Any) -> User | None:
    try:
        return User.objects.filter(pk=value).first()
    except (ValueError, TypeError):
        return None


class ThirdReaderForm(ServiceForm):
    reader = ThirdReaderField(label=_("Third reader"), queryset=User.objects.none())

    def __init__(self, data: Any, *, round: Round, user: User) -> None:
        super().__init__(data)
        self.round, self.user = round, user
        reader: ThirdReaderField = self.fields["reader"]  # type: ignore[assignment]  # declared so above
        # Whoever settles the slides has seen the reads.
        reader.queryset = pathologists().exclude(reading_duties__round=round).exclude(pk=user.pk)
        reader.refusal_of = self.refusal_of

    def refusal_of(self, person: User) -> str:
        if person == self.user:
            why = gettext("%(name)s has seen the reads: whoever settles the slides is no third reader.")
        elif person.reading_duties.filter(round=self.round).exists():
            why = gettext("%(name)s reads this round already: name somebody else for the third read.")
        else:
            why = gettext("%(name)s is no active pathologist.")
        return why % {"name": person.username}
