"""The drawn map: what is on it, where, how large it is, and that nothing from outside becomes markup."""

import json
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog.geo.along import fractions_along
from blog.geo.basemap import Basemap, Shapes, Town, Towns
from blog.geo.drawing import MapPhoto, MapView, draw_map, drawn_lines, map_document
from blog.geo.labels import place_labels
from blog.geo.mercator import NORTHERNMOST, Frame
from blog.geo.outlines import clip_ring, pieces_within, simplified, thinned
from blog.geo.positions import between
from blog.geo.svg import number, path_data

NOWHERE = Basemap.empty()
HOERYONG, CHONGJIN = (42.441, 129.746), (41.796, 129.776)


def photo(number: int, lat: float, lon: float, radius_m: float = 10.0, label: str = "A photo") -> MapPhoto:
    return MapPhoto(number, lat, lon, radius_m, f"#photo-{number}", label)


def day() -> MapView:
    """A day's drive as a receiver logs it: one point a second, some noise, thirty photos."""
    t = np.linspace(0, 1, 20_000)
    noise = np.random.default_rng(1).normal(0, 3e-5, len(t))
    lat = HOERYONG[0] + (CHONGJIN[0] - HOERYONG[0]) * t + 0.02 * np.sin(t * 30) + noise
    lon = HOERYONG[1] + (CHONGJIN[1] - HOERYONG[1]) * t + 0.03 * np.sin(t * 12)
    route = np.column_stack((lat, lon))
    photos = [photo(i, *route[place]) for i, place in enumerate(np.linspace(100, 19_000, 30).astype(int))]
    return MapView([route[:12_000]], [route[12_000:]], photos, title="The road down")


def paths(svg: str, name: str) -> list[str]:
    return re.findall(rf'<path class="{name}" d="([^"]*)"', svg)


def box_of(svg: str) -> tuple[float, float]:
    root = ElementTree.fromstring(svg)
    return float(root.attrib["width"]), float(root.attrib["height"])


def dots(svg: str) -> list[tuple[float, float]]:
    found = re.findall(r'<circle cx="([-\d.]+)" cy="([-\d.]+)" r="3.5"/></a>', svg)
    return [(float(x), float(y)) for x, y in found]


class TestDrawing:
    def test_a_day_has_its_route_its_photos_and_its_towns_and_stays_small(self):
        svg = draw_map(day())
        assert ElementTree.fromstring(svg).attrib["aria-label"] == "The road down"
        assert len(paths(svg, "map-walked")) == len(paths(svg, "map-rest")) == 1
        assert {"#photo-0", "#photo-15", "#photo-29"} <= set(re.findall(r'href="([^"]+)"', svg))
        assert "Chongjin" in svg and "Hoeryŏng" in svg
        assert len(svg.encode()) < 12_000

    def test_no_style_and_no_script_so_that_a_strict_policy_holds(self):
        svg = draw_map(day())
        assert "style=" not in svg and "<style" not in svg and "<script" not in svg and " on" not in svg

    def test_names_and_captions_never_become_markup(self):
        towns = Towns.of([Town('<script>alert("t")</script>', 10.0, 10.0, 9_000)])
        view = MapView(
            photos=[MapPhoto(1, 10.0, 10.01, 5, 'javascript:"><b>', "</title><script>alert(1)</script>")],
            title='"><script>', description="<script>alert(2)</script>",
        )  # fmt: skip
        svg = draw_map(view, Basemap(NOWHERE.land, NOWHERE.borders, towns))
        assert "<script" not in svg and "<b>" not in svg
        texts = "".join(ElementTree.fromstring(svg).itertext())
        assert '<script>alert("t")</script>' in texts and "</title><script>alert(1)</script>" in texts

    def test_links_are_not_hidden_in_an_image(self):
        assert 'role="group"' in draw_map(day(), NOWHERE)
        assert 'role="img"' in draw_map(MapView(), NOWHERE)

    def test_an_uncertain_place_has_a_ring_of_its_radius(self):
        spread = [
            photo(1, 10.0, 10.0),
            photo(2, 10.0, 10.2, radius_m=2_000),
            photo(3, 10.1, 10.1, radius_m=149),
        ]
        view = MapView(photos=spread)
        svg = draw_map(view, NOWHERE)
        (radius,) = re.findall(r'class="map-ring"[^/]* r="([\d.]+)"', svg)
        assert float(radius) == pytest.approx(2_000 / view.frame.metres_per_pixel, abs=0.1)

    def test_photos_in_a_row_at_one_spot_share_a_dot(self):
        square = [photo(1, 10.0, 10.0), photo(2, 10.00001, 10.0), photo(3, 10.0, 10.2), photo(4, 10.0, 10.0)]
        svg = draw_map(MapView(photos=square), NOWHERE)
        assert re.findall(r'data-photos="([^"]*)"', svg) == ["1 2", "3", "4"]
        assert "A photo +1" in svg

    def test_land_fills_the_box_beside_the_drawing_too(self):
        everywhere = Shapes.of([(np.array([[-180.0, -90], [180, -90], [180, 90], [-180, 90]]), False)])
        land = dict.fromkeys(("10m", "50m", "110m"), everywhere)
        svg = draw_map(MapView(photos=[photo(1, 10, 10)]), Basemap(land, NOWHERE.borders, NOWHERE.towns))
        corners = [float(value) for value in re.findall(r"-?[\d.]+", paths(svg, "map-land")[0])]
        assert min(corners[0::2]) < -100 or max(corners[0::2]) > 400

    def test_a_scale_bar_is_a_round_length(self):
        assert "<text" in draw_map(day(), NOWHERE)
        assert re.search(r">(1|2|5)0* k?m</text>", draw_map(day(), NOWHERE))
        assert "map-scale" not in draw_map(MapView(), NOWHERE)


