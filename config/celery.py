import os
from typing import Any

from celery import Celery
from celery.signals import celeryd_init, worker_ready, worker_shutdown

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("hepatica")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@celeryd_init.connect
def be_worker(**kwargs: Any) -> None:
    from analysis.engine import workers  # app loading

    workers.be_worker()


@worker_ready.connect
def report_for_duty(sender: Any, **kwargs: Any) -> None:
    from analysis.engine import deafness, workers  # app loading

    queues = sender.app.amqp.queues.consume_from
    workers.report_for_duty(queues)
    deafness.watch_own_ears(queues, sender.pool)


@worker_shutdown.connect
def leave(**kwargs: Any) -> None:
    from analysis.engine import workers  # app loading

    workers.leave()
