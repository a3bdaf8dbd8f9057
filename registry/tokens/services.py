"""Making, using and revoking the tokens by which programs act for a person."""

import hashlib
import hmac
import secrets
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from registry.log.actors import Actor
from registry.log.facts import log_fact
from registry.log.models import Action
from registry.log.recording import recording
from registry.people.models import User
from registry.tokens.models import ApiToken
from registry.tokens.scopes import checked_scopes

MARK = "hep"
LONGEST_DAYS = 366


def token_create(
    *, owner: User, name: str, days: int, scopes: str = "", by: Actor, reason: str = ""
) -> tuple[ApiToken, str]:
    """The token and its secret, which nobody can read again."""
    if not 1 <= days <= LONGEST_DAYS:
        raise ValidationError({"days": _("A token lives 1 to %(days)s days.") % {"days": LONGEST_DAYS}})
    prefix, rest = secrets.token_hex(4), secrets.token_urlsafe(32)
    secret = f"{MARK}_{prefix}_{rest}"
    token = ApiToken(
        owner=owner,
        name=name.strip(),
        scopes=checked_scopes(scopes),
        prefix=prefix,
        digest=_digest(secret),
        expires_at=timezone.now() + timedelta(days=days),
    )
    with recording(by, reason) as log:
        token.full_clean()
        token.save(force_insert=True)
        new = {"owner": owner.username, "name": token.name, "expires_at": token.expires_at, "scopes": token.scopes}
        log_fact(log, token, Action.CREATE, new=new)
    return token, secret


def token_revoke(*, token: ApiToken, by: Actor, reason: str = "") -> ApiToken:
    with recording(by, reason) as log:
        row = ApiToken.objects.select_for_update().get(pk=token.pk)
        if row.revoked_at is None:
            row.revoked_at, row.version = timezone.now(), row.version + 1
            row.save(update_fields=["revoked_at", "version"])
            log_fact(log, row, Action.RETIRE, old={"name": row.name}, new={"version": row.version})
    return row


def token_used(*, secret: str) -> ApiToken | None:
    """The token of this secret when it still holds. Notes the day of its use, which is no fact and not in the log."""
    token = ApiToken.objects.select_related("owner").filter(prefix=prefix_of(secret)).first()
    if token is None or not hmac.compare_digest(token.digest, _digest(secret)):
        return None
    if token.revoked_at is not None or token.expires_at <= timezone.now() or not token.owner.is_active:
        return None
    today = timezone.localdate()
    if token.last_used_on != today:
        ApiToken.objects.filter(pk=token.pk).update(last_used_on=today)
    return token


def prefix_of(secret: str) -> str:
    parts = secret.split("_", 2)
    return parts[1][:12] if len(parts) == 3 and parts[0] == MARK and parts[1].isalnum() else ""


def _digest(secret: str) -> str:
    """Unsalted and fast: 256 random bits cannot be guessed."""
    return hashlib.sha256(secret.encode()).hexdigest()
