"""The owner sets rules and lists; a reader's browser solves the puzzle that they ask for."""

from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Open

POST = "/posts/from-the-harbour"


def test_a_browser_solves_the_puzzle_that_the_owner_asks_for(open_page: Open) -> None:
    desk = open_page("/desk/replies/rules", who="owner")
    desk.get_by_label("Always").check()
    desk.get_by_role("button", name="Save").click()
    expect(desk.get_by_text("The rules hold from now on.")).to_be_visible()

    page = open_page(POST, size=PHONE)
    for words in ("Solved, says my telephone.", "And solved once more."):
        page.get_by_label("Your reply *").fill(words)
        page.get_by_label("Name *").fill("Nadia")
        page.get_by_label("E-mail *").fill("nadia@example.org")
        page.get_by_role("button", name="Send reply").click()
        expect(page.locator(".comment.is-waiting", has_text=words)).to_be_visible()

    queue = open_page("/desk/moderation", who="owner")
    expect(queue.get_by_text("And solved once more.")).to_be_visible()
    expect(queue.get_by_text("proof of work")).to_have_count(0)
    desk.get_by_label("While spam pours in").check()
    desk.get_by_role("button", name="Save").click()
