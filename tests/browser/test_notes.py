"""Jonas marks parts of a photo by mouse and by keyboard; readers touch a phrase, and its place lights up."""

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PHONE, Open
from tests.browser.site import Site

POST = "/posts/from-the-harbour"
LIT = re.compile(r"^1$")


def at(photo: Locator, x: float, y: float) -> tuple[float, float]:
    """A place on the photo, in fractions, on the screen."""
    box = photo.bounding_box()
    assert box
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def draw(page: Page, *corners: tuple[float, float]) -> None:
    photo = page.locator(".annotated")
    page.mouse.move(*at(photo, *corners[0]))
    page.mouse.down()
    for corner in corners[1:]:
        page.mouse.move(*at(photo, *corner), steps=5)
    page.mouse.up()


def expect_box(page: Page, *numbers: str) -> None:
    """Left, top, width and height of the new region in per cent."""
    for name, number in zip(("x", "y", "width", "height"), numbers, strict=True):
        expect(page.locator(f"[data-form=new] [name={name}]")).to_have_value(number)


def violations(page: Page) -> list[str]:
    found = page.evaluate("async () => (await axe.run({ resultTypes: ['violations'] })).violations")
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found]


def test_regions_are_drawn_by_mouse_and_by_keyboard(open_page: Open, site: Site) -> None:
    page = open_page(f"/desk/photos/{site.photo}/notes", who="author")
    outline = page.locator("[data-form=new] [name=outline]")
    expect(page.get_by_role("button", name="Rectangle")).to_have_attribute("aria-pressed", "true")
    draw(page, (0.1, 0.1), (0.3, 0.3))
    expect_box(page, "10.0", "10.0", "20.0", "20.0")
    draw(page, (0.3, 0.3), (0.35, 0.4))  # by its corner
    expect_box(page, "10.0", "10.0", "25.0", "30.0")
    expect(outline).to_have_value(re.compile("^xywh=percent:10,"))
    page.evaluate(Axe().axe_script)
    assert violations(page) == []
    page.get_by_label("What is there to see here?").fill("Where the ferry was")
    page.get_by_role("button", name="Add the note").click()
    expect(page.get_by_role("status").get_by_text("Note 2 is there.")).to_be_visible()

    page.get_by_role("button", name="Place a frame").focus()
    page.keyboard.press("Enter")
    for key in ("ArrowLeft", "ArrowLeft", "ArrowDown", "Shift+ArrowRight", "Alt+ArrowUp"):
        page.keyboard.press(key)
    expect_box(page, "33.0", "35.8", "31.0", "30.0")
    page.keyboard.press("Enter")
    page.keyboard.type("Nothing, by keys alone")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").get_by_text("Note 3 is there.")).to_be_visible()
    expect(page.locator(".mark")).to_have_count(3)

    page.get_by_role("button", name="Outline").click()
    for corner in ((0.5, 0.1), (0.7, 0.1), (0.6, 0.3), (0.5, 0.1)):
        page.mouse.move(*at(page.locator(".annotated"), *corner), steps=3)
        page.mouse.down()
        page.mouse.up()
    expect(outline).to_have_value(re.compile("^<svg><polygon points=.0.5"))
    page.keyboard.press("Escape")
    expect(outline).to_have_value("")
    for number in (3, 2):
        page.locator(".desk-note").nth(number - 1).get_by_role("button", name="Delete").click()
        expect(page.get_by_role("status").get_by_text(f"Note {number} is deleted.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Note 2")).to_have_value("Where the ferry was")
    page.locator(".desk-note").nth(1).get_by_role("button", name="Delete").click()


def test_a_photo_that_is_made_anew_comes_back_by_itself(open_page: Open, site: Site) -> None:
    page = open_page(f"/desk/photos/{site.photo}/notes", who="author")
    expect(page.get_by_role("button", name="Rectangle")).to_have_attribute("aria-pressed", "true")
    draw(page, (0.6, 0.6), (0.8, 0.8))
    page.get_by_role("button", name="Hide it from readers").click()
    expect(page.locator(".annotated .hidden-frame")).to_have_count(1)
    page.get_by_role("button", name="Show it again").click()
    expect(page.get_by_role("button", name="Rectangle")).to_be_visible()
    expect(page.locator(".annotated .hidden-frame")).to_have_count(0)


def test_a_phrase_lights_its_place_up(open_page: Open) -> None:
    page = open_page(POST)
    phrase, frame, note = (
        page.get_by_role("link", name="the bollard"),
        page.locator(".region .frame"),
        page.locator(".note"),
    )
    phrase.scroll_into_view_if_needed()
    expect(frame).to_have_css("opacity", "0")
    phrase.hover()
    expect(frame).to_have_css("opacity", LIT)
    page.mouse.move(0, 0)
    expect(frame).to_have_css("opacity", "0")
    phrase.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(frame).to_have_css("opacity", LIT)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#note-1$"))
    expect(page.locator(".annotated")).to_be_in_viewport(ratio=1)
    expect(note).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(frame).to_have_css("opacity", "0")
    page.go_back()
    expect(frame).to_have_css("opacity", LIT)
    page.evaluate(Axe().axe_script)
    assert violations(page) == []
    page.locator(".mark").click()  # once more: out
    page.mouse.move(0, 0)
    expect(frame).to_have_css("opacity", "0")

    phone = open_page(f"{POST}#note-1", size=PHONE, has_touch=True)
    expect(phone.locator(".region .frame")).to_have_css("opacity", LIT)
    expect(phone.locator(".annotated")).to_be_in_viewport(ratio=1)
    phone.goto(POST)
    phone.get_by_role("link", name="the bollard").tap()
    expect(phone.locator(".region .frame")).to_have_css("opacity", LIT)
    expect(phone.locator(".annotated")).to_be_in_viewport(ratio=1)


def test_without_scripts_the_phrase_leads_to_photo_and_note(open_page: Open, site: Site) -> None:
    page = open_page(POST, java_script_enabled=False)
    page.get_by_role("link", name="the bollard").click()
    expect(page.locator(".region .frame")).to_have_css("opacity", LIT)
    expect(page.get_by_role("listitem").filter(has_text="Somebody had painted it.")).to_be_in_viewport()
    expect(page.locator(".annotated")).to_be_in_viewport(ratio=0.5)
    desk = open_page(f"/desk/photos/{site.photo}/notes", who="author", java_script_enabled=False)
    for label, number in (("From the left", "20"), ("From the top", "30"), ("Width", "10"), ("Height", "10")):
        desk.locator("#form-new").get_by_label(label).fill(number)
    desk.get_by_label("What is there to see here?").fill("Typed")
    desk.get_by_role("button", name="Add the note").click()
    expect(desk.get_by_text("Note 2 is there.")).to_be_visible()
    desk.locator(".desk-note").nth(1).get_by_role("button", name="Delete").click()
    expect(desk.locator(".desk-note")).to_have_count(1)
