from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def not_in_the_future(value: Any) -> None:
    if value > timezone.localdate():
        raise ValidationError(_("The date lies in the future."))
