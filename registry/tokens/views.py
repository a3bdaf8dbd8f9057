from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from registry.log.actors import Actor
from registry.people.access import acting_user, allow
from registry.people.roles import EVERYBODY
from registry.tokens.forms import TokenForm
from registry.tokens.models import ApiToken
from registry.tokens.services import token_create, token_revoke


@never_cache
@allow(*EVERYBODY)
def tokens(request: HttpRequest) -> HttpResponse:
    """The own tokens. A new one's secret stands in the answer to its form and nowhere else."""
    user = acting_user(request)
    form = TokenForm(request.POST or None)
    secrets: list[str] = []

    def write() -> None:
        secrets.append(token_create(owner=user, by=Actor.of(user), **form.cleaned_data)[1])

    if request.method == "POST" and form.saves(write):
        form = TokenForm()
    context = {
        "form": form,
        "secret": secrets[0] if secrets else "",
        "tokens": ApiToken.objects.filter(owner=user),
        "now": timezone.now(),
    }
    return render(request, "registry/tokens.html", context)


@require_POST
@allow(*EVERYBODY)
def token_revoke_page(request: HttpRequest) -> HttpResponse:
    user = acting_user(request)
    token = ApiToken.objects.filter(owner=user, prefix=request.POST.get("prefix", "")).first()
    if token is None:
        messages.warning(request, _("You have no such token."))
    else:
        token_revoke(token=token, by=Actor.of(user))
        messages.success(request, _("%(name)s is revoked.") % {"name": token.name})
    return redirect("registry:tokens")
