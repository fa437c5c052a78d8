"""What hostile, broken and unlucky files look like: mutations of good ones, each drawn from one source of chance."""

import io
import re
import struct
import warnings
import zipfile
from collections.abc import Callable, Sequence
from random import Random

Bytes = Callable[[Random, bytes], bytes]

NASTY = (
    *("", " ", "0", "-1", "1e999", "-1e-999", "NaN", "inf", "99999999999999999999", "1048577", "16385", "4294967296", "2147483648", "1.5"),
    *(
        "XFD1048576",
        "A0",
        "A-1",
        "AAAAAAA1",
        "A99999999999",
        "$A$1",
        "1A",
        "A1:XFD1048576",
        "true",
        "x" * 70_000,
        "\u202e\u200f",
        "å" * 300,
    ),
    *("../../x", "/etc/hosts", "file:///dev/zero", "&#0;", "&#x1b;[2J", "&lol;", "&amp;" * 5000, "=1+1", "<![CDATA[x]]>", "&#xD800;"),
    *("2024-02-30", "9999999", "-400000", "2958466", "e", "d", "s", "str", "inlineStr", "b", "n"),
)
_ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY lol "&b;&b;&b;&b;&b;&b;">]>'
_EXTERNAL = b'<!DOCTYPE x [<!ENTITY lol SYSTEM "file:///etc/hostname">]>'
_MANY = (3, 100, 5000, 20_000)
_MOST = 4 << 20  # bytes that one repetition adds


def mutated(chance: Random, name: str, data: bytes) -> tuple[str, bytes]:
    """The file spoiled in one to three ways; how, and its new bytes."""
    told = []
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        kinds = kinds_for(name, data)
        kind = chance.choice(kinds)
        data = kind(chance, data)
        told.append(kind.__name__)
    return "+".join(told), data


def kinds_for(name: str, data: bytes) -> Sequence[Bytes]:
    """The mutations that make sense for a file."""
    if zipfile.is_zipfile(io.BytesIO(data)):
        return (*RAW, *(PACKED * 2), *(XML * 3))
    if name.endswith(".csv"):
        return (*RAW, *(LINES * 2))
    if name.endswith(".yaml"):
        return (*RAW, *(YAML * 3))
    return (*RAW, *(RECORDS * 3))


def _place(chance: Random, data: bytes, length: int = 0) -> int:
    return chance.randrange(max(len(data) - length, 1))


def _span(chance: Random, data: bytes, longest: int = 2000) -> tuple[int, int]:
    start = _place(chance, data)
    return start, start + chance.randrange(1, longest)


# --- bytes of any file


def flipped(chance: Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 3, 20, 300)) if data else 0):
        changed[_place(chance, data)] ^= 1 << chance.randrange(8)
    return bytes(changed)


def truncated(chance: Random, data: bytes) -> bytes:
    return data[: _place(chance, data)]


def cut_out(chance: Random, data: bytes) -> bytes:
    start, end = _span(chance, data)
    return data[:start] + data[end:]


def doubled(chance: Random, data: bytes) -> bytes:
    start, end = _span(chance, data)
    return data[:end] + data[start:end] * chance.choice((1, 1, 50)) + data[end:]


def zeroed(chance: Random, data: bytes) -> bytes:
    start, end = _span(chance, data)
    return data[:start] + bytes(len(data[start:end])) + data[end:]


def noise_added(chance: Random, data: bytes) -> bytes:
    start = _place(chance, data)
    return data[:start] + chance.randbytes(chance.choice((1, 16, 4000))) + data[start:]


def numbers_changed(chance: Random, data: bytes) -> bytes:
    """Four bytes become a number at the edge of what a reader expects."""
    start = _place(chance, data, 4)
    edge = struct.pack("<I", chance.choice((0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFF, 0x10000, len(data))))
    return data[:start] + edge + data[start + 4 :]


RAW: tuple[Bytes, ...] = (flipped, truncated, cut_out, doubled, zeroed, noise_added, numbers_changed)


# --- packages


