from dataclasses import dataclass

from registry.people.models import User


@dataclass(frozen=True)
class Actor:
    """Who acts and through which door; a command or a task acts as itself."""

    id: str
    name: str
    source: str

    @classmethod
    def of(cls, user: User, source: str = "form") -> "Actor":
        return cls(id=str(user.pk), name=user.username, source=source)

    @classmethod
    def system(cls, name: str, source: str = "command") -> "Actor":
        return cls(id="", name=f"system:{name}", source=source)
