"""Every kind of page: nothing for axe to find, nothing wider than the screen, nothing on the console."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.conftest import PHONE, WIDE, Listener, People, Shots
from tests.browser.site import Site

PAGES = list(Site("", 0, 0, 0, 0).pages())
COLOURS = ("color-contrast", "link-in-text-block")


Windows = dict[str, tuple[Page, Listener]]


@pytest.fixture(scope="module")
def windows(browser: Browser, site: Site, people: People) -> Iterator[Windows]:
    """One window for each person, used for all their pages: opening one takes longer than reading a page."""
    found: Windows = {}
    for who, cookies in people.items():
        page, listener = browser.new_page(base_url=site.address, storage_state=cookies), Listener(site)
        listener.listen(page)
        found[who] = page, listener
    yield found
    for page, _listener in found.values():
        page.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_barriers_and_fits_every_screen(
    site: Site, windows: Windows, shots: Shots, name: str
) -> None:
    who, path = site.pages()[name]
    page, listener = windows[who]
    shots.append(page)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    resize(page, WIDE)
    page.goto(path)
    page.evaluate(Axe().axe_script)
    assert violations(page) + beyond_the_edge(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, *COLOURS) == []
    resize(page, PHONE)
    assert violations(page) + beyond_the_edge(page) == []
    page.emulate_media(color_scheme="light")
    assert violations(page, *COLOURS) == []
    page.evaluate("() => { document.documentElement.style.fontSize = '200%' }")
    assert beyond_the_edge(page) == []
    resize(page, WIDE)
    assert beyond_the_edge(page) == []
    assert (listener.complaints, listener.strangers) == ([], [])


def violations(page: Page, *rules: str) -> list[str]:
    """What axe finds: all that it knows, or these rules alone."""
    options = {"resultTypes": ["violations"]} | ({"runOnly": rules} if rules else {})
    found = page.evaluate("async (options) => (await axe.run(options)).violations", options)
    return [f"{one['id']}: {node['html']} {node['failureSummary']}" for one in found for node in one["nodes"]]


def resize(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})


def beyond_the_edge(page: Page) -> list[str]:
    """Elements that reach beyond the right edge, apart from those that scroll by themselves."""
    return page.evaluate(
        """() => [...document.querySelectorAll("main *, header *, footer *")].filter((element) => {
            const box = element.getBoundingClientRect();
            for (let up = element; up !== document.body; up = up.parentElement) {
                if (up.matches("svg, .maplibregl-map")) return false;
                if (/auto|scroll/.test(getComputedStyle(up).overflowX)) return false;
            }
            return box.width > 1 && box.right > innerWidth + 1;
        }).map((element) => `beyond the edge: ${element.outerHTML.slice(0, 200)}`)"""
    )
