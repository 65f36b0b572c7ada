"""The desks of clocks and of privacy with scripts: a slider that moves photos, a click that hides a place."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Open
from tests.browser.site import picture, sent
from tests.conftest import gpx

HOUR = [(45.4 + i * 0.002, 13.5, f"2026-06-02T06:{i:02}:00Z") for i in range(60)]


@pytest.fixture
def trip(open_page: Open) -> Page:
    """The desk of a trip with an hour's walk and two photos on it."""
    page = open_page("/desk/trips/new", who="author")
    page.get_by_label("Title *").fill("A trip with a clock")
    page.get_by_role("button", name="Make the trip").click()
    photos = [sent(f"c{n}.jpg", picture(90 + n, (320, 240), f"2026:06:02 08:{n}0:00")) for n in (2, 3)]
    track = {"name": "hour.gpx", "mimeType": "application/gpx+xml", "buffer": gpx(HOUR)}
    page.locator("#files").set_input_files([track, *photos])
    expect(page.locator(".tray .tile[data-state=ready]")).to_have_count(2)
    expect(page.get_by_role("heading", name="Tracks", exact=True)).to_be_visible()
    return page


@pytest.mark.parametrize("phone", [False, True])
def test_the_slider_moves_all_photos_and_is_applied(trip: Page, phone: bool) -> None:
    if phone:
        trip.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    trip.get_by_role("link", name=re.compile("^Its clock")).click()
    slider = trip.get_by_role("slider")
    slider.scroll_into_view_if_needed()
    expect(trip.get_by_text("The clock was right.")).to_be_visible()
    dots = trip.locator(".clock-map .map-marker")
    expect(dots).to_have_count(2)
    before = [dot.bounding_box() for dot in dots.all()]
    slider.evaluate(
        "(range) => { range.value = Number(range.value) - 600; range.dispatchEvent(new Event('input')) }"
    )
    expect(trip.get_by_text("The clock was ahead by 10 min.")).to_be_visible()
    after = [dot.bounding_box() for dot in dots.all()]
    assert all(a and b and b["y"] > a["y"] + 5 for a, b in zip(before, after, strict=True))  # both went south
    expect(trip.get_by_label("minutes")).to_have_value("10")
    trip.get_by_role("button", name="Use this for all 2 photos").click()
    expect(trip.get_by_text("is corrected, and its photos were placed again")).to_be_visible()
    expect(trip.locator(".belief")).to_contain_text("10 min ahead")
    trip.get_by_role("button", name="Undo the last change").click()
    expect(trip.locator(".belief")).to_contain_text("Right")


def test_one_photo_that_is_dragged_takes_the_others_along(trip: Page) -> None:
    trip.get_by_role("link", name=re.compile("^Its clock")).click()
    trip.locator(".clock-map").scroll_into_view_if_needed()
    expect(trip.get_by_text("The clock was right.")).to_be_visible()
    dots = trip.locator(".clock-map .map-marker")
    first, other = (dots.nth(n).bounding_box() for n in range(2))
    assert first and other
    x, y = first["x"] + first["width"] / 2, first["y"] + first["height"] / 2
    trip.mouse.move(x, y)
    trip.mouse.down()
    trip.mouse.move(x + 3, y - 40, steps=5)
    trip.mouse.up()
    expect(trip.get_by_text("The clock was behind by")).to_be_visible()
    moved = dots.nth(1).bounding_box()
    assert moved and moved["y"] < other["y"] - 20


def test_a_click_on_the_map_says_what_to_hide(trip: Page) -> None:
    trip.get_by_role("link", name="What readers get of the map").click()
    trip.locator("privacy-editor").scroll_into_view_if_needed()
    canvas = trip.locator('.zone-map[aria-busy="false"] canvas')
    canvas.scroll_into_view_if_needed()
    canvas.click(position={"x": 200, "y": 150})
    expect(trip.get_by_label("Latitude")).to_have_value(re.compile(r"^45\.\d{5}$"))
    trip.get_by_label("Name, for yourself").fill("Home")
    trip.get_by_role("button", name="Hide this place").click()
    expect(trip.get_by_text("Readers get nothing of what lies around it.")).to_be_visible()
    expect(trip.get_by_role("listitem").filter(has_text="Home")).to_be_visible()
