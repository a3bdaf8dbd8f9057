import gc

# What is imported at the start stays: to look through it for garbage after every 700 new objects takes a tenth of it.
gc.set_threshold(50_000, 20, 20)

from config.celery import app as celery_app  # noqa: E402

__all__ = ["celery_app"]
