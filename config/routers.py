from typing import Any


class SnapshotReadsOnly:
    """The alias `snapshot` is a second connection to the same database, for consistent reads of frames."""

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        return False if db == "snapshot" else None

    def allow_relation(self, first: Any, second: Any, **hints: Any) -> bool:
        return True
