"""Files that no honest program writes, for tests of whatever reads uploads: the same ones for the same seed."""

import io
import pickle
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator

import numpy as np

SAMPLES, COORDINATES, CLASSES = 12, 3, 3
STORED, DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED

# fields of an entry of a zip archive's central directory: offset and format
VERSION, FLAGS, METHOD, CHECKSUM = (6, "<H"), (8, "<H"), (10, "<H"), (16, "<I")
PACKED, UNPACKED, NAME, EXTRA, PLACE = (20, "<I"), (24, "<I"), (28, "<H"), (30, "<H"), (42, "<I")
# fields of its end record
COUNT, DIRECTORY, START, COMMENT = (10, "<H"), (12, "<I"), (16, "<I"), (20, "<H")


def malformed_uploads(seed: int) -> Iterator[tuple[str, bytes]]:
    """Pairs of a file name, ending in .npz or .csv, and its bytes; a few of the files are valid by chance."""
    archives = (truncated, flipped, flipped_headers, headers, random_values, types, shapes, labels, directories, bombs)
    for kind, makers in {
        "npz": (*archives, garbage),
        "csv": (truncated_tables, flipped_tables, tables, garbage),
    }.items():
        for maker in makers:
            yield from ((f"{name}.{kind}", content) for name, content in maker(np.random.default_rng(seed)))


def good_arrays(rng: np.random.Generator) -> dict[str, np.ndarray]:
    return {
        "features": rng.standard_normal((SAMPLES, COORDINATES)),
        "labels": np.arange(SAMPLES) % CLASSES,
        "weights": rng.standard_normal((CLASSES, COORDINATES)),
        "bias": rng.standard_normal(CLASSES),
    }


def good_table(rng: np.random.Generator) -> bytes:
    rows = [["u", "v", "w", "label"]]
    rows += [[*(repr(float(x)) for x in rng.standard_normal(3)), "abc"[i % CLASSES]] for i in range(SAMPLES)]
    return "\n".join(map(",".join, rows)).encode()


def npy(values: np.ndarray, version: tuple[int, int] | None = None) -> bytes:
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # versions 2 and 3 are not for old programs
        np.lib.format.write_array(file, values, version=version)
    return file.getvalue()


def raw_npy(header: str | bytes, data: bytes = b"", version: int = 1, length: int | None = None) -> bytes:
    """An .npy file with any text for a header."""
    text = header.encode("latin-1") if isinstance(header, str) else header
    size = struct.pack("<H" if version == 1 else "<I", len(text) if length is None else length)
    return b"\x93NUMPY" + bytes([version, 0]) + size + text + data


def zipped(members: list[tuple[str, bytes]], method: int = DEFLATED) -> bytes:
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w") as archive:
        warnings.simplefilter("ignore")  # of twins
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return file.getvalue()


def npz(arrays: dict[str, np.ndarray], method: int = DEFLATED) -> bytes:
    return zipped([(f"{name}.npy", npy(values)) for name, values in arrays.items()], method)


def with_member(content: bytes, rng: np.random.Generator, name: str = "features") -> bytes:
    """A good archive but for the bytes of one array, which comes first."""
    others = [(f"{other}.npy", npy(values)) for other, values in good_arrays(rng).items() if other != name]
    return zipped([(f"{name}.npy", content), *others])


def patched(content: bytes, field: tuple[int, str], value: int, record: bytes = b"PK\x01\x02") -> bytes:
    """The archive with a field of its first directory entry, or of its end record, overwritten."""
    changed = bytearray(content)
    struct.pack_into(field[1], changed, content.index(record) + field[0], value)
    return bytes(changed)


def truncated(rng: np.random.Generator) -> Iterator[tuple[str, bytes]]:
    for method in (STORED, DEFLATED):
        content = npz(good_arrays(rng), method)
        for end in sorted(rng.choice(len(content), 15, replace=False)):
            yield f"cut-{method}-{end}", content[:end]
            yield f"beheaded-{method}-{end}", content[end:]


def flipped(rng: np.random.Generator) -> Iterator[tuple[str, bytes]]:
    for method in (STORED, DEFLATED):
        content = npz(good_arrays(rng), method)
        for i in range(40):
            yield f"flip-{method}-{i}", _flipped(content, rng, 1 + i % 3)


def flipped_headers(rng: np.random.Generator) -> Iterator[tuple[str, bytes]]:
    """Wrong headers with right checksums."""
    for name, values in good_arrays(rng).items():
        content = npy(values)
        for i in range(40):
            member = _flipped(content[:80], rng, 1 + i % 3) + content[80:]
            yield f"flip-{name}-{i}", with_member(member, rng, name)


