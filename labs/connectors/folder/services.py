"""The drop folder that is set up for this installation."""

import logging

from django.conf import settings

from labs.connectors.folder.sweeping import Sweeper

logger = logging.getLogger("labs.connectors.folder")


def drop_folder_sweep() -> int:
    """What beat runs, where nobody watches: how many files were put away."""
    folder = getattr(settings, "DROP_FOLDER", None)
    if folder is None or not folder.is_dir():
        return 0
    try:
        return Sweeper(folder, settle=getattr(settings, "DROP_SETTLE_SECONDS", 5)).sweep()
    except OSError as error:
        # What else there is to exchange does not wait for a folder.
        logger.error("the drop folder cannot be worked in: %s", error.strerror)
        return 0
