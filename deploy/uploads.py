"""How much visitors may upload, and for how long it is kept."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

from streamlit.runtime import Runtime, get_instance
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

LARGEST = 20 * 1024 * 1024
"""Bytes of a request with a file, as `server.maxUploadSize`."""
PER_SESSION = 2 * LARGEST
"""Bytes, since a new one comes before the old one goes."""
IN_ALL = 8 * LARGEST
"""Bytes, of the 1 GB that a server has with its workers."""
AWAY = 60.0
"""Seconds after which a visitor with files who has left is forgotten; a network may fail for less."""
_LOOK = 5.0  # seconds between two looks at who has left


class Budget:
    """Bytes of uploads that are there or on their way.

    Parameters
    ----------
    kept : callable
        Returns the bytes that are there, by session.
    """

    def __init__(self, kept: Callable[[], Mapping[str, int]]) -> None:
        self._kept = kept
        self._coming: Counter[str] = Counter()

    def reserve(self, session: str, size: int) -> bool:
        """Whether a session may send so many bytes; they count until they are released."""
        kept = self._kept()
        own = kept.get(session, 0) + self._coming[session] + size
        if own > PER_SESSION or sum(kept.values()) + self._coming.total() + size > IN_ALL:
            return False
        self._coming[session] += size
        return True

    def release(self, session: str, size: int) -> None:
        """The bytes have come, or will not."""
        self._coming[session] -= size
        if self._coming[session] <= 0:
            del self._coming[session]


def kept_bytes() -> dict[str, int]:
    """Bytes of files that the server keeps, by session."""
    return {
        session: sum(len(file.data) for file in list(files.values()))
        for session, files in list(_files().file_storage.items())
    }


def _files() -> MemoryUploadedFileManager:
    return cast(MemoryUploadedFileManager, get_instance().uploaded_file_mgr)


class Leavers:
    """Visitors with files who have left.

    Streamlit forgets them when some other visitor leaves, which may be hours later.
    """

    def __init__(self) -> None:
        self._since: dict[str, float] = {}

    def forget(self, runtime: Runtime, now: float) -> None:
        """Close the sessions of those who have been away for long; to be called in the event loop."""
        gone = [session for session in list(_files().file_storage) if not runtime.is_active_session(session)]
        self._since = {session: self._since.get(session, now) for session in gone}
        for session, since in self._since.items():
            if now - since >= AWAY:
                runtime.close_session(session)
                _files().remove_session_files(session)  # of a session that Streamlit has lost already


@asynccontextmanager
async def forgetting(_app: Any) -> AsyncIterator[None]:
    """Forget visitors who have left for as long as the server runs."""

    async def look() -> None:
        leavers = Leavers()
        while True:
            await asyncio.sleep(_LOOK)
            leavers.forget(get_instance(), time.monotonic())

    looking = asyncio.create_task(look())
    try:
        yield
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
