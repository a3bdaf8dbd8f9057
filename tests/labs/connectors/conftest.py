from tests.labs.inbox.conftest import known

__all__ = ["known"]
