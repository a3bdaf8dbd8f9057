"""One login for each role. Their passwords are printed, so they belong to a demonstration only."""

from dataclasses import dataclass

from registry.log.actors import Actor
from registry.people.models import User
from registry.people.roles import Role
from registry.people.services import user_create


@dataclass(frozen=True)
class Login:
    username: str
    password: str
    role: Role
    first_name: str
    last_name: str


LOGINS = (
    Login("pathologist", "glisson-capsule-1654", Role.PATHOLOGIST, "Mei", "Lin"),
    Login("pathologist2", "kupffer-sinusoid-1876", Role.PATHOLOGIST, "Jonas", "Weber"),
    Login("pathologist3", "hepatic-acinus-1954", Role.PATHOLOGIST, "Elena", "Rossi"),
    Login("technician", "falciform-ligament-12", Role.TECHNICIAN, "Ana", "Costa"),
    Login("datamanager", "couinaud-segment-eight", Role.DATA_MANAGER, "Omar", "Haddad"),
    Login("investigator", "cantlie-line-1897", Role.INVESTIGATOR, "Wei", "Zhang"),
    Login("administrator", "portal-triad-bridge-3", Role.ADMINISTRATOR, "Ruth", "Okafor"),
)


def create_logins(by: Actor) -> list[Login]:
    """Returns those that were made: a name that somebody has already stays theirs."""
    present = set(User.objects.values_list("username", flat=True))
    absent = [login for login in LOGINS if login.username not in present]
    for login in absent:
        user_create(
            username=login.username,
            password=login.password,
            first_name=login.first_name,
            last_name=login.last_name,
            roles=[login.role],
            by=by,
        )
    return absent


def demo_logins() -> list[Login]:
    """Those that still open: a login that was switched off or has another password by now is not one of them."""
    users = {user.username: user for user in User.objects.filter(is_active=True)}
    return [
        login for login in LOGINS if login.username in users and users[login.username].check_password(login.password)
    ]


def login_lines(logins: list[Login]) -> list[str]:
    return [f"{login.username:<14} {login.password:<24} {login.role.label}" for login in logins]
