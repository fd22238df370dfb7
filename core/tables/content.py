"""From the bytes of a file to lines of text: what kind of file it is, how it is packed, and how it is encoded."""

import codecs
import hashlib
import io
import re
import zlib
from collections.abc import Iterator
from functools import cached_property

_GZIP = b"\x1f\x8b"
_MARKS = {  # the longer first: UTF-32 begins like UTF-16
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    codecs.BOM_UTF8: "utf-8-sig",
}
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x19\x1b-\x1f]")  # in no text of one byte a letter, but for DOS's last
_NOT_TEXT = "The file is not text that can be read, or it is damaged; save it as CSV UTF-8"
_STARTS = {
    b"\xd0\xcf\x11\xe0": "an Excel workbook",
    b"\x93NUMPY": "a single NumPy array",
    b"PAR1": "a Parquet file",
    b"ARROW1": "an Arrow file",
    b"FEA1": "a Feather file",
    b"\x89HDF": "an HDF5 file",
    b"MATLAB 5": "a MATLAB file",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"GIF8": "an image",
    b"RIFF": "an image or a sound",
    b"II*\0": "an image",
    b"MM\0*": "an image",
    b"%PDF": "a PDF",
    b"SQLite format 3": "a database",
    b"{\\rtf": "a text document",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
}
_MARKUP = {
    re.compile(rb"\s*(<!doctype html|<html)", re.IGNORECASE): "a web page, not the file behind it",
    re.compile(rb"\s*<\?xml", re.IGNORECASE): "an XML document",
    re.compile(rb"\s*(\{\s*\"|\[\s*[\[{])"): "JSON",
    re.compile(rb"\s*(%[^\n]*\n\s*)*@relation", re.IGNORECASE): "an ARFF file",
}
_IN_ARCHIVES = {
    b"xl/workbook": "an Excel workbook",
    b"opendocument.spreadsheet": "a spreadsheet of LibreOffice",
    b"Index/Document.iwa": "a spreadsheet of Numbers",
    b"word/document.xml": "a text document",
    b"/data.pkl": "a file of PyTorch",
    b"model.weights.h5": "a model of Keras",
}
_ENDINGS = {
    "a pickle": ("pkl", "pickle", "joblib"),
    "a file of PyTorch": ("pt", "pth", "ckpt"),
    "a Safetensors file": ("safetensors",),
    "an HDF5 file": ("h5", "hdf5", "keras"),
    "a MATLAB file": ("mat",),
    "an Excel workbook": ("xls", "xlsx", "xlsm"),
    "a spreadsheet of LibreOffice": ("ods",),
    "a Parquet file": ("parquet",),
    "an Arrow file": ("arrow", "feather"),
    "a file of R": ("rds", "rdata", "rda"),
    "a single NumPy array": ("npy",),
    "an image": ("png", "jpg", "jpeg", "gif", "webp", "bmp", "tif", "tiff", "svg"),
    "a PDF": ("pdf",),
    "a notebook": ("ipynb",),
    "a program": ("py",),
    "a text document": ("doc", "docx"),
}


class Content(bytes):
    """The bytes of a file, with a fingerprint for cache keys."""

    @cached_property
    def digest(self) -> str:
        """Fingerprint."""
        return hashlib.sha256(self).hexdigest()


def foreign_kind(content: bytes, filename: str) -> str:
    """What a file is, in words that follow "The file is", where it is known not to be a table of text.

    Parameters
    ----------
    content : bytes
        The file; only its ends are looked at.
    filename : str
        Its name.

    Returns
    -------
    str
        Such as "an Excel workbook"; empty for what may be a table. A zip archive of something else is "a zip archive".
    """
    ending = filename.rsplit(".", 1)[-1].lower() if "." in filename else ""
    found = next((kind for kind, endings in _ENDINGS.items() if ending in endings), "")
    if content.startswith(b"PK"):
        ends = content[:4096] + content[-65536:]
        return next((kind for part, kind in _IN_ARCHIVES.items() if part in ends), found or "a zip archive")
    found = next((kind for start, kind in _STARTS.items() if content.startswith(start)), found)
    if not found and re.match(rb"\x80[\x02-\x05][\x00-\xff]", content) and content.rstrip(b"\0").endswith(b"."):
        return "a pickle"
    if not found and content[4:9] == b"\0\0\0\0{":
        return "a Safetensors file"
    return found or next((kind for pattern, kind in _MARKUP.items() if pattern.match(content[:4096])), "")


def unpacked(content: bytes, limit: int) -> bytes:
    """The content of a `.gz` file; that of any other file as it is.

    Parameters
    ----------
    content : bytes
        The file.
    limit : int
        Bytes that may come out.

    Raises
    ------
    ValueError
        With one sentence, for a damaged archive and one with more inside.
    """
    if not content.startswith(_GZIP):
        return content
    parts, left, size = [], content, 0
    while left.startswith(_GZIP):  # archives may be put one after the other
        stream = zlib.decompressobj(31)
        try:
            parts.append(stream.decompress(left, limit + 1 - size))
        except zlib.error as error:
            raise ValueError("The gzip archive is damaged; upload the file unpacked.") from error
        size += len(parts[-1])
        if size > limit:
            raise ValueError(f"The file unpacks to more than {limit:,} bytes; keep a sample of the rows.")
        if not stream.eof:
            raise ValueError("The gzip archive is incomplete; upload the file unpacked.")
        left = stream.unused_data
    return b"".join(parts)


def as_text(content: bytes) -> tuple[io.BytesIO, io.TextIOWrapper, str]:
    """The file as a stream of bytes, the text in it with any line ends, and a note where its encoding was guessed.

    Raises
    ------
    ValueError
        With one sentence, where it is no text.
    """
    encoding = next((name for mark, name in _MARKS.items() if content.startswith(mark)), "") or _guessed(content)
    try:
        for part in codecs.iterdecode(_parts(content), encoding):
            del part
    except UnicodeError as error:
        raise ValueError(f"{_NOT_TEXT}.") from error
    note = "read as Windows-1252; if letters are wrong, save the file as CSV UTF-8" if encoding == "cp1252" else ""
    source = io.BytesIO(content)
    return source, io.TextIOWrapper(source, encoding=encoding, newline=""), note


def _parts(content: bytes) -> Iterator[bytes]:
    yield from (content[start : start + 2**16] for start in range(0, len(content), 2**16))


def _guessed(content: bytes) -> str:
    """Encoding of a text without a mark: UTF-8; UTF-16 where every other byte is 0; otherwise Windows-1252."""
    start = content[:4096]
    if len(start) > 3 and start.count(0) > len(start) // 3:
        if start[1::2].count(0) > 0.9 * len(start[1::2]):
            return "utf-16-le"
        if start[::2].count(0) > 0.9 * len(start[::2]):
            return "utf-16-be"
    try:
        for part in codecs.iterdecode(_parts(content), "utf-8"):
            del part
    except UnicodeDecodeError:
        if _CONTROLS.search(content):
            raise ValueError(f"{_NOT_TEXT}.") from None
        return "cp1252"
    return "utf-8"
