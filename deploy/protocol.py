"""WebSockets of visitors who may not read what they are sent."""

from asyncio import TimerHandle
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

SLOW = 20.0
"""Seconds in which a visitor takes what waits, some hundred kilobytes, before the connection is cut."""


class Protocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol, which would keep what nobody reads for as long as the connection lasts.

    While a visitor does not read, nothing more is heard of that visitor, so that no more piles up in Streamlit's queue;
    after `SLOW` seconds the connection is cut. uvicorn's own end, after a ping without an answer, waits until all is
    sent, which may be never.
    """

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._patience: TimerHandle | None = None

    def pause_writing(self) -> None:
        """More waits than fits."""
        super().pause_writing()
        self._end_patience()
        self._patience = self.loop.call_later(SLOW, self.transport.abort)

    def resume_writing(self) -> None:
        """The visitor has read."""
        super().resume_writing()
        self._end_patience()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended."""
        self._end_patience()
        super().connection_lost(exc)

    async def receive(self) -> Any:
        """The next message, once the visitor has read what was sent before."""
        message = await super().receive()
        if message["type"] == "websocket.receive":
            await self.writable.wait()
        return {"type": "websocket.disconnect", "code": 1006} if self.disconnected else message

    def keepalive_timeout(self) -> None:
        """A ping had no answer."""
        super().keepalive_timeout()
        self.transport.abort()

    def _end_patience(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
