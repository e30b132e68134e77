"""A photo that is handed in is kept without what it tells of whoever took it."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image
from PIL import ImageCms
from PIL.PngImagePlugin import PngInfo

from ilo_geo.io.document_files import media_type
from ilo_geo.services.document_store import open_document
from ilo_geo.services.document_store import store

SRGB = ImageCms.createProfile("sRGB")
OWNER, PLACE = "Juan Perez", 0x8825


def photo(fmt):
    """Return a photo that tells of its owner and its place, sideways, and its pixels."""
    image, out, exif = Image.effect_noise((40, 30), 90).convert("RGB"), BytesIO(), Image.Exif()
    exif[0x010F], exif[0x0112] = OWNER, 6
    exif[PLACE] = {1: "S", 2: (17.0, 38.0, 0.0)}
    told = {"comment": OWNER} if fmt == "JPEG" else {"pnginfo": PngInfo()}
    if fmt == "PNG":
        told["pnginfo"].add_text("Author", OWNER)
    image.save(out, fmt, exif=exif, icc_profile=ImageCms.ImageCmsProfile(SRGB).tobytes(), **told)
    return out.getvalue() + OWNER.encode()


@pytest.mark.parametrize(
    ("fmt", "gone"),
    [("JPEG", ("APP1", "COM", "trailer")), ("PNG", ("tEXt", "eXIf", "trailer"))],
)
def test_a_photo_is_kept_without_what_it_tells_of_its_owner(town, fmt, gone):
    content = photo(fmt)
    assert content.count(OWNER.encode()) == 3
    made = store(
        town.council, town.actors["planner"], town.draft()["number"], BytesIO(content), "foto"
    )
    assert set(made["stripped"]) == set(gone)
    kept = open_document(town.council, town.actors["planner"], made["id"]).content
    assert OWNER.encode() not in kept
    # a peer reads it: the same pixels and colours, no place, a JPEG still the right way up
    with Image.open(BytesIO(content)) as before, Image.open(BytesIO(kept)) as after:
        assert after.tobytes() == before.tobytes()
        assert after.info["icc_profile"] == before.info["icc_profile"]
        assert dict(after.getexif()) == ({0x0112: 6} if fmt == "JPEG" else {})


def test_an_image_of_few_pixels_is_one_too():
    out = BytesIO()
    Image.new("RGB", (3, 2)).save(out, "JPEG")
    assert media_type(out.getvalue()) == "image/jpeg"
