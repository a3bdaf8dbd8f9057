from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from registry.people.roles import Role


class Site(models.Model):
    code = models.SlugField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=120)

    class Meta:
        ordering = ("code",)
        verbose_name = _("site")

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    sites = models.ManyToManyField(
        Site,
        blank=True,
        verbose_name=_("sites"),
        help_text=_("Cohorts of other sites stay invisible. None: all sites."),
    )

    class Meta(AbstractUser.Meta):
        pass

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    @cached_property
    def roles(self) -> frozenset[Role]:
        return frozenset(Role(grant.role) for grant in self.grants.all())

    def has_role(self, *roles: Role) -> bool:
        return not self.roles.isdisjoint(roles)


class RoleGrant(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants", verbose_name=_("user"))
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)

    class Meta:
        verbose_name = _("role")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role"], name="role_once_per_user", violation_error_message=_("The user has this role.")
            ),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="role_known"),
        ]

    def __str__(self) -> str:
        return str(Role(self.role).label)