def _flipped(content: bytes, rng: np.random.Generator, count: int) -> bytes:
    changed = bytearray(content)
    for place in rng.integers(0, len(content), count):
        changed[place] ^= 1 << int(rng.integers(8))
    return bytes(changed)


def headers(rng: np.random.Generator) -> Iterator[tuple[str, bytes]]:
    good, data = "{'descr': '<f8', 'fortran_order': False, 'shape': (12, 3), }\n", rng.bytes(288)
    texts = {
        "empty": "",
        "blank": " " * 100,
        "brackets": "(" * 5000,
        "nested": "[" * 4000 + "]" * 4000,
        "minus": "{'descr': '<f8', 'fortran_order': False, 'shape': (" + "-" * 5000 + "1,)}",
        "call": "{'descr': __import__('os').getcwd(), 'fortran_order': False, 'shape': (12, 3)}",
        "list shape": good.replace("(12, 3)", "[12, 3]"),
        "negative": good.replace("12", "-12"),
        "float shape": good.replace("12", "12.0"),
        "text shape": good.replace("(12, 3)", "'(12, 3)'"),
        "power": good.replace("12", "9**9**9"),
        "digits": good.replace("12", "1" * 5000),
        "huge": good.replace("12", "1" * 15),
        "overflow": good.replace("(12, 3)", f"({2**32}, {2**32})"),
        "no shape": good.replace("'shape': (12, 3), ", ""),
        "twins": good.replace("'fortran_order': False", "'descr': '<f8'"),
        "fourth": good.replace("}", "'more': True}"),
        "order 1": good.replace("False", "1"),
        "order text": good.replace("False", "'False'"),
        "no type": good.replace("'<f8'", "None"),
        "type tuple": good.replace("'<f8'", "('<f8', (3,))"),
        "type 'x'": good.replace("<f8", "<x8"),
        "type f0": good.replace("<f8", "<f0"),
        "type f": good.replace("<f8", "f"),
        "type many": good.replace("<f8", "f8,f8"),
        "type name": good.replace("<f8", "float64"),
        "type long": good.replace("<f8", "f" * 5000),
        "type U0": good.replace("<f8", "<U0"),
        "type U9": good.replace("<f8", f"<U{10**9 - 1}"),
        "quote": good.replace("<f8'", "<f8"),
        "commas": good.replace("(12, 3)", "(" + "," * 5000 + ")"),
        "spaces": good.replace("(12, 3)", "(12, 3" + " " * 9000 + ")"),
        "NUL": good.replace("12", "1\0002"),
        "unicode": good.replace("12", "¹²"),
        "pickle": pickle.dumps({"descr": "<f8"}).decode("latin-1"),
    }
    for name, text in texts.items():
        yield f"header-{name}", with_member(raw_npy(text, data), rng)
    for version in (0, 2, 3, 4, 255):
        yield f"version-{version}", with_member(raw_npy(good, data, version), rng)
    for length in (0, 1, len(good) - 1, len(good) + 1, 10_001, 2**31 - 1, 2**32 - 1):
        yield f"length-{length}", with_member(raw_npy(good, data, 2, length), rng)
    yield "header-megabyte", with_member(raw_npy(good.ljust(10**6), data, 2), rng)
    yield "no-magic", with_member(b"NUMPY" + raw_npy(good, data), rng)
    yield "no-member", with_member(b"", rng)
    for size in (0, 1, 287, 289, 10**6):
        yield f"data-{size}", with_member(raw_npy(good, bytes(size)), rng)


def random_values(rng: np.random.Generator) -> Iterator[tuple[str, bytes]]:
    """Arrays of random bytes: NaN, infinity, huge numbers, no booleans, no characters."""
    for dtype in ("<f2", "<f4", "<f8", ">f8", "<i4", ">i8", "<u8", "|b1", "|i1", "<U2", "|S3"):
        for name, shape in (("features", (12, 3)), ("labels", (12,)), ("weights", (3, 3)), ("bias", (3,))):
            text = f"{{'descr': '{dtype}', 'fortran_order': True, 'shape': {shape}, }}"
            data = rng.bytes(np.dtype(dtype).itemsize * int(np.prod(shape)))
            yield f"random-{name}-{dtype[1:]}{'big' * (dtype[0] == '>')}", with_member(raw_npy(text, data), rng, name)


