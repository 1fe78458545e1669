"""Readers wait at the door where a database has fewer connections than readers come at once."""

from asyncio import AbstractEventLoop, Semaphore, get_running_loop
from typing import Final
from weakref import WeakKeyDictionary

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Requests that are answered at a time: half as many as there are connections (`kb.db.MOST`), for
# one may need a second, and half as many as there are threads, so that one is free to go on in.
AT_ONCE: Final = 20


class Queueing:
    """Let some who read in at a time, each next one when an answer of another is ready.

    Who reads takes a connection in one thread and needs another thread to go on. Were all let in,
    who waits for a connection would have all threads and who has one would wait for a thread: for
    half a minute, until the first of them are refused. Nobody waits here for an answer that is
    being sent, and who sends something is not kept: a network may be slow.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._turns: WeakKeyDictionary[AbstractEventLoop, Semaphore] = WeakKeyDictionary()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on when its turn has come."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        turns = self._turns.setdefault(get_running_loop(), Semaphore(AT_ONCE))
        await turns.acquire()
        inside = True

        async def leave(message: Message) -> None:
            nonlocal inside
            if inside:
                inside = False
                turns.release()
            await send(message)

        try:
            await self.app(scope, receive, leave)
        finally:
            if inside:
                turns.release()