class TestMapsOfOnePhoto:
    """On its own page a photo's circle is seen, whatever the route around it looks like."""

    def about(self, radius_m: float, lat: float = 42.0, way_degrees: float = 3.0) -> MapView:
        route = np.column_stack((lat + np.linspace(-1, 1, 4_000) * way_degrees / 2, np.full(4_000, 129.7)))
        return MapView([route], photos=[photo(1, lat, 129.7, radius_m)], is_about_photo=True)

    def ring(self, view: MapView) -> float | None:
        found = re.findall(
            r'class="map-ring" cx="([-\d.]+)" cy="([-\d.]+)" r="([\d.]+)"', draw_map(view, NOWHERE)
        )
        if not found:
            return None
        ((x, y, radius),) = [tuple(map(float, circle)) for circle in found]
        assert radius - 1 <= x <= view.width - radius + 1
        assert radius - 1 <= y <= view.height - radius + 1
        return radius

    @pytest.mark.parametrize("lat", [0.0, 42.0, -65.0, 84.0])
    @pytest.mark.parametrize("radius_m", [151, 300, 2_000, 9_000, 60_000])
    def test_the_whole_circle_is_seen(self, lat, radius_m):
        assert 8 <= self.ring(self.about(radius_m, lat)) <= 150

    @pytest.mark.parametrize("radius_m", [5, 150])
    def test_an_exact_place_is_shown_on_the_whole_way(self, radius_m):
        view = self.about(radius_m)
        assert self.ring(view) is None
        assert view.frame.north - view.frame.south > 3

    def test_the_way_stays_in_view_where_the_circle_is_seen_in_it(self):
        view = self.about(60_000)
        assert view.frame.north > 43.5 and view.frame.south < 40.5
        assert self.ring(view) == pytest.approx(60_000 / view.frame.metres_per_pixel, rel=0.02)

    def test_a_close_map_carries_no_more_of_the_way_than_is_seen(self):
        assert len(draw_map(self.about(300), NOWHERE)) < 2_000

    def test_a_map_of_many_photos_does_not_go_close(self):
        view = self.about(300)
        assert MapView(view.walked, photos=view.photos).frame.north > 43.4


class TestFlights:
    FLIGHT = np.column_stack(between(50.03, 8.56, 35.77, 140.39, np.linspace(0, 1, 95)))

    def test_a_flight_is_drawn_apart_from_the_road_and_stays_in_the_frame(self):
        view = MapView(walked=[np.array([[50.03, 8.56], [50.1, 8.6]])], flown=[self.FLIGHT])
        svg = draw_map(view, NOWHERE)
        assert svg.count('class="map-flown"') == svg.count('class="map-walked"') == 1
        pixels = view.frame.pixels(self.FLIGHT)
        assert (pixels >= 0).all()
        assert (pixels <= [view.width, view.height]).all()

    def test_a_flight_over_the_date_line_is_one_line(self):
        flight = np.column_stack(between(35.77, 140.39, 37.6, -122.4, np.linspace(0, 1, 85)))
        svg = draw_map(MapView(flown=[flight]), NOWHERE)
        (path,) = paths(svg, "map-flown")
        assert path.count("M") == 1


