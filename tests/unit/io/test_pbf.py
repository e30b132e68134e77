"""Broken and hostile files: each gives one clear line, none takes the memory it claims."""

import zlib
from pathlib import Path

import numpy as np
import osmium
import pytest
import shapely

from ilo_geo.core.errors import InputError
from ilo_geo.io.osm import read_osm
from ilo_geo.io.pbf import MAX_BLOB_BYTES
from ilo_geo.io.pbf import MAX_HEADER_BYTES
from ilo_geo.io.pbf import blobs
from ilo_geo.io.pbf import open_blocks
from ilo_geo.io.pbf import unpacked

TOY = Path(__file__).parents[2] / "data" / "toy.osm"
EVERYWHERE = shapely.box(-180, -90, 180, 90)


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    path = tmp_path_factory.mktemp("pbf") / "toy.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for thing in osmium.FileProcessor(str(TOY)):
            writer.add(thing)
    return path


def number(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def content(field, data):
    return number(field << 3 | 2) + number(len(data)) + data


def framed(kind, blob, *, claimed=None):
    size = len(blob) if claimed is None else claimed
    header = content(1, kind) + number(3 << 3) + number(size)
    return len(header).to_bytes(4, "big") + header + blob


def zipped(raw, *, claimed=None):
    size = len(raw) if claimed is None else claimed
    return number(2 << 3) + number(size) + content(3, zlib.compress(raw))


def parts(path):
    with path.open("rb") as file:
        return [(blob.kind.encode(), bytes(unpacked(blob)), blob.end) for blob in blobs(file)]


def refused(path, code="file.unreadable", clip=EVERYWHERE):
    with pytest.raises(InputError) as caught:
        read_osm(path, clip=clip)
    assert caught.value.code == code
    line = caught.value.text("es")
    assert "\n" not in line
    return line


def with_data_blob(toy, folder, blob):
    """Return the toy with its first block of data replaced."""
    (kind, header, _), *_rest = parts(toy)
    path = folder / "made.osm.pbf"
    path.write_bytes(framed(kind, zipped(header)) + blob)
    return path


@pytest.mark.real_city
def test_ids_and_places_are_those_that_osmium_reads(porto_alegre):
    path = porto_alegre / "poa_osm.pbf"
    with path.open("rb") as file:
        blocks = list(open_blocks(file))
    ours = np.concatenate([np.column_stack([b.node_ids, b.lon, b.lat]) for b in blocks])
    nodes = osmium.FileProcessor(str(path), osmium.osm.NODE)
    np.testing.assert_array_equal(ours, [(n.id, n.location.x, n.location.y) for n in nodes])
    ways = np.concatenate([block.way_ids for block in blocks])
    assert ways.tolist() == [way.id for way in osmium.FileProcessor(str(path), osmium.osm.WAY)]


def test_places_of_a_finer_grid_are_those_that_osmium_reads(toy, tmp_path):
    def signed(value):
        return number(value << 1 ^ value >> 63)

    columns = ((1, 7), (8, -17_600_000_155), (9, -71_300_000_144))
    dense = b"".join(content(field, signed(value)) for field, value in columns)
    scale = b"".join(number(f << 3) + number(v) for f, v in ((17, 1), (19, 5), (20, 50)))
    raw = content(1, content(1, b"")) + content(2, content(2, dense)) + scale
    path = with_data_blob(toy, tmp_path, framed(b"OSMData", zipped(raw)))
    with path.open("rb") as file:
        (block,) = open_blocks(file)
    peer = [(n.id, n.location.x, n.location.y) for n in osmium.FileProcessor(str(path))]
    assert list(zip(block.node_ids, block.lon, block.lat, strict=True)) == peer


def test_a_file_cut_anywhere_is_refused(toy, tmp_path):
    whole = toy.read_bytes()
    ends = {end for *_, end in parts(toy)}
    path = tmp_path / "cut.osm.pbf"
    cuts = set(range(0, len(whole), 97)) | {end - 1 for end in ends} | {1, 3, 4, 5}
    for cut in sorted(cuts - ends):
        path.write_bytes(whole[:cut])
        refused(path)


@pytest.mark.parametrize(("field", "name"), [(4, "lzma"), (6, "lz4"), (7, "zstd")])
def test_another_packing_is_refused_with_the_remedy(toy, tmp_path, field, name):
    blob = framed(b"OSMData", number(2 << 3) + number(9) + content(field, b"anything"))
    line = refused(with_data_blob(toy, tmp_path, blob), "osm.pbf_unsupported")
    assert name in line
    assert "osmium sort" in line


@pytest.mark.parametrize("clip", [None, EVERYWHERE])
def test_a_file_with_history_is_refused(toy, tmp_path, clip):
    (kind, header, _), *rest = parts(toy)
    path = tmp_path / "history.osm.pbf"
    pieces = [(kind, header + content(4, b"HistoricalInformation")), *(p[:2] for p in rest)]
    path.write_bytes(b"".join(framed(kind, zipped(raw)) for kind, raw in pieces))
    assert "HistoricalInformation" in refused(path, "osm.pbf_unsupported", clip=clip)


def test_what_is_not_packed_is_read(toy, tmp_path):
    path = tmp_path / "raw.osm.pbf"
    path.write_bytes(b"".join(framed(kind, content(1, raw)) for kind, raw, _ in parts(toy)))
    ours, same = (read_osm(p, clip=EVERYWHERE).layers["streets"] for p in (path, toy))
    assert ours.equals(same)


@pytest.mark.parametrize(
    "blob",
    [
        (MAX_HEADER_BYTES + 1).to_bytes(4, "big") + bytes(100),
        b"\xff\xff\xff\xff" + bytes(100),
        framed(b"OSMData", b"", claimed=MAX_BLOB_BYTES + 1),
        framed(b"OSMData", b"", claimed=2**63 - 1),
        framed(b"OSMData", zipped(bytes(10), claimed=MAX_BLOB_BYTES + 1)),
        framed(b"OSMData", zipped(bytes(10), claimed=11)),
        # a bomb: 48 MiB in 48 kB that claim to be ten bytes
        framed(b"OSMData", zipped(bytes(48 * 2**20), claimed=10)),
        framed(b"OSMData", number(2 << 3) + number(9) + content(3, b"no zlib")),
        framed(b"OSMData", b""),
    ],
)
def test_a_blob_that_lies_about_its_size_is_refused(toy, tmp_path, blob):
    refused(with_data_blob(toy, tmp_path, blob))


def test_no_change_of_a_byte_does_worse_than_a_clear_line(toy, tmp_path):
    pieces = parts(toy)
    rng = np.random.default_rng(20261129)
    path = tmp_path / "changed.osm.pbf"
    n_refused = 0
    for _ in range(100):
        changed = [(kind, bytearray(raw)) for kind, raw, _ in pieces]
        raw = changed[rng.integers(1, len(changed))][1]
        for _ in range(rng.integers(1, 4)):
            raw[rng.integers(len(raw))] = rng.integers(256)
        path.write_bytes(b"".join(framed(kind, content(1, bytes(raw))) for kind, raw in changed))
        try:
            read_osm(path, clip=EVERYWHERE)
        except InputError as error:
            n_refused += 1
            assert "\n" not in error.text("en")
    assert n_refused > 10
