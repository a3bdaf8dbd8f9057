"""What a listener allows, and to whom."""

import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path

from labs.formats.hl7.mllp import MAX_FRAME
from labs.formats.messages.senders import is_within

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
LOOPBACK: tuple[Network, ...] = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


@dataclass(frozen=True)
class Limits:
    """Seconds and bytes. A connection may rest for `idle`; a frame that has begun must end within `frame`.

    `frame` is also how long a peer may take to fetch its answer, `stop` how long messages in hand may take at the end.
    """

    peers: tuple[Network, ...] = LOOPBACK
    frame_bytes: int = MAX_FRAME
    connections: int = 32
    threads: int = 4
    idle: float = 3600
    frame: float = 60
    stop: float = 30

    def is_allowed(self, peer: str) -> bool:
        return is_within(peer, map(str, self.peers))


def tls_context(certificate: Path, key: Path | None, client_authority: Path | None) -> ssl.SSLContext:
    """With `client_authority` only clients with a certificate of it are served. OSError for what cannot be read."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    if client_authority is not None:
        context.load_verify_locations(client_authority)
        context.verify_mode = ssl.CERT_REQUIRED
    return context
