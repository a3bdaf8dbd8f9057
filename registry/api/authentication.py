"""Who asks: a program with a token, or the page that the browser has open."""

from axes.handlers.proxy import AxesProxyHandler
from django.contrib.auth.signals import user_login_failed
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request

from registry.people.models import User
from registry.tokens.models import ApiToken
from registry.tokens.services import prefix_of, token_used

SCHEME = "Bearer"


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer hep_…`. Wrong secrets are counted and locked out as wrong passwords are."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _space, secret = request.headers.get("Authorization", "").strip().partition(" ")
        if scheme.lower() != SCHEME.lower():
            return None
        secret = secret.strip()
        credentials = {"username": f"token {prefix_of(secret)}"}
        if not AxesProxyHandler.is_allowed(request._request, credentials):
            raise Throttled(detail=_("This token was tried with a wrong secret too often: wait half an hour."))
        token = token_used(secret=secret)
        if token is None:
            user_login_failed.send(sender=__name__, credentials=credentials, request=request._request)
            raise AuthenticationFailed(_("The token is wrong, expired or revoked."))
        return token.owner, token

    def authenticate_header(self, request: Request) -> str:
        return SCHEME


class Session(SessionAuthentication):
    """The session of the pages; whatever changes something needs their X-CSRFToken."""


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself
    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A token of the page “API tokens”."}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself
    target_class = Session
    name = "session"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": "The session of the pages."}