def types(rng: np.random.Generator) -> Iterator[tuple[str, bytes]]:
    good = good_arrays(rng)
    dtypes = ("complex64", "complex128", "longdouble", "object", "M8[s]", "m8[ns]", "V2", "U4", "S4")
    for name, values in good.items():
        for dtype in dtypes:
            # longdouble has bytes that nobody sets
            changed = (
                np.zeros(values.shape, dtype) if dtype in ("longdouble", "V2") else values.astype(int).astype(dtype)
            )
            yield f"type-{name}-{dtype}", npz(good | {name: changed})
        fields = np.zeros(values.shape, dtype=[("x", "<f8"), ("größe", "<i4")])
        yield f"type-{name}-fields", npz(good | {name: fields})
    many = np.zeros((12, 3), dtype=[(f"field {i}", "<f8") for i in range(3000)])
    yield "type-many-fields", npz(good | {"features": many})


def shapes(rng: np.random.Generator) -> Iterator[tuple[str, bytes]]:
    good = good_arrays(rng)
    wrong = {
        "features": [(), (12,), (3, 12), (12, 3, 1), (0, 3), (12, 0), (1,) * 32, (1, 3), (100_001, 1), (2, 4097)],
        "labels": [(), (0,), (11,), (13,), (12, 3), (1, 12), (12, 1, 1), (3,), (12, 0)],
        "weights": [(), (9,), (2, 3), (4, 3), (3, 4), (3, 3, 1), (0, 3)],
        "bias": [(), (2,), (4,), (3, 1), (1, 3), (0,)],
    }
    for name, forms in wrong.items():
        for shape in forms:
            yield f"shape-{name}-{'x'.join(map(str, shape))[:20]}", npz(good | {name: np.ones(shape)})
    for name in good:
        yield f"without-{name}", npz({other: values for other, values in good.items() if other != name})
    yield "transposed-features", npz({"features": good["features"].T, "labels": good["labels"]})
    yield "only-bias", npz({name: good[name] for name in ("features", "labels", "bias")})
    for name in ("features", "weights"):
        yield f"zero-{name}", npz(good | {name: np.zeros(good[name].shape)})
        for value in (np.nan, np.inf, -np.inf, 1e31, -1e300):
            yield f"{name}-{value}", npz(good | {name: np.where(rng.random(good[name].shape) < 0.3, value, 1.0)})
    yield "tiny-features", npz(good | {"features": 1e-40 * good["features"]})
    yield "offset-features", npz(good | {"features": 1e20 + good["features"]})


def labels(rng: np.random.Generator) -> Iterator[tuple[str, bytes]]:
    wrong = {
        "halves": np.arange(12) / 2,
        "nan": np.where(np.arange(12) == 7, np.nan, 1.0),
        "inf": np.where(np.arange(12) == 7, np.inf, 1.0),
        "huge": np.where(np.arange(12) == 7, 1e300, 1e308),
        "one class": np.ones(12, int),
        "empty": np.array(["", "a"] * 6),
        "blank": np.array(["  ", "a"] * 6),
        "long": np.array(["a" * 101, "b"] * 6),
        "alike": np.array(["a" * 40 + "b", "a" * 40 + "c"] * 6),
        "alike unseen": np.array(["a\u202e", "a\u200b"] * 6),
        "surrogates": np.array(["\ud800", "\udfff"] * 6),
        "decimals": np.array(["0.5", "1"] * 6),
        "nan text": np.array(["nan", "1"] * 6),
        "big text": np.array(["1e300", "1e301"] * 6),
        "markup": np.array(["<script>", "[a](b)"] * 6),
    }
    for name, values in wrong.items():
        arrays = {"features": rng.standard_normal((12, 3)), "labels": values}
        yield f"labels-{name}", npz(arrays)
    many = np.arange(201)
    yield "labels-201", npz({"features": rng.standard_normal((201, 1)), "labels": many})
    yield "labels-201-texts", npz({"features": rng.standard_normal((201, 1)), "labels": many.astype(str)})


def directories(rng: np.random.Generator) -> Iterator[tuple[str, bytes]]:
    """Archives that lie about what they hold."""
    content = npz(good_arrays(rng))
    values = (0, 1, 7, 300, 2**15, 2**16 - 1, 2**31, 2**32 - 1)
    entry = {"version": VERSION, "flags": FLAGS, "method": METHOD, "checksum": CHECKSUM, "packed": PACKED}
    entry |= {"unpacked": UNPACKED, "name": NAME, "extra": EXTRA, "place": PLACE}
    for name, field in entry.items():
        for value in {value & (2 ** (8 * struct.calcsize(field[1])) - 1) for value in values}:
            yield f"entry-{name}-{value}", patched(content, field, value)
    for name, field in {"count": COUNT, "directory": DIRECTORY, "start": START, "comment": COMMENT}.items():
        for value in {value & (2 ** (8 * struct.calcsize(field[1])) - 1) for value in values}:
            yield f"end-{name}-{value}", patched(content, field, value, b"PK\x05\x06")
    for method in (9, 12, 14, 93, 99):
        yield f"method-{method}", patched(content, METHOD, method)
    for flags in (1, 32, 64, 65, 8192):
        yield f"flags-{flags}", patched(content, FLAGS, flags)
    yield from _memberships(rng)


