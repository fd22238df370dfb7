"""Arrays of an `.npz` archive from a stranger: what a file claims is checked before it is unpacked.

The format is numpy.lib.format's: an uncompressed or deflated zip archive of `.npy` members, each a header (a Python
dictionary as text) and the bytes of the array. The header is matched against a pattern, never evaluated, and only
numbers and text of fixed width are read, so that nothing in a file can run.
"""

import io
import math
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from core.tables import shown

MAX_MEMBERS = 16  # zipfile takes 0.07 s for a member with the longest field of extras, 64 kB
MAX_HEADER = 10_000  # characters, where numpy.load draws the line, too
MAX_CHARACTERS = 100  # of a text
MAGIC = b"\x93NUMPY"

_CHUNK = 2**20  # bytes unpacked at a time
_NUMBERS = {"b1", "f2", "f4", "f8", *(f"{kind}{size}" for kind in "iu" for size in (1, 2, 4, 8))}
_ENTRY = r"'(\w{1,20})':('[^']{1,20}'|True|False|\((?:\d{1,15}L?,)*(?:\d{1,15}L?)?\)),?"
_DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, OverflowError, ValueError)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class StoredArray:
    """An array as its header describes it, not yet unpacked.

    Attributes
    ----------
    name : str
        Name of the array.
    shape : tuple of int
        Its shape.
    dtype : np.dtype
        Booleans, integers, floats of 2, 4 or 8 bytes, or text of fixed width, in any byte order.
    fortran_order : bool
        Whether the first index runs fastest.
    offset : int
        Bytes before the data.
    archive, member
        Where it is.
    """

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran_order: bool
    offset: int
    archive: zipfile.ZipFile
    member: zipfile.ZipInfo

    def load(self, dtype: type[np.float64] | None = None) -> NDArray[Any]:
        """Unpack the array, whose shape the caller has found small enough.

        Parameters
        ----------
        dtype : type, optional
            Type to convert to, a chunk at a time; the array's own in native byte order by default.

        Returns
        -------
        NDArray
            C-contiguous, of the array's shape.

        Raises
        ------
        ValueError
            If the member is damaged.
        """
        count = math.prod(self.shape)
        values: NDArray[Any] = np.empty(count, dtype or self.dtype.newbyteorder("="))
        step = max(1, _CHUNK // self.dtype.itemsize)
        with _member(self.archive, self.member) as stream, np.errstate(invalid="ignore"):  # signalling NaNs
            _read(stream, self.offset)
            for start in range(0, count, step):
                stop = min(start + step, count)
                values[start:stop] = self._decoded(_read(stream, (stop - start) * self.dtype.itemsize))
        ordered = values.reshape(self.shape[::-1]).T if self.fortran_order else values.reshape(self.shape)
        return np.ascontiguousarray(ordered)

    def _decoded(self, content: bytes) -> NDArray[Any]:
        if self.dtype.kind == "U":
            codes = np.frombuffer(content, np.dtype(np.uint32).newbyteorder(self.dtype.byteorder))
            if codes.max() > 0x10FFFF:  # no character; numpy's conversion would end in a SystemError
                raise EOFError
        values: NDArray[Any] = np.frombuffer(content, self.dtype)
        return values


def open_arrays(
    content: bytes, wanted: Callable[[Sequence[str]], Sequence[str]]
) -> tuple[dict[str, StoredArray], tuple[str, ...]]:
    """Describe the arrays of an archive without unpacking any.

    Parameters
    ----------
    content : bytes
        The archive.
    wanted : callable
        From the names of all arrays that are there to those that are wanted; others are not touched.

    Returns
    -------
    tuple of dict and tuple of str
        Those of the wanted that are there, and the names of all that is there.

    Raises
    ------
    ValueError
        With one sentence that says what is wrong and what to do.
    """
    count = content.count(b"PK\x01\x02")  # one for each entry that zipfile could find, wherever it looks
    if count > MAX_MEMBERS:
        raise ValueError(
            f"The archive has {count:,} entries; at most {MAX_MEMBERS} are read, so save only features, labels, "
            "weights and bias."
        )
    with _intact("The archive"):
        archive = zipfile.ZipFile(io.BytesIO(content))
    members = archive.infolist()
    present = tuple(member.filename.removesuffix(".npy") for member in members)
    names = wanted(present)
    found = {name: [member for member in members if member.filename == f"{name}.npy"] for name in names}
    for name, twins in found.items():
        if len(twins) > 1:
            raise ValueError(f"The archive holds the array `{shown(name)}` {len(twins)} times; save it once.")
    arrays = {name: _described(archive, twins[0], shown(name)) for name, twins in found.items() if twins}
    return {name: replace(array, name=name) for name, array in arrays.items()}, present


@contextmanager
def _intact(what: str) -> Iterator[None]:
    """One wording for the many ways in which zipfile finds a file damaged."""
    try:
        yield
    except _DAMAGE as error:
        raise ValueError(f"{what} is damaged or incomplete; save the file again with np.savez.") from error


@contextmanager
def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[IO[bytes]]:
    name = shown(member.filename.removesuffix(".npy"))
    with _intact(f"The array `{name}`"), archive.open(member) as stream:
        yield stream


def _read(stream: IO[bytes], size: int) -> bytes:
    content = stream.read(size)
    if len(content) != size:
        raise EOFError
    return content


def _described(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> StoredArray:
    if member.flag_bits & 0x41:  # encrypted, strongly encrypted
        raise ValueError(f"The array `{name}` is encrypted; save the file without a password.")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(
            f"The array `{name}` is compressed in a way that NumPy does not use; save it with np.savez_compressed."
        )
    header, offset = _header(archive, member, name)
    shape, dtype, fortran_order = _parsed(header, name)
    size = offset + math.prod(shape) * dtype.itemsize
    if member.file_size != size:
        raise ValueError(
            f"The array `{name}` should take {size:,} bytes but the archive says {member.file_size:,}; "
            "save the file again with np.savez."
        )
    return StoredArray(
        name=name,
        shape=shape,
        dtype=dtype,
        fortran_order=fortran_order,
        offset=offset,
        archive=archive,
        member=member,
    )


def _header(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> tuple[str, int]:
    """The text of the header, and the number of bytes before the data."""
    with _member(archive, member) as stream:
        start = _read(stream, len(MAGIC) + 2)
        version = start[len(MAGIC)]
        if not start.startswith(MAGIC) or version not in (1, 2, 3):
            raise EOFError
        prefix = _read(stream, 2 if version == 1 else 4)
        length = int.from_bytes(prefix, "little")
        header = _read(stream, length) if length <= MAX_HEADER else None
    if header is None:
        raise ValueError(
            f"The header of the array `{name}` has {length:,} characters; at most {MAX_HEADER:,} are read, "
            "so save it as a plain array of numbers."
        )
    return header.decode("latin-1"), len(start) + len(prefix) + length


def _parsed(header: str, name: str) -> tuple[tuple[int, ...], np.dtype[Any], bool]:
    """Shape, type and order of a header such as {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }."""
    text = "".join(header.split())
    if "'descr':[" in text:
        raise ValueError(f"The array `{name}` has named fields; save it as a plain array of numbers.")
    entries = dict(re.findall(_ENTRY, text)) if re.fullmatch(rf"\{{(?:{_ENTRY}){{3}}\}}", text) else {}
    descr, order, shape = (entries.get(key, "") for key in ("descr", "fortran_order", "shape"))
    if descr[:1] != "'" or order not in ("True", "False") or shape[:1] != "(":
        raise ValueError(f"The header of the array `{name}` cannot be understood; save the file again with np.savez.")
    sizes = tuple(int(size.rstrip("L")) for size in shape[1:-1].split(",") if size)
    return sizes, _dtype(descr[1:-1], name), order == "True"


def _dtype(descr: str, name: str) -> np.dtype[Any]:
    match = re.fullmatch(r"([<>|=]?)([a-zA-Z])(\d{0,9})(\[.*\])?", descr)
    kind, size = match.group(2, 3) if match else ("", "")
    if match and f"{kind}{size}" in _NUMBERS:
        return np.dtype(match[1] + kind + size)
    if match and kind in "US":
        if not 1 <= int(size or 0) <= MAX_CHARACTERS:
            raise ValueError(
                f"The array `{name}` holds texts of up to {int(size or 0):,} characters; "
                f"at most {MAX_CHARACTERS} are read, so shorten them."
            )
        return np.dtype(match[1] + kind + size)
    raise ValueError(f"The array `{name}` holds {_REFUSED.get(kind, _UNKNOWN)}.")


_UNKNOWN = "numbers of an unknown type; save it with .astype(float)"
_REFUSED = {
    "O": "Python objects, which are never opened; save it as numbers or text, with .astype(float) or .astype(str)",
    "c": "complex numbers; save the real and the imaginary parts as coordinates of their own",
    "V": "raw bytes, as bfloat16 is saved; convert it to float32 first",
    "M": "dates; save it with .astype(float)",
    "m": "durations; save it with .astype(float)",
    "f": "floats of an unusual size; save it with .astype(float)",
    "g": "floats of an unusual size; save it with .astype(float)",
}
