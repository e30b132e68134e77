"""Published whole or not at all, read back equal, and nothing of others is ever dropped."""
# ruff: noqa: S608 - the names in these queries are the test's own

import shutil
from pathlib import Path

import geopandas as gpd
import pandas as pd
import psycopg
import pytest
import shapely
import yaml
from geopandas.testing import assert_geodataframe_equal

from ilo_geo.cli.main import main
from ilo_geo.core.errors import DatabaseError
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import LayerNotFoundError
from ilo_geo.core.errors import SchemaError
from ilo_geo.io.vector import read_unchecked
from ilo_geo.services import postgis_publish as service
from ilo_geo.services.areas import open_area
from ilo_geo.services.postgis_check import check_publication
from ilo_geo.services.postgis_init import init_from_database
from ilo_geo.services.postgis_publish import default_schema
from ilo_geo.services.postgis_publish import publish_area


@pytest.fixture
def city(small_area, tmp_path, workspace):
    """Return a copy of the small city, free to be changed; it has a raster."""
    folder = tmp_path / "city"
    shutil.copytree(small_area.catalogue.folder, folder)
    origin = small_area.catalogue.workspace
    area = open_area(folder, workspace)
    baseline = origin.root / small_area.catalogue.workspace_id
    if baseline.is_dir():
        shutil.copytree(baseline, workspace.root / area.catalogue.workspace_id)
    return area


def rows(area, layer):
    return read_unchecked(area.catalogue.source(layer))


def n_tables(postgres, database, schema):
    query = f"SELECT count(*) FROM pg_tables WHERE schemaname = '{schema}'"
    return int(postgres.psql(database, query))


def test_all_is_published_and_equal_and_says_what_it_is(city, database, postgres):
    report = publish_area(city)
    schema = default_schema(city)
    assert report.schema == schema
    assert set(report.layers) == {i for i in city.catalogue.declared if city.has(i)}
    checked = check_publication(city)
    assert checked.differences == ()
    assert dict(checked.n_rows)["buildings"] == len(rows(city, "buildings"))
    assert {n.code for n in report.notices} == {"publish.raster_is_file"}
    comment = postgres.psql(database, f"SELECT obj_description('{schema}.parks'::regclass)")
    assert "MODELADO, no levantado" in comment
    unit = postgres.psql(
        database,
        f"SELECT col_description('{schema}.buildings'::regclass, attnum) FROM pg_attribute"
        f" WHERE attrelid = '{schema}.buildings'::regclass AND attname = 'height_m'",
    )
    assert "Unidad: m." in unit
    granted = (
        "SELECT count(*) FROM information_schema.role_table_grants WHERE grantee <> 'postgres'"
    )
    assert postgres.psql(database, f"{granted} AND table_schema = '{schema}'") == "0"


def test_a_folder_made_from_the_database_equals_the_first(city, database, tmp_path):
    publish_area(city)
    report = init_from_database(tmp_path / "back", default_schema(city))
    assert report.differences == ()
    back = open_area(tmp_path / "back")
    assert back.config == city.config
    assert list(back.catalogue.declared) == list(city.catalogue.declared)
    for layer in city.catalogue.declared:
        one, other = city.catalogue.source(layer), back.catalogue.source(layer)
        if one.meta.geometry == "raster":
            assert one.path.read_bytes() == other.path.read_bytes()
        else:
            assert_geodataframe_equal(rows(back, layer), rows(city, layer), check_geom_type=True)
        assert other.meta == one.meta.model_copy(update={"file": other.meta.file})
    with pytest.raises(InputError, match="--replace"):
        init_from_database(tmp_path / "back", default_schema(city))
    init_from_database(tmp_path / "back", default_schema(city), replace=True)


def test_mixed_shapes_and_dates_go_round(toy_folder, database, tmp_path, workspace):
    path = toy_folder / "parks" / "data.gpkg"
    parks = gpd.read_file(path)
    more = parks.assign(geometry=[shapely.MultiPolygon([parks.geometry[0]])], name=["Ñ =1+1"])
    both = pd.concat([parks, more], ignore_index=True)
    both["seen"] = pd.Series(
        [pd.Timestamp("2024-02-29T10:00:00.5"), pd.NaT], dtype="datetime64[ms]"
    )
    path.unlink()
    both.to_file(path, driver="GPKG", layer="parks", promote_to_multi=False)
    area = open_area(toy_folder, workspace)
    publish_area(area)
    assert check_publication(area).differences == ()
    assert init_from_database(tmp_path / "back", default_schema(area)).differences == ()
    assert_geodataframe_equal(
        rows(open_area(tmp_path / "back"), "parks"), rows(area, "parks"), check_geom_type=True
    )


