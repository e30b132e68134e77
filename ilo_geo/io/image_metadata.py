"""Takes out of a photo what it tells of whoever took it: place, owner, camera, comments.

The coded pixels are copied byte for byte. What changes how they look stays: colour profile, gamma,
size of a pixel, and of a JPEG which way is up. Whatever lies behind the end of the image goes.
"""

from __future__ import annotations

import struct
from io import BytesIO

from PIL import Image

from ilo_geo.core.errors import InputError

# JPEG (ITU-T T.81, table B.1): the end, and what begins coded pixels; what stands in them
END, SCAN = 0xD9, 0xDA
IN_PIXELS = {0x00, *range(0xD0, 0xD8)}
# what an application writes, and comments; JFIF and Adobe's transform say what the colours are
APPS, COMMENT = range(0xE0, 0xF0), 0xFE
JFIF, PROFILE, ADOBE = (0xE0, b"JFIF\0"), (0xE2, b"ICC_PROFILE\0"), (0xEE, b"Adobe")
ORIENTATION = 0x0112
# what Pillow raises on Exif that is broken
UNREADABLE = (
    OSError, ValueError, SyntaxError, EOFError, OverflowError, TypeError, LookupError, struct.error
)  # fmt: skip
TURNED = range(2, 9)
# PNG (third edition, §11): the signature, then chunks of length, type, content and checksum
PNG_HEAD = b"\x89PNG\r\n\x1a\n"
PNG_KEPT = {
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP",
    b"sBIT", b"bKGD", b"pHYs", b"acTL", b"fcTL", b"fdAT",
}  # fmt: skip
# what follows the end of an image
TRAILER = "trailer"


def stripped_jpeg(content: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Return a JPEG without its metadata, and what was taken out, each once.

    Raises
    ------
    InputError
        Its segments do not follow each other to an end.
    """
    kept, gone, at = [content[:2]], [], 2
    turned = _turned(content)
    while True:
        end, marker = _segment(content, at)
        part = content[at:end]
        if _tells_of_people(marker, part):
            gone.append("COM" if marker == COMMENT else f"APP{marker - APPS.start}")
        else:
            kept.append(part)
        at = end
        if marker == END:
            break
    if turned is not None:
        # behind JFIF, which has to be first
        kept.insert(2 if kept[1][1] == JFIF[0] else 1, _orientation(turned))
    gone += [TRAILER] if at < len(content) else []
    return b"".join(kept), tuple(dict.fromkeys(gone))


def stripped_png(content: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Return a PNG without its metadata, and what was taken out, each once.

    Raises
    ------
    InputError
        Its chunks do not follow each other to an end.
    """
    kept, gone, at, kind = [PNG_HEAD], [], len(PNG_HEAD), b""
    while kind != b"IEND":
        if at + 12 > len(content):
            raise InputError("document.broken", found="PNG", expected="IEND")
        size, kind = struct.unpack(">I4s", content[at : at + 8])
        end = at + 12 + size
        if kind in PNG_KEPT:
            kept.append(content[at:end])
        else:
            gone.append(ascii(kind)[2:-1])
        at = end
    gone += [TRAILER] if at < len(content) else []
    return b"".join(kept), tuple(dict.fromkeys(gone))


def _segment(content: bytes, at: int) -> tuple[int, int]:
    """Return where the segment at ``at`` ends, and its marker; a scan ends with its pixels."""
    start = at
    while content[at : at + 2] == b"\xff\xff":
        at += 1
    marker = content[at + 1] if content[at : at + 1] == b"\xff" and at + 4 <= len(content) else None
    if content[at : at + 2] == b"\xff\xd9":
        return at + 2, END
    if marker is None:
        raise InputError("document.broken", found="JPEG", expected=f"FF @ {start}")
    end = at + 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    while marker == SCAN:
        end = content.find(b"\xff", end)
        if end < 0 or end + 1 >= len(content):
            raise InputError("document.broken", found="JPEG", expected="FF D9")
        if content[end + 1] not in IN_PIXELS:
            break
        end += 2
    return end, marker


def _tells_of_people(marker: int, part: bytes) -> bool:
    if marker not in APPS:
        return marker == COMMENT
    content = part[part.index(marker, 1) + 3 :]
    return not any(
        marker == app and content.startswith(head) for app, head in (JFIF, PROFILE, ADOBE)
    )


def _turned(content: bytes) -> int | None:
    """Return which way is up where it is not the usual one; of Exif that is broken, nothing."""
    try:
        with Image.open(BytesIO(content), formats=["JPEG"]) as image:
            told = image.getexif().get(ORIENTATION)
    except UNREADABLE:
        return None
    return next((n for n in TURNED if n == told), None)


def _orientation(turned: int) -> bytes:
    """Return a segment of Exif that says which way is up and nothing else (TIFF 6.0, §2)."""
    entry = struct.pack(">HHIHH", ORIENTATION, 3, 1, turned, 0)
    told = b"Exif\0\0" + b"MM\0*" + struct.pack(">IH", 8, 1) + entry + struct.pack(">I", 0)
    return b"\xff\xe1" + struct.pack(">H", len(told) + 2) + told
