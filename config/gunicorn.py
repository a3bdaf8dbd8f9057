"""What the web server does beside answering: gunicorn -c python:config.gunicorn config.wsgi."""

from typing import Any

# Everything is imported once, and the processes that answer are forked from there.
preload_app = True


def post_worker_init(worker: Any) -> None:
    """A thread does not survive the fork, so that each process starts its own watch."""
    from analysis.engine.outage import watch_from_the_web  # the application has loaded the apps

    watch_from_the_web()