def test_every_difference_is_listed_and_edits_are_not_lost(toy, database, postgres):
    publish_area(toy)
    schema = default_schema(toy)
    postgres.execute(
        database,
        f"UPDATE {schema}.parks SET name = 'Otra'",
        f"DELETE FROM {schema}.districts WHERE fid = 1",
        f"UPDATE {schema}.streets SET geometry = ST_Reverse(geometry) WHERE fid = 3",
    )
    said = sorted(difference.text("en") for difference in check_publication(toy).differences)
    assert said == [
        "districts: 1 rows are missing in PostGIS: row 0.",
        "parks: column 'name' differs in 1 rows: row 0.",
        "streets: column 'geometry' differs in 1 rows: row 2.",
    ]
    with pytest.raises(InputError, match="districts, streets, parks"):
        publish_area(toy)
    assert postgres.psql(database, f"SELECT name FROM {schema}.parks") == "Otra"
    publish_area(toy, replace=True)
    assert check_publication(toy).differences == ()


def test_one_layer_anew_leaves_the_others(toy, toy_folder, database):
    publish_area(toy)
    path = toy_folder / "parks" / "data.gpkg"
    parks = gpd.read_file(path).assign(name="Nueva")
    path.unlink()
    parks.to_file(path, driver="GPKG", layer="parks")
    assert [d.code for d in check_publication(toy).differences] == ["publish.values_differ"]
    report = publish_area(toy, layers=["parks"])
    assert sorted(report.kept) == ["buildings", "districts", "population", "streets"]
    assert check_publication(toy).differences == ()
    with pytest.raises(LayerNotFoundError):
        publish_area(toy, layers=["nonsense"])


def test_a_part_is_no_area(toy, database, tmp_path):
    publish_area(toy, layers=["parks"])
    with pytest.raises(InputError, match="districts"):
        init_from_database(tmp_path / "back", default_schema(toy))
    assert not (tmp_path / "back").exists()
    with pytest.raises(InputError, match=f"there are: {default_schema(toy)}"):
        init_from_database(tmp_path / "back", "nonsense")


@pytest.fixture
def published(toy, database):
    """Return the toy area, published, and the name of its schema."""
    publish_area(toy)
    return toy, default_schema(toy)


def test_a_cut_connection_leaves_the_old_schema(published, database, postgres, monkeypatch):
    area, schema = published
    original = service.add_layer

    def cut(connection, staging, layer, frame):
        if layer.meta.id == "parks":
            pid = connection.info.backend_pid
            postgres.execute(database, f"SELECT pg_terminate_backend({pid})")
        return original(connection, staging, layer, frame)

    with monkeypatch.context() as patch, pytest.raises(DatabaseError, match="as it was"):
        patch.setattr(service, "add_layer", cut)
        publish_area(area)
    assert check_publication(area).differences == ()
    schemas = "SELECT string_agg(nspname, ',') FROM pg_namespace WHERE nspname ~ '^(ilo_geo|toy)'"
    assert postgres.psql(database, schemas) == schema


def test_bad_values_leave_the_old_schema(published, database, monkeypatch):
    area, _ = published
    original = service.read_unchecked

    def with_nul(source):
        frame = original(source)
        return frame.assign(name="a\0b") if source.meta.id == "parks" else frame

    with monkeypatch.context() as patch, pytest.raises(SchemaError, match=r"parks.*NUL.*row 0"):
        patch.setattr(service, "read_unchecked", with_nul)
        publish_area(area)
    assert check_publication(area).differences == ()


@pytest.mark.parametrize(
    "foreign",
    [
        "CREATE VIEW public.v AS SELECT * FROM {}.parks",
        "CREATE TABLE {}.mine (x int)",
        "CREATE FUNCTION {}.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE TYPE {}.t AS ENUM ('a')",
    ],
)
def test_what_others_made_is_never_dropped(published, database, postgres, foreign):
    area, schema = published
    postgres.execute(database, foreign.format(schema))
    before = n_tables(postgres, database, schema)
    with pytest.raises(DatabaseError, match="other objects"):
        publish_area(area, replace=True)
    assert n_tables(postgres, database, schema) == before
    assert check_publication(area).differences == ()


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE SCHEMA other",
        "CREATE SCHEMA other CREATE TABLE other.ilo_geo_layers (x int)",
        "CREATE SCHEMA other CREATE TABLE parks (x int)",
    ],
)
def test_a_schema_that_is_not_ours_is_left_alone(toy, database, postgres, statement):
    postgres.execute(database, statement)
    before = n_tables(postgres, database, "other")
    with pytest.raises(DatabaseError, match="left alone"):
        publish_area(toy, schema="other", replace=True)
    assert n_tables(postgres, database, "other") == before