def _memberships(rng: np.random.Generator) -> Iterator[tuple[str, bytes]]:
    arrays = good_arrays(rng)
    content = npz(arrays)
    members = [(f"{name}.npy", npy(values)) for name, values in arrays.items()]
    yield "zip-empty", zipped([])
    yield "zip-nested", with_member(content, rng)
    yield "zip-in-zip", zipped([("features.npz", content)])
    yield "zip-folder", zipped([(f"data/{name}", member) for name, member in members])
    yield "zip-twins", zipped([*members, members[0]])
    yield "zip-NUL-twins", zipped([*members, members[1]]).replace(b"labels.npy", b"labels.npy", 1)
    yield "zip-17", zipped([*members, *((f"a{i}.npy", b"") for i in range(13))])
    yield "zip-2000", zipped([(f"a{i}.npy", b"") for i in range(2000)])
    yield "zip-names", zipped([("\n# “" + "x" * 60_000, b""), ("\u202e", b"")])
    yield "zip-path", zipped([("../../features.npy", members[0][1]), *members[1:]])
    yield "zip-swapped", content.replace(b"features.npy", b"featurez.npy", 1)
    yield "zip-twice", content + content
    yield "zip-bzip2", zipped(members, zipfile.ZIP_BZIP2)
    yield "zip-lzma", zipped(members, zipfile.ZIP_LZMA)
    yield "zip-pickle", zipped([("archive/data.pkl", pickle.dumps([1]))])
    yield "zip-pickle-inside", with_member(pickle.dumps(arrays["features"]), rng)


def bombs(rng: np.random.Generator) -> Iterator[tuple[str, bytes]]:
    """Few bytes that unpack to many: by what the header says, by what the directory says, and by both or neither."""
    for name, shape in {"small": (12, 3), "allowed": (10_000, 1000), "large": (100_000, 1000)}.items():
        header = raw_npy(f"{{'descr': '<f8', 'fortran_order': True, 'shape': {shape}, }}\n")
        honest = len(header) + 8 * shape[0] * shape[1]
        for declared in {honest, 4_000_000_000, len(header) + 288}:
            yield f"bomb-{name}-{declared}", _bomb(header, 1000, declared, shape[0])
        yield f"bomb-{name}-missing", _bomb(header, 0, honest, shape[0])
    yield "bomb-labels", npz({"features": np.ones((10, 2)), "labels": np.zeros(10**7, "<i8")})
    yield "bomb-text", npz({"features": np.ones((10, 2)), "labels": np.zeros(10, "<U1000000")})


def _bomb(header: bytes, megabytes: int, declared: int, samples: int) -> bytes:
    """Features that unpack to the header and so many megabytes of zeros, and claim to be `declared` bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    stream = packer.compress(header) + packer.flush(zlib.Z_FULL_FLUSH) + zeros_deflated(megabytes)
    checksum = 0 if megabytes else zlib.crc32(header)
    content = npy(np.arange(samples, dtype=np.int8) % CLASSES)
    labels = ("labels.npy", content, STORED, len(content), zlib.crc32(content))
    return _directly_zipped([("features.npy", stream, DEFLATED, declared, checksum), labels])


def _directly_zipped(members: list[tuple[str, bytes, int, int, int]]) -> bytes:
    """An archive of streams as they are: name, stream, method, size unpacked and checksum of each."""
    body, directory = b"", b""
    for name, stream, method, size, checksum in members:
        common = struct.pack("<4H3I2H", 0, method, 0, 33, checksum, len(stream), size, len(name), 0)
        entry = struct.pack("<4s2H", b"PK\x01\x02", 20, 20) + common + struct.pack("<3H2I", 0, 0, 0, 0, len(body))
        directory += entry + name.encode()
        body += struct.pack("<4sH", b"PK\x03\x04", 20) + common + name.encode() + stream
    count = len(members)
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, len(directory), len(body), 0)
    return body + directory + end


def zeros_deflated(megabytes: int) -> bytes:
    """A raw deflate stream of zeros, a thousandth as long: one flushed block again and again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return block * megabytes + zlib.compressobj(9, zlib.DEFLATED, -15).flush()


