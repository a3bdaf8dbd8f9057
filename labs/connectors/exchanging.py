"""What beat runs every minute: files that were dropped, results that others have for us, scores for them."""

from labs.connectors.folder.services import drop_folder_sweep
from labs.connectors.services import pull_all, scores_post
from labs.outbox.services import outbox_deliver


def exchange() -> None:
    drop_folder_sweep()
    pull_all()
    if scores_post():
        outbox_deliver()
