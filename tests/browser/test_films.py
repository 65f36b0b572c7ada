"""A reader on a post with films: nothing is loaded before it is asked for, and then it plays."""

from playwright.sync_api import Page, Response, Route, expect

from tests.browser.conftest import PHONE, Listener, Open

POST = "/posts/by-ferry"
PLAYED_AND_SOUGHT = """async (film) => {
    const once = (event) => new Promise((told) => film.addEventListener(event, told, { once: true }));
    film.muted = true;
    await film.play();
    while (film.currentTime < 0.2) await once("timeupdate");
    film.pause();
    film.currentTime = 5;
    await once("seeked");
    return [film.currentTime, film.duration, film.error];
}"""


def clips(listener: Listener) -> list[str]:
    return [address for address in listener.media if address.endswith(".mp4")]


def test_a_film_plays_and_seeks_and_a_moment_plays_once(open_page: Open, listener: Listener) -> None:
    page = open_page(POST, size=PHONE)
    parts: list[Response] = []
    page.on("response", lambda answer: parts.append(answer) if answer.url.endswith(".mp4") else None)
    film = page.locator("video[controls]")
    film.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    assert clips(listener) == []
    assert film.evaluate(PLAYED_AND_SOUGHT) == [5, 6, None]
    assert {part.status for part in parts} == {206}
    assert all(part.headers["content-range"].startswith("bytes ") for part in parts)

    page.get_by_role("link", name="Play the moment").click()
    moment = page.locator("video.moment")
    expect(moment).to_have_count(1)
    expect(moment).to_have_count(0)  # it has ended: the photo is back
    assert page.url.endswith(POST)


def test_another_site_is_asked_for_nothing_before_the_click(open_page: Open, listener: Listener) -> None:
    page = open_page(POST)
    stand_in_for_other_sites(page)
    link = page.get_by_role("link", name="Load the video from youtube.com")
    link.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    assert listener.strangers == []
    expect(link.get_by_role("img", name="The quay")).to_be_visible()
    link.click()
    frame = page.locator("iframe.embed-frame")
    expect(frame).to_have_attribute("title", "▶ Load the video from youtube.com")
    expect(frame).to_be_focused()
    assert listener.strangers == ["https://www.youtube-nocookie.com/embed/aqz-KE-bpKQ"]
    listener.strangers.clear()


def stand_in_for_other_sites(page: Page) -> None:
    def answer(route: Route) -> None:
        route.fulfill(body="<!doctype html><title>A player</title>", content_type="text/html")

    page.route("https://www.youtube-nocookie.com/**", answer)