def _parts(data: bytes) -> list[tuple[str, bytes]]:
    """A package's parts; of one that is already broken, those that can be read."""
    found = []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            for part in package.infolist():
                try:
                    found.append((part.filename, package.read(part)))
                except Exception:  # noqa: BLE001, S112  # an earlier mutation broke it in whatever way
                    continue
    except Exception:  # noqa: BLE001, S110  # the same: nothing can be read of it
        pass
    return found


def _packed(parts: Sequence[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as package:
        for name, content in parts:
            part = zipfile.ZipInfo(name)
            part.compress_type = method
            with warnings.catch_warnings(action="ignore"):  # a name may stand twice
                package.writestr(part, content)
    return data.getvalue()


def _on_parts(change: Callable[[Random, list[tuple[str, bytes]]], None]) -> Bytes:
    def mutation(chance: Random, data: bytes) -> bytes:
        parts = _parts(data)
        if not parts:
            return data
        change(chance, parts)
        return _packed(parts)

    mutation.__name__ = change.__name__
    return mutation


@_on_parts
def part_removed(chance: Random, parts: list[tuple[str, bytes]]) -> None:
    parts.pop(chance.randrange(len(parts)))


@_on_parts
def parts_swapped(chance: Random, parts: list[tuple[str, bytes]]) -> None:
    one, other = chance.randrange(len(parts)), chance.randrange(len(parts))
    (name, content), (second, more) = parts[one], parts[other]
    parts[one], parts[other] = (name, more), (second, content)


@_on_parts
def part_renamed(chance: Random, parts: list[tuple[str, bytes]]) -> None:
    number = chance.randrange(len(parts))
    name, content = parts[number]
    other = (name.upper(), name.replace("/", "\\"), "../../" + name, "/" + name, name + "\0x", "å" * 90, name * 300)
    parts[number] = (chance.choice(other)[:60_000], content)


@_on_parts
def part_emptied(chance: Random, parts: list[tuple[str, bytes]]) -> None:
    number = chance.randrange(len(parts))
    parts[number] = (parts[number][0], b"")


@_on_parts
def part_bombed(chance: Random, parts: list[tuple[str, bytes]]) -> None:
    """A part that is small when packed and huge when not."""
    number = chance.randrange(len(parts))
    name, content = parts[number]
    middle = content.rfind(b"</")
    filling = chance.choice((b" ", b"<row/>", b"<c/>", b"<x></x>", b"<!---->", b"&#32;", b"<a>"))
    size = chance.choice((1 << 20, 20 << 20, 150 << 20, 400 << 20))
    parts[number] = (name, content[:middle] + filling * (size // len(filling)) + content[middle:])


@_on_parts
def part_spoiled(chance: Random, parts: list[tuple[str, bytes]]) -> None:
    """Bytes of what is unpacked, so that the package's own sums still hold."""
    number = chance.randrange(len(parts))
    name, content = parts[number]
    parts[number] = (name, chance.choice(RAW)(chance, content) if content else b"\0")


def part_twice(chance: Random, data: bytes) -> bytes:
    """Two entries of one name, which readers take differently."""
    parts = _parts(data)
    name, content = chance.choice(parts or [("x", b"")])
    packed = bytearray(_packed([*parts, (name[:-1] + "\x01" if name else "y", content[: len(content) // 2])]))
    return bytes(packed.replace((name[:-1] + "\x01").encode(), name.encode()))


def directory_lies(chance: Random, data: bytes) -> bytes:
    """Flags, methods, sizes and places in a package's directory that are not true."""
    entries = [found.start() for found in re.finditer(b"PK\x01\x02", data)]
    if not entries:
        return data
    field, form, values = chance.choice(
        (
            (8, "<H", (1, 0x41, 0x2000, 0x800)),
            (10, "<H", (0, 9, 12, 14, 93, 99)),
            (20, "<I", (0, 1, 0x7FFFFFFF, 0xFFFFFFFF)),
            (24, "<I", (0, 1, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF)),
            (28, "<H", (0, 1, 0xFFFF)),
            (42, "<I", (0, 1, 0x7FFFFFFF, 0xFFFFFFFF)),
        )
    )
    start = chance.choice(entries) + field
    new = struct.pack(form, chance.choice(values))
    return data[:start] + new + data[start + len(new) :]


def packed_otherwise(chance: Random, data: bytes) -> bytes:
    parts = _parts(data)
    return _packed(parts, chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))) if parts else data


PACKED: tuple[Bytes, ...] = (
    *(part_removed, parts_swapped, part_renamed, part_emptied, part_bombed, part_spoiled, part_twice, directory_lies, packed_otherwise),
)


# --- XML in packages

_TAG = re.compile(rb"<[^<>!?/][^<>]*>")
_ATTRIBUTE = re.compile(rb'="([^"<]*)"')
_ELEMENT = re.compile(rb"<([\w:-]+)(?=[\s>])[^<>]*[^/<>]?>[^<>]*</\1>|<[\w:-]+[^<>]*/>")
_BEARING = re.compile(
    r"xl/(workbook|styles|sharedStrings|worksheets/.*|comments.*|_rels/.*)|content\.xml|styles\.xml|\[Content.*|META-INF/.*"
)


def _on_xml(change: Bytes) -> Bytes:
    """The change made in one of the parts that a reader reads."""

    def mutation(chance: Random, data: bytes) -> bytes:
        parts = _parts(data)
        bearing = [number for number, (name, content) in enumerate(parts) if content and _BEARING.match(name)]
        if not bearing:
            return data
        number = chance.choice(bearing)
        parts[number] = (parts[number][0], change(chance, parts[number][1]))
        return _packed(parts)

    mutation.__name__ = change.__name__
    return mutation


def _replaced(data: bytes, found: re.Match[bytes], new: bytes, group: int = 0) -> bytes:
    return data[: found.start(group)] + new + data[found.end(group) :]


def _any(chance: Random, pattern: re.Pattern[bytes], data: bytes) -> re.Match[bytes] | None:
    """A match after a chosen place, or the first."""
    return pattern.search(data, _place(chance, data)) or pattern.search(data)


@_on_xml
def attribute_nasty(chance: Random, data: bytes) -> bytes:
    for _ in range(chance.choice((1, 1, 4))):
        if found := _any(chance, _ATTRIBUTE, data):
            data = _replaced(data, found, chance.choice(NASTY).encode(), 1)
    return data


@_on_xml
def text_nasty(chance: Random, data: bytes) -> bytes:
    found = _any(chance, re.compile(rb">([^<>]+)<"), data)
    return _replaced(data, found, chance.choice(NASTY).encode(), 1) if found else data


@_on_xml
def attribute_gone(chance: Random, data: bytes) -> bytes:
    found = _any(chance, re.compile(rb'\s[\w:]+="[^"<]*"'), data)
    return _replaced(data, found, b"") if found else data


@_on_xml
def element_gone(chance: Random, data: bytes) -> bytes:
    found = _any(chance, _ELEMENT, data)
    return _replaced(data, found, b"") if found else data


@_on_xml
def element_many(chance: Random, data: bytes) -> bytes:
    found = _any(chance, _ELEMENT, data)
    if not found:
        return data
    return _replaced(data, found, found.group() * min(chance.choice(_MANY), _MOST // len(found.group()) + 1))


@_on_xml
def nested_deep(chance: Random, data: bytes) -> bytes:
    found = _any(chance, _TAG, data)
    if not found:
        return data
    name = re.match(rb"<([^\s/>]+)", found.group())
    tag, depth = (name.group(1) if name else b"x"), chance.choice((*_MANY, 200_000))
    return _replaced(data, found, b"<%b>" % tag * depth + (b"</%b>" % tag * depth if chance.random() < 0.7 else b"") + found.group())


@_on_xml
def entities_declared(chance: Random, data: bytes) -> bytes:
    start = data.find(b"?>") + 2 if data.startswith(b"<?xml") else 0
    hostile = data[:start] + chance.choice((_ENTITIES, _EXTERNAL)) + data[start:]
    return _ATTRIBUTE.sub(b'="&lol;"', hostile, count=1) if chance.random() < 0.5 else hostile


@_on_xml
def encoded_otherwise(chance: Random, data: bytes) -> bytes:
    text = re.sub(r"^<\?xml.*?\?>", "", data.decode("utf-8", "replace"))
    declared, real = chance.choice((("utf-16", "utf-16"), ("utf-8", "cp1252"), ("utf-7", "utf-8"), ("bogus", "utf-8"), ("utf-8", "utf-16")))
    return f'<?xml version="1.0" encoding="{declared}"?>{text}'.encode(real, "replace")


@_on_xml
def comments_put_in(chance: Random, data: bytes) -> bytes:
    start = data.find(b"<", _place(chance, data))
    strange = chance.choice((b"<!-- <c r='A1'><f>1</f></c> -->", b"<![CDATA[<c>]]>", b"<?x y?>", b"\0", b"\xff\xfe", b"&", b"<", b"]]>"))
    return data[:start] + strange + data[start:]


@_on_xml
def repeated_without_end(chance: Random, data: bytes) -> bytes:
    """OpenDocument's repeats, or cells and rows far away, by the million."""
    number = chance.choice(("1000", "100000", "1048576", "16384", "999999999", "-5", "99999999999999")).encode()
    what = chance.choice((b"columns", b"rows"))
    if b"<table:table-cell" in data:
        target = b"<table:table-" + (b"cell" if what == b"columns" else b"row")
        places = [found.end() for found in re.finditer(target + rb"(?=[\s>/])", data)]
        start = chance.choice(places)
        return data[:start] + b' table:number-%b-repeated="%b"' % (what, number) + data[start:]
    found = _any(chance, re.compile(rb'<(?:row|c|dimension)\b[^>]*\br(?:ef)?="([A-Z]*)(\d+)"'), data)
    return _replaced(data, found, chance.choice((b"16000", b"99999", b"1000000", b"1048576")), 2) if found else data


@_on_xml
def far_away(chance: Random, data: bytes) -> bytes:
    found = _any(chance, re.compile(rb'<c\b[^>]*\br="([A-Z]+\d+)"'), data)
    return (
        _replaced(data, found, chance.choice((b"XFD1", b"BZ1048576", b"AA900000", b"ZZ9999", b"XFD6000", b"A1048576")), 1)
        if found
        else data
    )


XML: tuple[Bytes, ...] = (
    *(attribute_nasty, attribute_nasty, text_nasty, attribute_gone, element_gone, element_many, nested_deep, entities_declared),
    *(encoded_otherwise, comments_put_in, repeated_without_end, repeated_without_end, far_away),
)


# --- old workbooks, csv and yaml


def record_changed(chance: Random, data: bytes) -> bytes:
    """The head of a record of an .xls, wherever one seems to stand."""
    kinds = (0x0006, 0x00BD, 0x00FC, 0x00FD, 0x0203, 0x0208, 0x0200, 0x0085, 0x003C, 0x0809, 0x041E, 0x00E0)
    places = [at for kind in kinds for at in (data.find(struct.pack("<H", kind), _place(chance, data)),) if at >= 0]
    start = chance.choice(places or [0]) + chance.choice((0, 2, 4, 6, 8))
    return data[:start] + struct.pack("<H", chance.choice((0, 1, 255, 256, 8224, 0x7FFF, 0xFFFF, *kinds))) + data[start + 2 :]


def chain_looped(chance: Random, data: bytes) -> bytes:
    """The head of a compound file, and the table of its chains."""
    start = chance.choice((26, 30, 32, 40, 44, 48, 56, 60, 64, 68, 72, 76, 80, 512, 516, 520, 512 + 4 * chance.randrange(128)))
    return data[:start] + struct.pack("<I", chance.choice((0, 1, 2, 3, 0xFFFFFFFD, 0xFFFFFFFE, 0xFFFFFFFF, 0x7FFFFFFF))) + data[start + 4 :]


RECORDS: tuple[Bytes, ...] = (record_changed, record_changed, chain_looped)


def line_strange(chance: Random, data: bytes) -> bytes:
    lines = data.split(b"\n")
    strange = (
        b"\0",
        b'"',
        b'"a";"b',
        b"\r",
        b";" * 20_000,
        b"x" * 200_000,
        b"\xff\xfe",
        b"\xe5\xe4\xf6",
        b"=1+1",
        b"\x1b[2J",
        b"sep=;",
        b"\xc3\x28",
    )
    lines.insert(chance.randrange(len(lines)), chance.choice(strange))
    return b"\n".join(lines)


def lines_many(chance: Random, data: bytes) -> bytes:
    lines = data.split(b"\n")
    line = chance.choice((b"", b";", chance.choice(lines), b'""'))
    return b"\n".join([*lines, *[line] * min(chance.choice(_MANY), _MOST // (len(line) + 1))])


def mixed_encodings(chance: Random, data: bytes) -> bytes:
    start = _place(chance, data)
    return data[:start] + "Närvaro åäö".encode(chance.choice(("cp1252", "utf-16", "utf-8", "cp437"))) + data[start:]


LINES: tuple[Bytes, ...] = (line_strange, lines_many, mixed_encodings)


def yaml_line_gone(chance: Random, data: bytes) -> bytes:
    lines = data.split(b"\n")
    lines.pop(chance.randrange(len(lines)))
    return b"\n".join(lines)


def yaml_line_twice(chance: Random, data: bytes) -> bytes:
    lines = data.split(b"\n")
    number = chance.randrange(len(lines))
    lines.insert(chance.choice((number, chance.randrange(len(lines)))), lines[number])
    return b"\n".join(lines)


def yaml_value_strange(chance: Random, data: bytes) -> bytes:
    lines = data.split(b"\n")
    number = chance.choice([number for number, line in enumerate(lines) if b":" in line] or [0])
    key = lines[number].split(b":")[0]
    strange = (
        *(
            b"",
            b"null",
            b"~",
            b"-1",
            b"1e99",
            b"99999999999999999999",
            b"2024-02-30",
            b"&a x",
            b"*a",
            b"!!python/object x",
            b"[",
            b"{}",
            b"[]",
        ),
        *(
            b"[" * 5000,
            b"{a: " * 3000,
            b"'",
            b'"\\x00"',
            b'"\\e[2J"',
            b"\t",
            b"yes",
            b"|\n",
            b"<<: x",
            b"? x",
            b"'{placement_id!r}'",
            b'"{0.__class__}"',
        ),
        *(
            b"not (" * 3000,
            b"a and " * 5000 + b"a",
            b"1 < 2 < 3",
            b"date > '9999-99-99'",
            b"(" * 2000 + b"1" + b")" * 2000,
            b"start + 99999999999",
        ),
        *(
            b"placement_id in (" + b"'x'," * 3000 + b"'y')",
            b"-" * 4000 + b"1",
            b"hours / 0 > 1",
            b"\xff",
            b"\xe2\x80\xae",
            b"{sv: x}",
            b"x" * 200_000,
        ),
    )
    lines[number] = key + b": " + chance.choice(strange)
    return b"\n".join(lines)


def yaml_word_changed(chance: Random, data: bytes) -> bytes:
    words = list(re.finditer(rb"[\w.-]+", data))
    if len(words) < 2:
        return data
    one, other = chance.choice(words), chance.choice(words)
    return _replaced(data, one, other.group())


def yaml_indented(chance: Random, data: bytes) -> bytes:
    lines = data.split(b"\n")
    number = chance.randrange(len(lines))
    lines[number] = chance.choice((b" ", b"  ", b"\t", b"- ", b"# ")) + lines[number]
    return b"\n".join(lines)


YAML: tuple[Bytes, ...] = (yaml_line_gone, yaml_line_twice, yaml_value_strange, yaml_word_changed, yaml_word_changed, yaml_indented)
