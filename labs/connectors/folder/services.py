"""The drop folder that is set up for this installation."""

from django.conf import settings

from labs.connectors.folder.sweeping import Sweeper


def drop_folder_sweep() -> int:
    """What beat runs, where nobody watches: how many files were put away."""
    folder = getattr(settings, "DROP_FOLDER", None)
    if folder is None or not folder.is_dir():
        return 0
    return Sweeper(folder, settle=getattr(settings, "DROP_SETTLE_SECONDS", 5)).sweep()
