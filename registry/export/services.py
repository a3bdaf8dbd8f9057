from registry.log.actors import Actor
from registry.log.models import Action
from registry.log.recording import recording


def export_record(*, table: str, file_format: str, rows: int, by: Actor, purpose: str) -> None:
    """Writes down who takes which table out of the house, and what for, before the first byte leaves."""
    with recording(by, purpose) as log:
        new = {"format": file_format, "rows": rows}
        log.add([(None, "export")], Action.READ, subject=("export", table, table), new=new)
