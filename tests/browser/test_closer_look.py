"""A closer look at a photo, and a look around inside of one, as readers take it."""

from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Open
from tests.servers import until

POST = "/posts/from-the-harbour"


def test_a_photo_is_looked_at_closely_with_keys_alone(open_page: Open) -> None:
    page = open_page(POST)
    scripts: list[str] = []
    page.on("request", lambda request: scripts.append(request.url.rsplit("/", 1)[1]))
    page.locator("a.photo-link").nth(1).press("Enter")
    lightbox, closer = page.locator(".pswp"), page.locator("dialog.closer")
    expect(lightbox).to_be_visible()
    assert not any(name.startswith("deep-zoom") for name in scripts)
    page.get_by_role("button", name="Look closer").press("Enter")
    view = closer.get_by_role("application", name="A jetty")
    expect(view).to_be_focused()
    expect(page.locator("dialog.closer canvas").first).to_be_attached()
    for key in ("+", "+", "ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
    expect(page.locator(".lightbox-caption")).to_contain_text(
        "The jetty"
    )  # the lightbox below stays as it was
    page.keyboard.press("Escape")
    expect(closer).to_have_count(0)
    expect(page.get_by_role("button", name="Look closer")).to_be_focused()
    page.keyboard.press("Enter")
    expect(view).to_be_focused()
    page.go_back()
    expect(closer).to_have_count(0)
    expect(lightbox).to_be_visible()
    page.go_back()
    expect(lightbox).to_have_count(0)
    assert page.url.endswith(POST)


def test_a_photo_that_shows_all_around_is_seen_from_inside(open_page: Open) -> None:
    page = open_page(POST)
    around = page.locator("a.photo-link:has(.all-around)")
    expect(around).to_have_count(1)
    page.goto(around.get_attribute("href") or "")
    page.get_by_role("link", name="Look around").click()
    inside = page.get_by_role("application", name="Arrow keys turn it")
    expect(inside).to_be_focused()
    before = inside.screenshot()
    page.keyboard.down("ArrowRight")
    page.wait_for_timeout(300)
    page.keyboard.up("ArrowRight")
    assert inside.screenshot() != before
    page.get_by_role("button", name="Close").click()
    expect(page.locator("dialog")).to_have_count(0)


def test_a_panorama_on_a_phone_is_pushed_along_sideways(open_page: Open) -> None:
    page = open_page(POST, size=PHONE)
    strip = page.locator(".is-wide .photo-link").first
    strip.hover()
    page.mouse.wheel(150, 0)
    until(lambda: strip.evaluate("(strip) => strip.scrollLeft") > 100)
    shown = strip.locator("img").bounding_box()
    assert shown and shown["height"] >= 200 and shown["width"] > 2.9 * shown["height"]
