"""What beat runs every minute: files that were dropped, results that others have for us, scores for them."""

from datetime import timedelta

from labs.connectors.folder.services import drop_folder_sweep
from labs.connectors.services import pull_all, scores_post
from labs.inbox.services import unread_read
from labs.outbox.services import outbox_deliver
from registry.log.actors import Actor

# A message that is read for longer than this is read by nobody any more.
_RESTED = timedelta(minutes=10)


def exchange() -> None:
    unread_read(by=Actor.system("exchange", source="task"), rested=_RESTED)
    drop_folder_sweep()
    pull_all()
    if scores_post():
        outbox_deliver()