class TestAroundTheGlobe:
    def test_a_route_across_the_antimeridian_is_one_line_on_the_short_way(self):
        line = np.array([(-17.0, 177.0), (-17.2, 179.5), (-17.1, -179.0), (-16.0, -176.0)])
        view = MapView([line])
        svg = draw_map(view)
        assert len(paths(svg, "map-walked")) == 1
        assert view.frame.east - view.frame.west < 20
        assert paths(svg, "map-land")

    def test_a_route_round_the_world_is_cut_at_the_edge(self):
        stops = [(51, 0), (25, 55), (13, 100), (35, 139), (37, -122), (40, -74), (51, -1)]
        svg = draw_map(MapView([np.array(stops, dtype=float)]))
        width, _ = box_of(svg)
        for path in paths(svg, "map-walked"):
            _, *steps = [float(value) for value in re.findall(r"-?\d*\.?\d+", path)][0::2]
            assert all(abs(step) <= width for step in steps)
        assert len(paths(svg, "map-walked")) == 2

    def test_a_way_over_a_pole_leaves_the_map_at_its_edge_and_comes_back_elsewhere(self):
        steps = np.linspace(0, 1, 400)
        way = np.column_stack(between(80.0, 10.0, 80.0, -169.5, steps))
        assert way[:, 0].max() > 89.9
        out, back = drawn_lines([way], MapView([way]).frame)
        assert np.ptp(out[:, 0]) < 12 and np.ptp(back[:, 0]) < 12  # each keeps to its side
        assert abs(out[:, 0].mean() - back[:, 0].mean()) > 100

    def test_a_way_round_the_pole_is_not_drawn_along_the_edge(self):
        circle = np.column_stack((np.full(361, 88.0), np.linspace(-180, 180, 361)))
        assert drawn_lines([circle], Frame.fitting([circle], 300, 420)) == []

    @pytest.mark.parametrize(
        "place", [(90.0, 0.0), (-90.0, 12.0), (89.99, 179.99), (0.0, -180.0), (-54.8, -68.3)]
    )
    def test_a_single_point_anywhere_lies_in_the_middle(self, place):
        svg = draw_map(MapView(photos=[photo(1, *place)]))
        assert dots(svg) == [(pytest.approx(150, abs=0.2), pytest.approx(202, abs=0.2))]

    def test_nothing_at_all_is_a_map_of_the_world(self):
        svg = draw_map(MapView())
        assert len(paths(svg, "map-land")[0]) > 2_000
        assert "map-photo" not in svg

    def test_the_least_extent_is_two_kilometres(self):
        frame = Frame.fitting([[(41.9, 12.5)]], 300, 420)
        assert frame.metres_per_pixel * 300 == pytest.approx(2_000 / 0.82, rel=0.01)

    @given(
        st.lists(st.tuples(st.floats(-85, 85), st.floats(-180, 180)), min_size=1, max_size=12),
        st.sampled_from([(300, 420), (640, 360), (200, 200)]),
    )
    def test_every_point_lies_within_the_margins(self, points, size):
        frame = Frame.fitting([points], *size)
        pixels = frame.pixels(points)
        half_world = frame.scale / 2 + 1e-6
        assert (pixels[:, 1] >= -1e-6).all() and (pixels[:, 1] <= size[1] + 1e-6).all()
        if frame.scale >= size[0]:
            middle = size[0] / 2
            assert (np.abs(pixels[:, 0] - middle) <= min(middle, half_world) + 1e-6).all()

    @given(st.floats(-85, 85), st.floats(-170, 170))
    def test_pixels_lead_back_to_degrees(self, lat, lon):
        frame = Frame.fitting([[(lat, lon)]], 300, 420)
        assert frame.degrees(frame.pixels([(lat, lon)]))[0] == pytest.approx([lon, lat], abs=1e-9)

    def test_beyond_the_last_parallel_the_map_ends(self):
        frame = Frame.fitting([[(90.0, 0.0), (-90.0, 0.0)]], 300, 420)
        assert frame.north == pytest.approx(NORTHERNMOST)
        assert frame.south == pytest.approx(-NORTHERNMOST)


