"""The worker's consumer, which must outlive the loss of its broker."""

from celery.worker.consumer import Consumer as CeleryConsumer


class Consumer(CeleryConsumer):  # type: ignore[misc]  # celery has no types
    def on_connection_error_after_connected(self, exc: Exception) -> None:
        # What was taken and not begun would be given back over the connection that is lost, and where that fails be
        # written to a file in the clear. The sweep finds what it was about.
        for channel in self.connection.transport.channels:
            channel.do_restore = False
        super().on_connection_error_after_connected(exc)
