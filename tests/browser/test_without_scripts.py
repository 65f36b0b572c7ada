"""All that matters works where no script runs: reading, replying, moderating, uploading, publishing."""

from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Open
from tests.browser.site import picture, sent

PLAIN = {"java_script_enabled": False}


def test_a_post_can_be_read_and_answered_and_the_answer_approved(open_page: Open) -> None:
    page = open_page("/posts/and-back-again", size=PHONE, **PLAIN)
    expect(page.get_by_role("heading", level=1)).to_have_text("And back again")
    expect(page.locator("trip-map:visible svg.map")).to_be_visible()
    page.get_by_role("img", name="Rain").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Stop 7")
    page.go_back()
    page.get_by_label("Your reply *").fill("We met a dog on the quay.")
    page.get_by_label("Name *").fill("Ines")
    page.get_by_label("E-mail *").fill("not an address")
    page.get_by_role("button", name="Send reply").click()
    expect(page.get_by_text("This does not look like an e-mail address.")).to_be_visible()
    expect(page.get_by_label("Your reply *")).to_have_value("We met a dog on the quay.")
    page.get_by_label("E-mail *").fill("ines@example.org")
    page.get_by_role("button", name="Send reply").click()
    expect(page.get_by_text("awaiting moderation")).to_be_visible()
    expect(page.get_by_text("We met a dog on the quay.")).to_be_visible()

    reader = open_page("/posts/and-back-again", **PLAIN)
    expect(reader.get_by_text("We met a dog on the quay.")).to_have_count(0)
    desk = open_page("/desk/moderation", who="moderator", **PLAIN)
    desk.get_by_role("listitem").filter(has_text="a dog on the quay").get_by_role(
        "button", name="Approve"
    ).click()
    expect(desk.get_by_text("Approved. Everyone can read it now.")).to_be_visible()
    reader.reload()
    expect(reader.get_by_text("We met a dog on the quay.")).to_be_visible()
    desk.get_by_role("status").get_by_role("button", name="Undo").click()
    expect(desk.get_by_text("Undone.")).to_be_visible()
    reader.reload()
    expect(reader.get_by_text("We met a dog on the quay.")).to_have_count(0)


def test_a_reply_to_a_reply_has_an_address_of_its_own(open_page: Open) -> None:
    page = open_page("/posts/from-the-harbour", **PLAIN)
    page.get_by_role("link", name="Reply to Reader 0").click()
    expect(page.get_by_text("Replying to Reader 0")).to_be_visible()
    expect(page.locator("input[name=parent_id]")).not_to_have_value("")


def test_a_trip_is_filled_and_told(open_page: Open) -> None:
    page = open_page("/desk/trips/new", who="author", size=PHONE, **PLAIN)
    page.get_by_label("Title *").fill("One quiet morning")
    page.get_by_role("button", name="Make the trip").click()
    files = [
        sent("q0.jpg", picture(40, (640, 480), "2026:06:01 08:00:00", 45.5, 13.5)),
        sent("q1.jpg", picture(41, (640, 480), None)),
        sent("a.txt", b"x", "text/plain"),
    ]
    page.locator("input[type=file]").set_input_files(files)
    page.get_by_role("button", name="Upload").click()
    outcomes = page.locator(".outcomes li")
    expect(outcomes).to_have_count(3)
    expect(outcomes.nth(0)).to_contain_text("Placed by its own GPS")
    expect(outcomes.nth(1)).to_contain_text("Kept, without a place")
    expect(outcomes.nth(2)).to_have_class("refused")
    page.locator(".tray").get_by_role("link", name="q0.jpg").click()
    page.get_by_label("Alt text").fill("A cup of coffee on a wall")
    page.get_by_role("button", name="Save").click()
    page.get_by_label("Latitude").fill("45.51")
    page.get_by_role("button", name="Put it there").click()
    expect(page.get_by_text("Placed by hand.").first).to_be_visible()
    photo = page.url.rsplit("/", 1)[1]
    page.get_by_role("link", name="One quiet morning").click()
    page.get_by_role("link", name="Write a post").click()
    page.get_by_label("Title *").fill("Coffee first")
    page.get_by_role("button", name="Start writing").click()
    page.get_by_label("Text").fill(f"Nothing else happened.\n\n![](photo:{photo})\n")
    page.get_by_role("button", name="Publish…").click()
    expect(page.get_by_text("Every photo has its alt text.")).to_be_visible()
    page.get_by_role("button", name="Publish now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Coffee first")
    expect(page.get_by_role("img", name="A cup of coffee on a wall")).to_be_attached()
    page = open_page(page.url, **PLAIN)
    expect(page.get_by_text("Nothing else happened.")).to_be_visible()