class TestOutlines:
    def test_a_ring_is_cut_along_the_box(self):
        square = np.array([[0.0, 0], [10, 0], [10, 10], [0, 10]])
        clipped = clip_ring(square, (5, 5, 20, 20))
        assert sorted(clipped.tolist()) == [[5, 5], [5, 10], [10, 5], [10, 10]]
        assert clip_ring(square, (2, 2, 3, 3)).min() == 2
        assert len(clip_ring(square, (20, 20, 30, 30))) == 0

    def test_a_line_is_cut_where_it_leaves_the_box(self):
        line = np.array([[0.0, 0], [1, 0], [2, 0], [50, 0], [51, 0], [2, 1], [1, 1]])
        assert [len(piece) for piece in pieces_within(line, (0, -1, 5, 5))] == [4, 3]

    @given(st.lists(st.tuples(st.floats(0, 400), st.floats(0, 400)), min_size=2, max_size=60))
    def test_a_simplified_line_is_nowhere_farther_than_its_tolerance(self, points):
        line = np.array(points)
        (kept,) = simplified([line], 2.0)
        assert kept[0].tolist() == line[0].tolist() and kept[-1].tolist() == line[-1].tolist()
        assert max(distance_to(kept, point) for point in line) <= 2.0 + 1e-9

    def test_many_lines_are_simplified_each_for_itself(self):
        lines = [
            np.array([[0.0, 0], [1, 0.1], [2, 0]]),
            np.array([[0.0, 5], [1, 9], [2, 5]]),
            np.array([[7.0, 7]]),
        ]
        assert [len(line) for line in simplified(lines, 0.5)] == [2, 3, 1]
        assert simplified([], 0.5) == []

    def test_thinning_keeps_the_ends(self):
        line = np.column_stack((np.linspace(0, 10, 1_001), np.zeros(1_001)))
        thin = thinned(line, 0.25)
        assert len(thin) < 50 and thin[0, 0] == 0 and thin[-1, 0] == 10

    def test_rounding_errors_do_not_add_up_along_a_path(self):
        points = np.column_stack((np.arange(300) * 0.333, np.arange(300) * 0.777))
        moves = [float(value) for value in re.findall(r"-?\d*\.?\d+", path_data(points))]
        assert sum(moves[0::2]) == pytest.approx(points[-1, 0], abs=0.051)

    def test_numbers_are_short(self):
        assert [number(value) for value in (0.04, -0.3, 10.5, -12.0, 0.96)] == [
            "0",
            "-.3",
            "10.5",
            "-12",
            "1",
        ]
        assert path_data(np.array([[1.0, 1.0], [1.01, 1.01]])) == ""


def distance_to(line, point):
    start, chord = line[:-1], np.diff(line, axis=0)
    squared = np.maximum((chord**2).sum(axis=1), 1e-30)
    share = np.clip(((point - start) * chord).sum(axis=1) / squared, 0, 1)
    return float(np.hypot(*(point - start - share[:, None] * chord).T).min())


class TestLabels:
    FRAME = Frame.fitting([[(10.0, 10.0), (11.0, 11.0)]], 300, 420)

    def labels(self, *towns: Town, route=None):
        return place_labels(self.FRAME, Towns.of(towns), np.empty((0, 2)) if route is None else route)

    def test_names_never_overlap_and_stay_inside(self):
        rng = np.random.default_rng(3)
        towns = [
            Town(f"Town number {i}", *rng.uniform(9.6, 11.4, 2), int(rng.integers(1e3, 1e6)))
            for i in range(80)
        ]
        boxes = [label.box for label in self.labels(*towns)]
        assert 3 <= len(boxes) <= 8
        for i, (left, top, right, bottom) in enumerate(boxes):
            assert left >= 0 and top >= 0 and right <= 300 and bottom <= 420
            assert all(left >= r or right <= le or top >= b or bottom <= t for le, t, r, b in boxes[:i])

    def test_a_town_on_the_route_is_named_before_a_larger_one(self):
        on, off = Town("Halt", 10.5, 10.5, 3_000), Town("Elsewhere", 10.8, 10.2, 9_000)
        route = self.FRAME.pixels([(10.5, 10.5), (10.6, 10.5)])
        assert [label.town.name for label in self.labels(on, off)] == ["Elsewhere", "Halt"]
        assert [label.town.name for label in self.labels(on, off, route=route)] == ["Halt", "Elsewhere"]

    def test_a_name_stands_on_the_side_that_hides_less_of_the_route(self):
        eastward = self.FRAME.pixels([(10.5, 10.5 + step / 100) for step in range(1, 30)])
        assert self.labels(Town("Halt", 10.5, 10.5, 3_000), route=eastward)[0].leftward
        assert not self.labels(Town("Halt", 10.5, 10.5, 3_000))[0].leftward


