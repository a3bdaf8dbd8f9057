from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.log.facts import Versioned
from registry.log.recording import StreamKey
from registry.people.models import User
from registry.tokens.scopes import scopes_allow


class ApiToken(Versioned):
    """Lets a program act as its owner. Only the hash of the secret is kept: who loses it makes a new one."""

    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="tokens", verbose_name=_("owner"))
    name = models.CharField(_("name"), max_length=60)
    prefix = models.CharField(_("prefix"), max_length=12, unique=True)
    # "" lets the program do all that the owner may: registry/tokens/scopes.py
    scopes = models.CharField(_("scopes"), max_length=500, blank=True)
    digest = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(_("made at"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires at"))
    # A day, not a moment: a column that every request writes would cost each of them a write lock.
    last_used_on = models.DateField(_("last used on"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, editable=False)

    class Meta:
        ordering = ("-created_at", "-id")
        verbose_name = _("token")

    def __str__(self) -> str:
        return f"{self.prefix} {self.name}"

    def streams(self) -> Iterable[StreamKey]:
        return [(None, "people")]

    def allows(self, family: str, letter: str) -> bool:
        return scopes_allow(self.scopes, family, letter)

    def log_code(self) -> str:
        return self.prefix
