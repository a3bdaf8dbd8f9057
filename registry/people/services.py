"""Writes about the people who use the registry: who they are, what they may do, which sites they belong to."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from registry.log.actors import Actor
from registry.log.models import Action
from registry.log.recording import recording
from registry.people.models import RoleGrant, Site, User
from registry.people.roles import Role

PEOPLE = (None, "people")
USER_FIELDS = ("username", "first_name", "last_name", "email", "is_active")


def site_set(*, code: str, name: str, by: Actor, reason: str = "") -> Site:
    with recording(by, reason) as log:
        site = Site.objects.select_for_update().filter(code=code).first() or Site(code=code)
        if site.pk and site.name == name:
            return site
        action = Action.UPDATE if site.pk else Action.CREATE
        old = {"name": site.name} if site.pk else {}
        site.name = name
        site.full_clean()
        site.save()
        log.add([PEOPLE], action, subject=("site", site.pk, site.code), old=old, new={"name": name})
    return site


def user_create(
    *,
    username: str,
    password: str | None,
    by: Actor,
    roles: Iterable[Role] = (),
    sites: Iterable[Site] = (),
    first_name: str = "",
    last_name: str = "",
    email: str = "",
    reason: str = "",
) -> User:
    """A login; without a password nobody can sign in with it until an administrator sets one."""
    user = User(username=username, first_name=first_name, last_name=last_name, email=email)
    with recording(by, reason) as log:
        user.set_password(password)
        user.full_clean()
        user.save(force_insert=True)
        chosen = sorted(sites, key=lambda site: site.code)
        user.sites.set(chosen)
        new = _user_values(user) | {"sites": [site.code for site in chosen]}
        log.add([PEOPLE], Action.CREATE, subject=("user", user.pk, user.username), new=new)
        for role in roles:
            role_grant(user=user, role=role, by=by)
    return user


def user_update(
    *, user: User, changes: dict[str, Any], by: Actor, sites: Iterable[Site] | None = None, reason: str = ""
) -> User:
    with recording(by, reason) as log:
        row = User.objects.select_for_update().get(pk=user.pk)
        old = _user_values(row) | {"sites": _site_codes(row)}
        for name, value in changes.items():
            if name not in USER_FIELDS:
                raise ValueError(f"{name} is not changed here")
            setattr(row, name, value)
        row.full_clean()
        row.save()
        if sites is not None:
            row.sites.set(sites)
        if not row.is_active:
            _refuse_without_administrator()
        new = _user_values(row) | {"sites": _site_codes(row)}
        moved = [name for name in new if new[name] != old[name]]
        if moved:
            subject = ("user", row.pk, row.username)
            log.add([PEOPLE], Action.UPDATE, subject=subject, old=_only(old, moved), new=_only(new, moved))
    return row


def password_change(*, user: User, password: str, by: Actor, reason: str = "") -> None:
    validate_password(password, user)
    with recording(by, reason) as log:
        user.set_password(password)
        user.save(update_fields=["password"])
        log.add([PEOPLE], Action.UPDATE, subject=("user", user.pk, user.username), new={"password": "(withheld)"})


def role_grant(*, user: User, role: Role, by: Actor, reason: str = "") -> RoleGrant:
    with recording(by, reason) as log:
        grant = RoleGrant.objects.filter(user=user, role=role).first()
        if grant is None:
            grant = RoleGrant(user=user, role=role)
            grant.full_clean()
            grant.save(force_insert=True)
            subject = ("rolegrant", grant.pk, user.username)
            log.add([PEOPLE], Action.CREATE, subject=subject, new={"role": str(role)})
    _forget_roles(user)
    return grant


def role_revoke(*, user: User, role: Role, by: Actor, reason: str = "") -> None:
    with recording(by, reason) as log:
        grant = RoleGrant.objects.select_for_update().filter(user=user, role=role).first()
        if grant is None:
            return
        subject = ("rolegrant", grant.pk, user.username)
        grant.delete()
        _refuse_without_administrator()
        log.add([PEOPLE], Action.RETIRE, subject=subject, old={"role": str(role)})
    _forget_roles(user)


def _refuse_without_administrator() -> None:
    if not RoleGrant.objects.filter(role=Role.ADMINISTRATOR, user__is_active=True).exists():
        raise ValidationError(_("Somebody must remain administrator."))


def _forget_roles(user: User) -> None:
    user.__dict__.pop("roles", None)


def _user_values(user: User) -> dict[str, Any]:
    return {name: getattr(user, name) for name in USER_FIELDS}


def _site_codes(user: User) -> list[str]:
    return list(user.sites.order_by("code").values_list("code", flat=True))


def _only(values: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: values[name] for name in names}
