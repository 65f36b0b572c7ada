"""The library with scripts: photos chosen by click, Shift and keys, deleted and brought back."""

import io

from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.site import Site, sent


def names(page: Page) -> list[str]:
    return [box.get_attribute("aria-label") or "" for box in page.locator(".shot input:checked").all()]


def test_a_range_is_chosen_deleted_and_brought_back(site: Site, open_page: Open) -> None:
    page = open_page("/desk/photos?trip=1&order=oldest", who="author")
    boxes, bar = page.locator(".shot input"), page.locator("form.chosen")
    expect(boxes.nth(9)).to_be_attached()
    every = boxes.count()
    expect(bar).to_be_hidden()
    boxes.nth(1).check(force=True)
    page.locator(".shot a").nth(3).click(modifiers=["Shift"])
    expect(bar).to_contain_text("3 chosen")
    page.locator(".shot a").nth(2).click()
    expect(bar).to_contain_text("2 chosen")
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()

    boxes.nth(4).focus()
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowRight")
    expect(boxes.nth(5)).to_be_focused()
    assert len(names(page)) == 2
    before = boxes.nth(5).bounding_box()
    page.keyboard.press("ArrowUp")
    after = page.locator(".shot input:focus").bounding_box()
    assert before and after and after["y"] < before["y"]

    page.keyboard.press("Delete")
    expect(page.get_by_role("heading", name="Delete 2 photos?")).to_be_visible()
    expect(page.locator(".deletions")).to_contain_text("From the harbour")
    page.get_by_role("button", name="Delete them all the same").click()
    expect(page.get_by_text("2 photos are in the bin")).to_be_visible()
    expect(boxes).to_have_count(every - 2)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("2 photos are back.")).to_be_visible()
    expect(boxes).to_have_count(every)
    boxes.first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Where it shows")).to_be_visible()


def test_the_library_goes_on_where_its_page_ends(open_page: Open) -> None:
    plain = open_page("/desk/trips/new", who="author", java_script_enabled=False)
    plain.get_by_label("Title *").fill("A trip of many")
    plain.get_by_role("button", name="Make the trip").click()
    number = plain.url.rsplit("/", 1)[1]
    many = [sent(f"m{n:03}.png", tiny(n), "image/png") for n in range(105)]
    plain.locator("input[type=file]").set_input_files(many)
    plain.get_by_role("button", name="Upload").click()
    expect(plain.get_by_text("105 files taken in.")).to_be_visible(timeout=60_000)
    plain.goto(f"/desk/photos?trip={number}")
    expect(plain.get_by_role("link", name="2", exact=True)).to_be_visible()

    page = open_page(f"/desk/photos?trip={number}", who="author")
    boxes = page.locator(".shot input")
    boxes.first.check(force=True)
    page.locator(".shot a").nth(99).scroll_into_view_if_needed()
    expect(boxes).to_have_count(105)
    page.locator(".shot a").last.click(modifiers=["Shift"])
    expect(page.locator("form.chosen")).to_contain_text("105 chosen")
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("105 photos are in the bin")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("105 photos are back.")).to_be_visible()


def tiny(number: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (12, 8), (number, 90, 160)).save(out, "PNG")
    return out.getvalue()
