"""What it will cost to read and measure an upload, before it is read."""

import io
import zipfile

from core.neural_collapse.npz import MAX_MEMBERS
from core.neural_collapse.uploaded import MAX_NUMBERS

_START, _NUMBER = 1.0, 6e-6  # seconds; a minute for 10^7 numbers
_BYTES = 2  # of a number, unpacked or with what separates it from the next


def expected_seconds(content: bytes) -> float:
    """Seconds on one core that an upload takes at most, as measured.

    Parameters
    ----------
    content : bytes
        The file: of an archive as many numbers as there may be in the sizes that it states, beyond which it is not
        read; of a table as many as there may be in so many characters.
    """
    return _START + _NUMBER * min(_unpacked(content) // _BYTES, MAX_NUMBERS)


def _unpacked(content: bytes) -> int:
    """Bytes of a file once it is unpacked; 0 for an archive that is refused before it takes any time."""
    if not content.startswith(b"PK"):
        return len(content)
    if content.count(b"PK\x01\x02") > MAX_MEMBERS:
        return 0
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return sum(member.file_size for member in archive.infolist())
    except Exception:  # whatever zipfile raises on what is none
        return 0
