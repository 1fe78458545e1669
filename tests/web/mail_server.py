"""A real mail server on this computer, which keeps what it took."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

HOST = "127.0.0.1"
REFUSED = {"gone@clinic.example": "550 no such person", "full@clinic.example": "452 try later"}


class Box:
    """What the server took, and whom it refuses."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.over_tls: list[bool] = []

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, _server, _session, envelope: Envelope, address, _options
    ) -> str:
        if address in REFUSED:
            return REFUSED[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, session, envelope: Envelope) -> str:  # noqa: N802
        found = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(found, EmailMessage)
        self.taken.append(found)
        self.over_tls.append(session.ssl is not None)
        return "250 OK"


def free_port() -> int:
    with socket.create_server((HOST, 0)) as server:
        port: int = server.getsockname()[1]
        return port


@contextmanager
def listening(box: Box, *, port: int = 0, **options) -> Iterator[int]:
    """Run a mail server; yield its port."""
    controller = Controller(box, hostname=HOST, port=port or free_port(), **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()