def truncated_tables(rng: np.random.Generator) -> Iterator[tuple[str, bytes]]:
    content = good_table(rng)
    for end in sorted(rng.choice(len(content), 20, replace=False)):
        yield f"cut-{end}", content[:end]
        yield f"beheaded-{end}", content[end:]


def flipped_tables(rng: np.random.Generator) -> Iterator[tuple[str, bytes]]:
    content = good_table(rng)
    for i in range(40):
        yield f"flip-{i}", _flipped(content, rng, 1 + i % 3)


def tables(rng: np.random.Generator) -> Iterator[tuple[str, bytes]]:
    good = good_table(rng).decode()
    header, *lines = good.split("\n")
    texts = {
        "names only": header,
        "one column": "1\n2\n3",
        "text": "a,b\nc,d",
        "sentence": "The quick brown fox.",
        "spaces": "1 2 a\n3 4 b",
        "decimal comma": "1,5;2,5;a\n3,5;4,5;b",
        "short row": good + "\n1,2",
        "long row": good + "\n1,2,3,4,a",
        "empty cell": good + "\n1,,3,a",
        "word": good + "\n1,two,3,a",
        "nan": good + "\n1,nan,3,a",
        "infinite": good + "\n1,2,-Infinity,a",
        "large": good + "\n1,2,1e31,a",
        "beyond floats": good + "\n1,2,1e999,a",
        "no label": good + "\n1,2,3,",
        "one class": "1,2,a\n3,4,a",
        "fractions": "1,2,0.5\n3,4,1",
        "nan label": "1,2,nan\n3,4,1",
        "many classes": "\n".join(f"{i},x{i}" for i in range(201)),
        "long label": good + "\n1,2,3," + "a" * 101,
        "long name": "n" * 1000 + ",v,label\nx,1,2",
        "long cell": "u,v,label\n1," + "z" * 200_000 + ",a",
        "quoted giant": 'u,v,label\n1,"' + "1" * 200_000 + '",a',
        "open quote": 'u,v,label\n1,"2,a\n3,4,b\n',
        "quote inside": 'u,v,label\n1,"2"3,a\n',
        "quoted lines": 'u,v,label\n1,"\n' + "2\n" * 1000 + '",a',
        "one line": "1," * 200_000,
        "wide": ",".join(["1"] * 4098) + "\n" + ",".join(["2"] * 4098),
        "tall": "1,a\n2,b\n" * 50_001,
        "blank lines": "\n" * 200_001,
        "commas": ",,,\n" * 100,
        "index": "\n".join([",u,label", *(f"{i},{i * i},{i % 2}" for i in range(5))]),
        "constant": "1,2,a\n1,2,b",
        "controls": "u\x1b[31m,\x07,label\nx\x00\x08,\u202e,a",
        "NUL": "1,2,a\n\0,4,b",
        "formula": '=cmd|"/c calc"!A1,1,a',
        "markup": "u,<script>,label\n1,![a](http://b),c",
        "json": '{"features": [[1, 2], [3, 4]], "labels": [0, 1]}',
        "html": "<!DOCTYPE html>\n<html><body>404</body></html>",
        "returns": header + "\r" + "\r".join(lines) + "\r1,2",
        "old pickle": pickle.dumps([1.0, 2.0], protocol=0).decode(),
        "far digits": "1,2,٣\n1,x,٤",
        "surrogate pair": "😀,1\n😁,2",
    }
    yield from ((f"table-{name}", text.encode()) for name, text in texts.items())
    for encoding in ("latin-1", "utf-16", "utf-32", "cp037"):
        yield f"table-{encoding}", f"größe,v,label\n{lines[0]}".encode(encoding)
    for i in range(20):
        pieces = rng.choice(list("0123456789.,,,;\t\n\n-e+ab\"'\r "), 300)
        yield f"table-noise-{i}", "".join(pieces).encode()


def garbage(rng: np.random.Generator) -> Iterator[tuple[str, bytes]]:
    starts = {
        "": b"",
        "zip": b"PK\x03\x04",
        "end": b"PK\x05\x06" + bytes(18),
        "npy": npy(np.ones(3)),
        "pickle": pickle.dumps(good_arrays(rng)),
        "hdf": b"\x89HDF\r\n\x1a\n",
        "gzip": b"\x1f\x8b\x08",
        "png": b"\x89PNG\r\n\x1a\n",
        "BOM": b"\xef\xbb\xbf",
    }
    yield "nothing", b""
    yield "NULs", bytes(10_000)
    for name, start in starts.items():
        for size in (0, 1, 100, 10_000):
            if start or size:
                yield f"garbage-{name}-{size}", start + rng.bytes(size)
