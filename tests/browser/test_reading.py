"""A reader on a post: nothing jumps, photos stand in rows, the map follows, keys suffice."""

from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, WIDE, Listener, Open
from tests.servers import until

POST = "/posts/from-the-harbour"
TOUCH = {"has_touch": True, "is_mobile": True, "device_scale_factor": 2}

SHIFTS = """() => new Promise((told) => {
    let sum = 0;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
    setTimeout(() => told(sum), 200);
})"""


def scroll_through(page: Page) -> None:
    page.evaluate(
        """async () => {
            for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight / 2) {
                scrollTo(0, y);
                await new Promise((shown) => setTimeout(shown, 60));
            }
        }"""
    )


@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_nothing_jumps_while_a_post_is_read_to_the_end(open_page: Open, size: tuple[int, int]) -> None:
    page = open_page(POST, size=size)
    scroll_through(page)
    assert page.evaluate(SHIFTS) <= 0.01
    unseen = page.locator("main img").evaluate_all(
        "(all) => all.filter((image) => !image.naturalWidth).length"
    )
    assert unseen == 0


def test_photos_far_below_the_screen_are_not_loaded(open_page: Open, listener: Listener) -> None:
    page = open_page(POST, size=PHONE)
    page.wait_for_load_state("networkidle")
    last = page.locator("figure.photo img").last
    distance = last.evaluate("(image) => image.getBoundingClientRect().top - innerHeight")
    assert distance > 2500
    assert last.evaluate("(image) => image.currentSrc") == ""
    assert 0 < len(listener.media) < page.locator("figure.photo img").count()


@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_photos_of_a_line_have_one_height_and_fill_it(open_page: Open, size: tuple[int, int]) -> None:
    page = open_page(POST, size=size)
    lines = page.evaluate(
        """() => {
            const wide = matchMedia("(min-width: 54rem)").matches;
            return [...document.querySelectorAll(wide ? ".story .photo-row" : ".story .line")].map((line) => {
                const { left, right } = line.getBoundingClientRect();
                const photos = [...line.querySelectorAll("img")].map((image) => {
                    const shape = image.getAttribute("width") / image.getAttribute("height");
                    const box = image.getBoundingClientRect();
                    return { left: box.left, right: box.right, height: box.height, shape };
                });
                return { left, right, photos };
            });
        }"""
    )
    assert len(lines) >= 4
    for line in lines:
        photos = line["photos"]
        heights = [photo["height"] for photo in photos]
        assert max(heights) - min(heights) <= 1
        if len(photos) > 1:
            assert (
                abs(photos[0]["left"] - line["left"]) <= 1 and abs(photos[-1]["right"] - line["right"]) <= 1
            )
        assert all(0 < right["left"] - left["right"] <= 8 for left, right in pairwise(photos))
        for photo in photos:
            assert (photo["right"] - photo["left"]) / photo["height"] == pytest.approx(
                photo["shape"], rel=0.02
            )


def test_the_ringed_dot_follows_the_reader(open_page: Open) -> None:
    page = open_page(POST)
    dot = page.locator("trip-map:visible .map-you")
    expect(dot).to_be_visible()
    for number in (1, 3, 5):
        before = dot.get_attribute("style") or ""
        page.locator("figure.photo").nth(number).scroll_into_view_if_needed()
        page.mouse.wheel(0, 300)
        expect(dot).not_to_have_attribute("style", before)
        expect(dot).to_be_in_viewport()


def test_a_touch_turns_the_map_interactive_with_the_photos_on_it(open_page: Open) -> None:
    page = open_page(POST, size=PHONE, **TOUCH)
    page.get_by_role("link", name="Open the map").filter(visible=True).tap()
    card_maker = page.get_by_role("button", name="The bay, seen from stop 0")
    expect(card_maker).to_be_visible()
    assert page.locator(".map-marker").count() >= 8
    card_maker.dispatch_event("click")
    expect(page.locator(".map-card").first).to_contain_text("stop 0")
    page.get_by_role("button", name="Close the map").tap()
    expect(page.locator("trip-map:visible svg.map")).to_be_visible()


def test_the_map_opens_by_keyboard_and_gives_the_focus_back(open_page: Open) -> None:
    page = open_page("/trips/along-the-bay")
    page.get_by_role("link", name="Open the map").filter(visible=True).press("Enter")
    expect(page.locator(".maplibregl-canvas")).to_be_focused()
    dot = page.locator(".map-marker").first
    dot.press("Enter")
    expect(page.locator(".map-card").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".map-card")).to_have_count(0)
    expect(dot).to_be_focused()
    page.get_by_role("button", name="Close the map").press("Enter")
    expect(page.get_by_role("link", name="Open the map").filter(visible=True)).to_be_focused()


def test_the_lightbox_runs_through_the_post_and_closes_by_back(open_page: Open) -> None:
    page = open_page(POST)
    page.locator("a.photo-link").nth(1).press("Enter")
    lightbox = page.locator(".pswp")
    caption = page.locator(".lightbox-caption")
    expect(lightbox).to_be_visible()
    expect(caption).to_contain_text("The jetty that the ferry no longer uses")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(caption).to_contain_text("Somebody's door")
    page.go_back()
    expect(lightbox).to_have_count(0)
    assert page.url.endswith(POST)
    page.locator("a.photo-link").nth(2).click()
    expect(lightbox).to_be_visible()
    page.keyboard.press("Escape")
    expect(lightbox).to_have_count(0)
    assert page.url.endswith(POST)


def test_a_caption_of_several_lines_stands_below_the_photo(open_page: Open) -> None:
    page = open_page(POST, size=(1280, 560))
    page.locator(".photo:has(.notes) a.photo-link").press("Enter")
    expect(page.locator(".lightbox-caption")).to_contain_text("Somebody had painted it.")
    stands_below = """() => {
        const bottoms = [...document.querySelectorAll(".pswp__item:not([aria-hidden=true]) .pswp__img")]
            .map((image) => image.getBoundingClientRect().bottom);
        const caption = document.querySelector(".lightbox-caption").getBoundingClientRect();
        return Math.max(...bottoms) <= caption.top + 1;
    }"""
    until(lambda: page.evaluate(stands_below))


def test_a_film_is_loaded_only_when_it_is_asked_for(open_page: Open, listener: Listener) -> None:
    page = open_page(POST)
    page.context.route("https://www.youtube-nocookie.com/**", lambda route: route.fulfill(body="A film"))
    assert page.locator("iframe").count() == 0
    assert listener.strangers == []
    page.get_by_role("link", name="Load the video from youtube.com").click()
    expect(page.frame_locator("iframe").get_by_text("A film")).to_be_visible()
    assert {url.split("/")[2] for url in listener.strangers} == {"www.youtube-nocookie.com"}
    listener.strangers.clear()


def test_a_page_can_be_read_with_keys_alone(open_page: Open) -> None:
    page = open_page(POST)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the page")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    for _ in range(12):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            """() => {
                const element = document.activeElement, style = getComputedStyle(element);
                const { width, height, top, bottom } = element.getBoundingClientRect();
                return { inMain: !!element.closest("main"), ring: style.outlineStyle !== "none",
                         seen: width > 0 && height > 0 && bottom > 0 && top < innerHeight };
            }"""
        )
        assert focused == {"inMain": True, "ring": True, "seen": True}
