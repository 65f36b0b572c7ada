"""The author's desk with scripts: many files with their outcomes, dots that move, a preview that keeps up."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, FloatRect, Locator, Page, expect

from tests.browser.conftest import Open
from tests.browser.site import Site, picture, sent
from tests.conftest import gpx


@pytest.fixture
def trip(open_page: Open) -> Page:
    """The desk of a new trip."""
    page = open_page("/desk/trips/new", who="author")
    page.get_by_label("Title *").fill("A trip for the desk")
    page.get_by_role("button", name="Make the trip").click()
    expect(page.get_by_role("heading", name="Add photos and tracks")).to_be_attached()
    return page


def upload(page: Page, *files: FilePayload) -> None:
    page.locator("photo-upload input[name=files]").set_input_files(list(files))


def test_many_files_are_sent_at_once_and_each_tells_what_became_of_it(trip: Page) -> None:
    early = sent("early.jpg", picture(59, (640, 480), "2026:06:02 08:15:00"))
    photos = [
        sent(f"p{n}.jpg", picture(60 + n, (640, 480), f"2026:06:02 08:{n}0:00", 45.4 + n / 100, 13.5))
        for n in range(5)
    ]
    lost, note = (
        sent("lost.jpg", picture(70, (640, 480), "2019:06:02 08:00:00")),
        sent("note.txt", b"Hello", "text/plain"),
    )
    upload(trip, early, *photos, lost, note)
    outcomes = trip.locator(".outcomes li")
    expect(outcomes).to_have_count(8)
    expect(trip.locator(".outcomes .placed")).to_have_count(6)
    expect(trip.locator(".outcomes .kept")).to_contain_text("lost.jpg")
    expect(outcomes.first).to_contain_text("note.txt This is a text.")
    expect(trip.get_by_role("heading", name="Photos 7")).to_be_visible()
    expect(trip.locator(".tray .tile[data-state=ready]")).to_have_count(7)
    expect(trip.locator(".tray img").first).to_be_visible()


def test_a_whole_folder_is_sent_from_a_page_that_was_open_for_days(trip: Page, tmp_path: Path) -> None:
    folder = tmp_path / "DCIM"
    (folder / "100").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    for number, name in enumerate(["one.jpg", "100/two.jpg", "100/.three.jpg", ".hidden/four.jpg"]):
        photo = picture(120 + number, (640, 480), "2026:06:02 08:15:00", 45.4 + number / 100, 13.5)
        (folder / name).write_bytes(photo)
    (folder / "copy.jpg").write_bytes((folder / "one.jpg").read_bytes())
    (folder / "100" / "raw.raf").write_bytes(b"FUJIFILMCCD-RAW 0201" + bytes(3_000_000))
    trip.locator("photo-upload").evaluate("(upload) => upload.setAttribute('token', 'of the day before')")
    trip.get_by_label("A folder").set_input_files(folder)
    outcomes = trip.locator(".outcomes li")
    expect(outcomes).to_have_count(4)
    expect(trip.locator(".outcomes .placed")).to_have_count(3)
    expect(outcomes.filter(has_text="Here already, not sent again.")).to_have_count(1)
    expect(trip.locator(".outcomes .refused")).to_contain_text(
        "raw.raf Not sent. This is a raw photo (RAF), which"
    )
    expect(trip.get_by_text("4 files: 3 placed, 1 refused.")).to_be_visible()


def test_who_was_signed_out_meanwhile_goes_on_after_signing_in(trip: Page) -> None:
    cookies = trip.context.cookies()
    trip.context.clear_cookies()
    upload(trip, sent("s.jpg", picture(130, (640, 480), None)))
    expect(trip.get_by_text("You are signed out. Please sign in again")).to_be_visible()
    trip.context.add_cookies(cookies)
    trip.get_by_role("button", name="Go on").click()
    expect(trip.locator(".outcomes .kept")).to_contain_text("s.jpg Kept, without a place.")


def test_a_broken_track_is_used_when_its_sender_agrees(trip: Page) -> None:
    way = [(45.4 + n / 1000, 13.5, f"2026-06-02T08:{n:02}:00Z") for n in range(30)]
    upload(trip, sent("way.gpx", gpx(way)[:2_000], "application/gpx+xml"))
    asked = trip.locator(".outcomes .asked")
    expect(asked).to_contain_text("way.gpx The file ends in line 1.")
    asked.get_by_role("button", name="Use what could be read").click()
    expect(asked.get_by_role("status")).to_have_text("The track is used, and the photos were placed again.")
    expect(asked.get_by_role("button")).to_have_count(0)
    trip.reload()
    expect(trip.get_by_role("button", name="Leave it out for now")).to_be_visible()


def test_a_photo_is_dragged_on_the_map_and_stays_there(trip: Page) -> None:
    upload(
        trip, *[sent(f"m{n}.jpg", picture(80 + n, (640, 480), None, 45.4 + n / 10, 13.5)) for n in range(2)]
    )
    trip.locator("place-editor").scroll_into_view_if_needed()
    dot = trip.get_by_role("button", name="m0.jpg")
    dot.click()
    expect(trip.get_by_text("drag its dot to the right place")).to_be_visible()
    before, photo = box_of(dot), trip.locator(".tile.is-chosen").get_attribute("data-photo")
    trip.mouse.move(*middle(before))
    trip.mouse.down()
    trip.mouse.move(before["x"] + 60, before["y"] + 40, steps=5)
    trip.mouse.up()
    expect(trip.locator(".place-status")).to_contain_text("Moved.")
    expect(trip.locator(f"#tile-{photo}")).to_contain_text("put there by hand")
    trip.goto(f"{trip.url}/photos/{photo}")
    expect(trip.get_by_label("Longitude")).not_to_have_value("13.500000")


def box_of(dot: Locator) -> FloatRect:
    box = dot.bounding_box()
    assert box
    return box


def middle(box: FloatRect) -> tuple[float, float]:
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_the_preview_keeps_up_and_photos_come_from_the_tray(site: Site, open_page: Open) -> None:
    page = open_page(f"/desk/posts/{site.draft}", who="author")
    text, preview = page.get_by_label("Text", exact=True), page.get_by_role("region", name="Preview")
    text.fill("One **bold** morning.")
    expect(preview.locator("strong")).to_have_text("bold")
    page.locator("[data-insert]").nth(1).click()
    page.locator("[data-insert]").nth(2).click()
    expect(text).to_have_value(re.compile(r"morning\.\n\n!\[\]\(photo:\d+\)\n!\[\]\(photo:\d+\)\n"))
    expect(preview.locator(".photo-row figure")).to_have_count(2)
    expect(preview.locator(".photo-row")).to_have_count(1)
    page.keyboard.type("Then rain.")
    expect(preview.get_by_text("Then rain.")).to_be_visible()
    expect(preview.locator(".photo-row figure")).to_have_count(2)
    page.locator("[data-insert]").nth(3).click()
    expect(preview.locator(".photo-row")).to_have_count(2)
    heights = preview.locator(".photo-row img").evaluate_all(
        "(all) => all.map((i) => i.getBoundingClientRect().height)"
    )
    assert abs(heights[0] - heights[1]) <= 1
    page.on("dialog", lambda dialog: dialog.accept())


def test_text_that_was_not_saved_is_offered_after_a_reload(site: Site, open_page: Open) -> None:
    page = open_page(f"/desk/posts/{site.draft}", who="author")
    page.on("dialog", lambda dialog: dialog.accept())
    text = page.get_by_label("Text", exact=True)
    saved = text.input_value()
    text.press("Control+Home")
    page.keyboard.type("Never lost. ")
    expect(page.get_by_role("region", name="Preview")).to_contain_text("Never lost.")
    page.reload()
    expect(text).to_have_value(saved)
    page.get_by_role("button", name="Bring it back").click()
    expect(text).to_have_value(re.compile("^Never lost. "))
    page.keyboard.press("Control+s")
    expect(page.get_by_role("status").get_by_text("Saved.")).to_be_visible()
    expect(text).to_have_value(re.compile("^Never lost. "))
    expect(page.get_by_role("button", name="Bring it back")).to_have_count(0)


def test_two_who_write_the_same_post_both_keep_their_words(site: Site, open_page: Open) -> None:
    one, two = (open_page(f"/desk/posts/{site.draft}", who="author") for _ in range(2))
    for page, words in [(one, "The first version."), (two, "The second version.")]:
        page.on("dialog", lambda dialog: dialog.accept())
        page.get_by_label("Text", exact=True).fill(words)
        page.get_by_role("button", name="Save", exact=True).click()
    expect(one.get_by_role("status").get_by_text("Saved.")).to_be_visible()
    expect(two.get_by_role("alert")).to_contain_text("Someone saved this post while you were writing")
    expect(two.get_by_label("Text", exact=True)).to_have_value("The second version.")
    expect(two.get_by_label("The text saved meanwhile")).to_have_value("The first version.")
