"""Reads the text of a PDF from its objects, fonts and page streams (ISO 32000)."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

OBJECT = re.compile(rb"(\d+) 0 obj\s(.*?)endobj", re.DOTALL)
# a string in parentheses with its escapes, or the choice of a font, or the end of a text object
TOKEN = re.compile(rb"\((?:\\.|[^\\()])*\)|/(F\d+) [\d.]+ Tf|\bET\b", re.DOTALL)
ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
NAMED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


class PdfText:
    """Text, size and metadata of a PDF."""

    def __init__(self, path: Path) -> None:
        self.objects = {int(m[1]): m[2] for m in OBJECT.finditer(path.read_bytes())}
        kids = next(o for o in self.objects.values() if b"/Type /Pages" in o)
        self.page_ids = [int(n) for n in re.findall(rb"(\d+) 0 R", kids.split(b"/Kids")[1])]

    @property
    def pages(self) -> list[str]:
        """Return the text of each page, one piece of text a line."""
        return [self._page(self.objects[number]) for number in self.page_ids]

    @property
    def sizes_mm(self) -> list[tuple[int, int]]:
        """Return width and height of each page."""
        boxes = [re.search(rb"/MediaBox \[ ([^\]]+)\]", self.objects[n]) for n in self.page_ids]
        corners = [[float(v) * 25.4 / 72 for v in box[1].split()] for box in boxes if box]
        return [(round(c[2]), round(c[3])) for c in corners]

    @property
    def information(self) -> str:
        """Return the entry that holds title and date."""
        return next(o for o in self.objects.values() if b"/Producer" in o).decode("latin-1")

    def flat(self) -> str:
        """Return all text with single blanks, whatever lines it is broken into."""
        return " ".join(" ".join(self.pages).split())

    def _page(self, page: bytes) -> str:
        resources = self.objects[_reference(page, b"Resources")]
        fonts = self.objects[_reference(resources, b"Font")]
        maps = {
            name: self._letters(int(number))
            for name, number in re.findall(rb"/(F\d+) (\d+) 0 R", fonts)
        }
        letters: dict[int, str] = {}
        pieces = []
        for token in TOKEN.finditer(self._stream(_reference(page, b"Contents"))):
            if token[1]:
                letters = maps[token[1]]
            elif token[0] == b"ET":
                pieces.append("\n")
            else:
                pieces.append("".join(letters.get(code, "") for code in _unescaped(token[0])))
        return "".join(pieces)

    def _letters(self, font: int) -> dict[int, str]:
        cmap = self._stream(_reference(self.objects[font], b"ToUnicode"))
        letters = {}
        for first, targets in re.findall(rb"<(\w\w)> <\w\w> \[([^\]]*)\]", cmap):
            for step, target in enumerate(re.findall(rb"<(\w+)>", targets)):
                letters[int(first, 16) + step] = bytes.fromhex(target.decode()).decode("utf-16-be")
        return letters

    def _stream(self, number: int) -> bytes:
        _, _, data = self.objects[number].partition(b"stream\n")
        return zlib.decompress(data)


def _reference(entry: bytes, name: bytes) -> int:
    found = re.search(rb"/" + name + rb" (\d+) 0 R", entry)
    assert found, f"no {name!r} in {entry[:80]!r}"
    return int(found[1])


def _unescaped(text: bytes) -> bytes:
    def plain(match: re.Match[bytes]) -> bytes:
        code = match[1]
        return bytes([int(code, 8)]) if code.isdigit() else NAMED.get(code, code)

    return ESCAPE.sub(plain, text[1:-1])