class TestAlong:
    OUT_AND_BACK = (np.array([[0.0, 0.0], [100.0, 0.0]]), np.array([[100.0, 0.0], [0.0, 0.0]]))

    def test_the_way_back_is_told_from_the_way_out(self):
        at = np.array([[10.0, 1], [90, 1], [50, 1], [10, 1]])
        assert fractions_along(at, self.OUT_AND_BACK) == pytest.approx([0.05, 0.45, 0.75, 0.95], abs=0.02)

    def test_a_photo_far_off_does_not_turn_the_order_round(self):
        at = np.array([[10.0, 0], [500, 500], [90, 0]])
        first, _, last = fractions_along(at, self.OUT_AND_BACK[:1])
        assert (first, last) == (pytest.approx(0.1, abs=0.02), pytest.approx(0.9, abs=0.02))

    def test_without_a_route_nothing_is_walked(self):
        assert fractions_along(np.array([[1.0, 1.0]]), []) == [0.0]


class TestDocument:
    def test_it_holds_what_the_interactive_map_needs(self):
        view = day()
        document = json.loads(json.dumps(map_document(view)))
        west, south, east, north = document["bounds"]
        assert west < 129.7 < east and south < 41.8 and north > 42.4
        kinds = [feature["properties"]["kind"] for feature in document["land"]["features"]]
        assert kinds == ["world", "sea", "land"]
        assert [feature["properties"]["kind"] for feature in document["route"]["features"]] == [
            "walked",
            "rest",
            "flown",
        ]
        assert document["photos"][3] | {"lat": 0, "lon": 0} == {
            "id": 3, "lat": 0, "lon": 0, "radius_m": 10.0, "href": "#photo-3", "label": "A photo", "src": "",
            "width": 0, "height": 0, "caption": "", "when": "", "found": "",
        }  # fmt: skip
        assert "Chongjin" in [town["name"] for town in document["towns"]]
        assert len(json.dumps(document)) < 250_000

    def test_the_route_is_finer_than_the_drawing_and_true_to_a_few_metres(self):
        view = day()
        (walked,) = map_document(view, NOWHERE)["route"]["features"][0]["geometry"]["coordinates"]
        line = view.frame.pixels(np.array(walked)[:, ::-1])
        original = view.frame.pixels(view.walked[0][::97])
        worst = max(distance_to(line, point) for point in original)
        assert worst * view.frame.metres_per_pixel < 12
        assert 100 < len(walked) < 3_000

    def test_across_the_antimeridian_the_east_lies_past_180(self):
        document = map_document(MapView([np.array([(-17.0, 178.0), (-16.0, -177.0)])]))
        west, _, east, _ = document["bounds"]
        assert west < 178 and east > 183
        (line,) = document["route"]["features"][0]["geometry"]["coordinates"]
        assert [round(lon) for lon, _ in line] == [178, 183]

    def test_lakes_stay_holes_of_the_land_around_them(self):
        shore = np.array([[0.0, 0], [20, 0], [20, 20], [0, 20]])
        lake = np.array([[9.0, 9], [11, 9], [11, 11], [9, 11]])
        land = {scale: Shapes.of([(shore, False), (lake, True)]) for scale in ("10m", "50m", "110m")}
        view = MapView([np.array([(5.0, 5.0), (15.0, 15.0)])])
        document = map_document(view, Basemap(land, NOWHERE.borders, NOWHERE.towns))
        (polygon,) = document["land"]["features"][-1]["geometry"]["coordinates"]
        assert len(polygon) == 2

    def test_nothing_at_all_is_the_world_once(self):
        kinds = [feature["properties"]["kind"] for feature in map_document(MapView())["land"]["features"]]
        assert kinds == ["land"]