def test_another_area_does_not_replace_this_one(published, small_area):
    _, schema = published
    with pytest.raises(InputError, match="holds the area"):
        publish_area(small_area, schema=schema, replace=True)


def test_two_at_once_take_no_turns_but_say_so(published, database, monkeypatch):
    area, _ = published
    original = service.add_layer
    said = []

    def meanwhile(*given):
        if not said:
            said.append("")
            with pytest.raises(DatabaseError) as caught:
                publish_area(area)
            said.append(caught.value.code)
        return original(*given)

    monkeypatch.setattr(service, "add_layer", meanwhile)
    publish_area(area)
    assert said == ["", "database.busy"]


@pytest.mark.parametrize("name", ['a"; DROP SCHEMA public; --', "select", "Ñandú 'x' %s {}"])
def test_any_name_of_a_schema_is_only_a_name(toy, database, postgres, name):
    assert publish_area(toy, schema=name).schema == name
    assert check_publication(toy, schema=name).differences == ()
    with psycopg.connect(postgres.url(database)) as connection:
        query = "SELECT count(*) FROM pg_namespace WHERE nspname IN (%s, 'public')"
        assert connection.execute(query, (name,)).fetchone() == (2,)


def test_a_path_in_the_database_cannot_leave_the_folder(published, database, postgres, tmp_path):
    _, schema = published
    for path in ("../../x", "/etc/x", "a/../../x", "a/b/c", "area.yaml/../x", "a/.."):
        require_refused(path, schema, database, postgres, tmp_path)


def require_refused(path, schema, database, postgres, tmp_path):
    postgres.execute(database, f"INSERT INTO {schema}.ilo_geo_files VALUES ('{path}', '', '')")
    with pytest.raises(InputError, match="cannot be of a study area"):
        init_from_database(tmp_path / "deep" / "er" / "back", schema)
    assert not list(Path(tmp_path).rglob("x"))
    postgres.execute(database, f"DELETE FROM {schema}.ilo_geo_files WHERE path = '{path}'")


def test_a_layer_that_was_brought_belongs_to_the_folder_then(
    toy_folder, workspace, database, tmp_path
):
    area = open_area(toy_folder, workspace)
    place = workspace.root / area.catalogue.workspace_id / "imported" / "schools"
    place.mkdir(parents=True)
    district = gpd.read_file(toy_folder / "districts" / "data.gpkg").geometry[0]
    schools = gpd.GeoDataFrame({"name": ["IE 1"]}, geometry=[district.centroid], crs="EPSG:32719")
    schools.to_file(place / "data.gpkg", driver="GPKG", layer="schools")
    meta = yaml.safe_load((toy_folder / "parks" / "layer.yaml").read_text("utf-8"))
    meta |= {"id": "schools", "geometry": "point"}
    (place / "layer.yaml").write_text(yaml.safe_dump(meta), "utf-8")
    area = open_area(toy_folder, workspace)
    publish_area(area)
    init_from_database(tmp_path / "back", default_schema(area))
    back = open_area(tmp_path / "back")
    assert back.catalogue.source("schools").origin == "shipped"
    assert_geodataframe_equal(rows(back, "schools"), rows(area, "schools"))


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as caught:
        main([str(argument) for argument in arguments])
    said = capsys.readouterr()
    return caught.value.code, said.out, said.err


def test_the_commands_say_rows_equal_and_differences(
    toy_folder, workspace, database, postgres, capsys, tmp_path
):
    code, out, err = run(capsys, "publish", "--area", toy_folder)
    assert (code, "5 layers" in err) == (0, True)
    code, out, _ = run(capsys, "publish", "--area", toy_folder, "--check")
    assert (code, "equal to the files (5 layers, 16 rows compared)" in out) == (0, True)
    schema = default_schema(open_area(toy_folder))
    postgres.execute(database, f"UPDATE {schema}.parks SET name = 'Otra'")
    code, out, _ = run(capsys, "publish", "--area", toy_folder, "--check")
    assert (code, "NOT equal" in out) == (2, True)
    code, _, err = run(capsys, "init", tmp_path / "back", "--from-database", schema)
    assert (code, err.count("\n")) == (0, 1)
    code, _, err = run(capsys, "init", tmp_path / "none")
    assert (code, "--osm is missing" in err) == (2, True)
