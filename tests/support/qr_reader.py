"""Reads a QR code from its modules: layout and blocks by reportlab's encoder, not the one we use.

The encoder that draws ours (segno) writes one empty byte between the end of the text and the
padding, which no reader looks at, so the modules of two encoders are not compared whole: fixed
patterns and format are, and of the data every block must be a code word (ISO/IEC 18004, 7.5) and
the text is read out.
"""

from __future__ import annotations

from reportlab.graphics.barcode.qrencoder import QRCode
from reportlab.graphics.barcode.qrencoder import QRErrorCorrectLevel
from reportlab.graphics.barcode.qrencoder import QRMath
from reportlab.graphics.barcode.qrencoder import QRRSBlock
from reportlab.graphics.barcode.qrencoder import QRUtil

LEVELS = [getattr(QRErrorCorrectLevel, level) for level in "LMQH"]
BYTE_MODE, LONG_COUNT_FROM = 0b0100, 10
Modules = list[list[bool]]


def read_qr(modules: Modules) -> str:
    """Return the text of a code; AssertionError where it is none."""
    version = (len(modules) - 17) // 4
    drawn = [(level, mask) for level in LEVELS for mask in range(8)]
    fitting = [one for one in drawn if _fixed(modules, _frame(version, *one))]
    assert len(fitting) == 1
    ((level, mask),) = fitting
    frame = _frame(version, level, mask)
    inverted = QRUtil.getMask(mask)
    bits = [modules[row][column] ^ inverted(row, column) for column, row in frame.dataPosIterator()]
    words = [_number(bits[i : i + 8]) for i in range(0, len(bits) // 8 * 8, 8)]
    data = _text_bits(words, QRRSBlock.getRSBlocks(version, level))
    assert _number(data[:4]) == BYTE_MODE
    size = 8 if version < LONG_COUNT_FROM else 16
    n_bytes = _number(data[4 : 4 + size])
    start = 4 + size
    content = [_number(data[start + 8 * i : start + 8 * i + 8]) for i in range(n_bytes)]
    assert data[start + 8 * n_bytes :][:4] == [False] * 4
    return bytes(content).decode()


def _frame(version: int, level: int, mask: int) -> QRCode:
    code = QRCode(version, level)
    code.addData("x")
    code.makeImpl(False, mask)
    return code


def _fixed(modules: Modules, frame: QRCode) -> bool:
    """Return whether finder, alignment, timing and format are those of a frame."""
    free = {(row, column) for column, row in frame.dataPosIterator()}
    return all(
        modules[row][column] == bool(frame.modules[row][column])
        for row in range(len(modules))
        for column in range(len(modules))
        if (row, column) not in free
    )


def _text_bits(words: list[int], blocks: list[QRRSBlock]) -> list[bool]:
    """Return the bits of the data, blocks taken apart and each checked to be a code word."""
    parts: list[list[int]] = [[] for _ in blocks]
    rest = iter(words)
    for counts in (
        [block.dataCount for block in blocks],
        [block.totalCount - block.dataCount for block in blocks],
    ):
        for step in range(max(counts)):
            for part, count in zip(parts, counts, strict=True):
                if step < count:
                    part.append(next(rest))
    for part, block in zip(parts, blocks, strict=True):
        assert not any(_syndromes(part, block.totalCount - block.dataCount))
    data = [
        word for part, block in zip(parts, blocks, strict=True) for word in part[: block.dataCount]
    ]
    return [bool(word >> (7 - i) & 1) for word in data for i in range(8)]


def _syndromes(word: list[int], count: int) -> list[int]:
    """Return the values of a word as a polynomial over GF(256) at the roots of the code."""
    values = []
    for power in range(count):
        value = 0
        for coefficient in word:
            product = QRMath.gexp((QRMath.glog(value) + power) % 255) if value else 0
            value = product ^ coefficient
        values.append(value)
    return values


def _number(bits: list[bool]) -> int:
    return int("".join("01"[bit] for bit in bits), 2)
