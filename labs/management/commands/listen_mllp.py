import argparse
import asyncio
import ipaddress
import signal
import ssl
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from labs.connectors.mllp.inbox import Living, receiver_of
from labs.connectors.mllp.limits import LOOPBACK, Limits, Network, tls_context
from labs.connectors.mllp.listening import Listener, Port

PRODUCTION, VALIDATION = "production", "validation"


class Command(BaseCommand):
    help = "Takes HL7 v2 result messages over MLLP into the inbox, until it is asked to stop."

    def add_arguments(self, parser: CommandParser) -> None:
        default = Limits()
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on; 0.0.0.0 for all (127.0.0.1)")
        parser.add_argument("--port", type=int, default=2575, help="of messages about patients (2575)")
        parser.add_argument("--validation-port", type=int, help="of test messages, whose data are kept apart")
        parser.add_argument(
            "--peer", action="extend", nargs="+", type=_network, metavar="ADDRESS",
            help="addresses or networks that may send; only this machine where none is given",
        )  # fmt: skip
        parser.add_argument("--tls-certificate", type=Path, metavar="FILE", help="PEM; with it only TLS is spoken")
        parser.add_argument("--tls-key", type=Path, metavar="FILE", help="PEM, where it is not beside the certificate")
        parser.add_argument(
            "--tls-clients", type=Path, metavar="FILE", help="PEM of who signs clients: others are not served"
        )
        parser.add_argument("--megabytes", type=int, default=16, help="largest message (16)")
        parser.add_argument("--connections", type=int, default=default.connections, help="at a time (32)")
        parser.add_argument("--idle", type=float, default=default.idle, help="seconds a connection may rest (3600)")
        parser.add_argument("--frame", type=float, default=default.frame, help="seconds a message may take (60)")
        parser.add_argument("--stop", type=float, default=default.stop, help="seconds for what is in hand (30)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            listener = _listener(options)
            asyncio.run(_until_stopped(listener))
        except OSError as error:
            raise CommandError(f"It cannot listen: {error.strerror or error}.") from None


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is no address and no network") from None


def _listener(options: dict[str, Any]) -> Listener:
    limits = Limits(
        peers=tuple(options["peer"] or LOOPBACK),
        frame_bytes=_positive(options, "megabytes") * 1024 * 1024,
        connections=_positive(options, "connections"),
        idle=_positive(options, "idle"),
        frame=_positive(options, "frame"),
        stop=options["stop"],
    )
    ports = [Port(PRODUCTION, options["port"], receiver_of(PRODUCTION))]
    if options["validation_port"] is not None:
        ports.append(Port(VALIDATION, options["validation_port"], receiver_of(VALIDATION)))
    place = f"{options['host']}:{','.join(str(port.number) for port in ports)}"
    return Listener(ports, options["host"], limits, _tls(options), Living(place))


def _positive(options: dict[str, Any], name: str) -> Any:
    if not options[name] > 0:
        raise CommandError(f"--{name} must be more than 0.")
    return options[name]


def _tls(options: dict[str, Any]) -> ssl.SSLContext | None:
    certificate, key, clients = (options[f"tls_{name}"] for name in ("certificate", "key", "clients"))
    if certificate is None:
        if key is not None or clients is not None:
            raise CommandError("TLS needs --tls-certificate.")
        return None
    try:
        return tls_context(certificate, key, clients)
    except ssl.SSLError as error:
        raise CommandError(f"The files for TLS cannot be used: {error.reason}.") from None


async def _until_stopped(listener: Listener) -> None:
    loop = asyncio.get_running_loop()
    for asked in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(asked, listener.stop)
    await listener.run()
