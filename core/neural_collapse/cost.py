"""What it will cost to read and measure an upload, before it is read."""

from math import prod

from core.neural_collapse.npz import open_arrays
from core.neural_collapse.upload import MAX_NUMBERS, UploadedFeatures

_START, _NUMBER = 1.0, 6e-6  # seconds; a minute for 10^7 numbers


def expected_seconds(upload: UploadedFeatures | bytes) -> float:
    """Seconds on one core that an upload takes at most, as measured.

    Parameters
    ----------
    upload : UploadedFeatures or bytes
        What was read, or a file: of an archive the shape that it states, without which it is not read; of a table as
        many numbers as there may be in so many characters.
    """
    numbers = upload.features.size if isinstance(upload, UploadedFeatures) else _numbers(upload)
    return _START + _NUMBER * min(numbers, MAX_NUMBERS)


def _numbers(content: bytes) -> int:
    if not content.startswith(b"PK"):
        return len(content) // 2
    try:
        stored = open_arrays(content, ("features",))[0].get("features")
    except ValueError:  # it is refused before it takes any time
        return 0
    return 0 if stored is None else prod(stored.shape)
