"""The built-in basemap: what is read from TopoJSON, what is kept in one file, what touches a box."""

import json

import numpy as np
import pytest

from blog.geo import basemap
from blog.geo.basemap import Basemap, Shapes, Town, Towns, built_in
from blog.geo.outlines import clip_ring
from blog.geo.topology import closed_ring, rings, shared_arcs

# Two square countries side by side, with the border between them as an arc of its own.
NEIGHBOURS = {
    "type": "Topology",
    "transform": {"scale": [1.0, 1.0], "translate": [10.0, 40.0]},
    "arcs": [[[1, 0], [0, 1]], [[1, 1], [-1, 0], [0, -1], [1, 0]], [[1, 0], [1, 0], [0, 1], [-1, 0]]],
    "objects": {
        "countries": {
            "type": "GeometryCollection",
            "geometries": [
                {"type": "Polygon", "arcs": [[0, 1]]},
                {"type": "MultiPolygon", "arcs": [[[2, -1]]]},
            ],
        }
    },
}


@pytest.fixture(scope="module")
def world() -> Basemap:
    return built_in()


def area(ring):
    x, y = ring.T
    return abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2


def test_rings_are_stitched_from_arcs_forwards_and_backwards():
    found = list(rings(NEIGHBOURS, "countries"))
    assert [hole for _, hole in found] == [False, False]
    assert [area(ring) for ring, _ in found] == [1.0, 1.0]
    assert found[0][0].min(axis=0).tolist() == [10.0, 40.0]
    assert found[1][0].max(axis=0).tolist() == [12.0, 41.0]


def test_borders_are_the_arcs_that_countries_share():
    (border,) = shared_arcs(NEIGHBOURS, "countries")
    assert border.tolist() == [[11.0, 40.0], [11.0, 41.0]]


def test_a_ring_across_the_antimeridian_runs_on():
    ring = closed_ring(np.array([[179.0, -17], [-179.0, -17], [-179.0, -16], [179.0, -16], [179.0, -17]]))
    assert ring[:, 0].tolist() == [179, 181, 181, 179, 179]


def test_a_ring_round_the_pole_is_led_along_it():
    coast = np.array([[lon, -70.0] for lon in (-180, -90, 0, 90, 180)])
    ring = closed_ring(coast)
    assert ring[-2:].tolist() == [[180, -90], [-180, -90]]
    assert area(ring) == 360 * 20


def test_a_shape_is_found_on_the_turn_of_the_globe_where_the_box_is():
    fiji = Shapes.of([(np.array([[178.0, -18], [181, -18], [181, -16], [178, -16]]), False)])
    west_of_the_line = [points for _, points, _ in fiji.touching((-182.5, -20, -178.5, -15))]
    east_of_the_line = [points for _, points, _ in fiji.touching((177, -20, 183, -15))]
    assert west_of_the_line[0][:, 0].tolist() == [-182, -179, -179, -182]
    assert east_of_the_line[0][:, 0].tolist() == [178, 181, 181, 178]
    assert list(fiji.touching((0, -20, 10, -15))) == []


def test_specks_are_left_out():
    shapes = Shapes.of(
        [(np.array([[0.0, 0], [0.1, 0], [0.1, 0.1]]), False), (np.array([[0.0, 0], [5, 0], [5, 5]]), False)]
    )
    assert [index for index, _, _ in shapes.touching((-1, -1, 9, 9), least=1.0)] == [1]


def test_what_lies_far_away_changes_nothing_inside_the_box(world):
    box = (5.0, 58.0, 8.0, 60.5)
    shapes = world.land["50m"]
    cut = [(index, near) for index, near, inside in shapes.touching(box) if not inside]
    assert max(len(near) for _, near in cut) < 5_000
    for index, near in cut:
        whole = shapes.points[shapes.starts[index] : shapes.starts[index + 1]].astype(float)
        if len(whole) > 100:
            assert len(near) < len(whole)
        assert area(clip_ring(near, box)) == pytest.approx(area(clip_ring(whole, box)), abs=1e-6)


def test_towns_come_the_most_populous_first():
    towns = Towns.of([Town("Hoeryŏng", 42.44, 129.75, 43_831), Town("Chongjin", 41.8, 129.78, 327_000)])
    assert [town.name for town in towns.within(41, 129, 43, 131, limit=5)] == ["Chongjin", "Hoeryŏng"]
    assert [town.name for town in towns.within(41, 129, 43, 131, limit=1)] == ["Chongjin"]
    assert towns.within(0, 129, 10, 131, limit=5) == []


