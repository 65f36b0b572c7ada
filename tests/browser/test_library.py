"""The library with scripts: photos chosen by click, Shift and keys, deleted and brought back."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.site import Site


def names(page: Page) -> list[str]:
    return [box.get_attribute("aria-label") or "" for box in page.locator(".shot input:checked").all()]


def test_a_range_is_chosen_deleted_and_brought_back(site: Site, open_page: Open) -> None:
    page = open_page("/desk/photos?order=oldest", who="author")
    boxes, bar = page.locator(".shot input"), page.locator("form.chosen")
    expect(boxes).to_have_count(11)
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
    expect(boxes).to_have_count(9)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("2 photos are back.")).to_be_visible()
    expect(boxes).to_have_count(11)
    boxes.first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Where it shows")).to_be_visible()