def test_towns_across_the_antimeridian_follow_the_area():
    towns = Towns.of([Town("Suva", -18.1, 178.4, 90_000), Town("Apia", -13.8, -171.8, 40_000)])
    found = {town.name: town.lon for town in towns.within(-20, 175, -10, 192, limit=5)}
    assert found == {"Suva": pytest.approx(178.4, abs=1e-4), "Apia": pytest.approx(188.2, abs=1e-4)}


def test_a_saved_basemap_reads_back_the_same(tmp_path):
    shapes = {scale: Shapes.of(rings(NEIGHBOURS, "countries")) for scale in basemap.SCALES}
    Basemap(shapes, shapes, Towns.of([Town("Ísafjörður", 66.07, -23.13, 2_600)])).save(
        tmp_path / "map" / "base.npz"
    )
    again = Basemap.load(tmp_path / "map" / "base.npz")
    assert np.array_equal(again.land["10m"].points, shapes["10m"].points)
    assert again.towns.within(60, -30, 70, -20, limit=9)[0].name == "Ísafjörður"
    assert [path.name for path in (tmp_path / "map").iterdir()] == ["base.npz"]


def test_without_a_basemap_maps_are_drawn_all_the_same(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(basemap, "BUILT_IN", tmp_path / "none.npz")
    built_in.cache_clear()
    try:
        assert built_in().towns.within(-90, -180, 90, 179, limit=9) == []
        assert "python -m blog.geo.basemap" in caplog.text
    finally:
        built_in.cache_clear()


def test_set_up_says_what_is_missing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert basemap.main() == 1
    assert "npm ci" in capsys.readouterr().err


def test_set_up_builds_from_world_atlas(tmp_path, monkeypatch):
    for scale in basemap.SCALES:
        topology = json.dumps(
            NEIGHBOURS | {"objects": NEIGHBOURS["objects"] | {"land": NEIGHBOURS["objects"]["countries"]}}
        )
        for kind in ("land", "countries"):
            (tmp_path / f"{kind}-{scale}.json").write_text(topology)
    monkeypatch.setattr(basemap, "LEAST_POPULATION", 15000)
    built = basemap.build(tmp_path)
    assert len(built.land["110m"].hole) == 2
    assert len(built.borders["110m"].starts) == 2
    assert built.towns.within(41.7, 129.5, 41.9, 130, limit=1)[0].name == "Chongjin"


def test_the_built_in_one_knows_the_world(world):
    assert len(world.land["10m"].points) > 300_000
    assert [town.name for town in world.towns.within(41.7, 12.3, 42.1, 12.7, limit=1)] == ["Rome"]


def test_the_nearest_town_is_found_within_reach_and_over_the_date_line():
    towns = Towns.of(
        [Town("Waiyevo", -16.79, -179.98, 900, "FJ"), Town("Labasa", -16.43, 179.36, 27_949, "FJ")]
    )
    assert towns.nearest(-16.8, 179.99, 10_000) == towns.nearest(-16.8, -179.97, 10_000)
    found = towns.nearest(-16.8, 179.99, 10_000)
    assert (found.name, found.country, found.lon) == ("Waiyevo", "FJ", pytest.approx(-179.98))
    assert towns.nearest(-16.5, 179.36, 50_000).name == "Labasa"
    assert towns.nearest(-17.5, 179.9, 50_000) is None
    assert Towns.of([]).nearest(1, 1, 50_000) is None


def test_towns_are_found_by_name_the_most_populous_first(world):
    towns = world.towns
    assert [town.country for town in towns.named(["KOTOR"], 5)] == ["ME"]
    london = towns.named(["london", "nowhere at all"], 3)
    assert [town.name for town in london] == ["London"] * len(london)
    assert london[0].country == "GB"
    assert len(towns.named(["san jose", "san josé"], 2)) <= 2
    assert towns.named([], 5) == towns.named([""], 5) == []


def test_towns_know_their_country(world):
    town = world.towns.nearest(42.05, 129.72, 50_000)
    assert (town.name, town.country) == ("Puryŏng-ŭp", "KP")


def test_the_file_of_an_older_version_is_as_good_as_none(tmp_path, monkeypatch, caplog):
    path = tmp_path / "basemap.npz"
    Basemap.empty().save(path)
    with np.load(path) as file:
        older = {name: array for name, array in file.items() if name != "countries"}
    np.savez(path, **older)
    monkeypatch.setattr(basemap, "BUILT_IN", path)
    built_in.cache_clear()
    try:
        assert built_in().towns.nearest(1, 1, 1) is None
    finally:
        built_in.cache_clear()
    assert "python -m blog.geo.basemap" in caplog.text
