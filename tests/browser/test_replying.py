"""Replies with scripts: in place, under what they answer, kept until they are sent; the queue by keys."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Open
from tests.browser.site import Site

POST = "/posts/from-the-harbour"


def write(page: Page, words: str) -> None:
    page.get_by_label("Your reply *").fill(words)
    page.get_by_label("Name *").fill("Sofia")
    page.get_by_label("E-mail *").fill("sofia@example.org")


def test_a_reply_to_a_reply_appears_below_it_without_leaving_the_page(open_page: Open) -> None:
    page = open_page(POST)
    page.evaluate("() => { window.untouched = true }")
    page.get_by_role("link", name="Reply to Reader 1").click()
    expect(page.get_by_label("Your reply *")).to_be_focused()
    expect(
        page.locator(".comment", has_text="Reader 1").first.get_by_role("button", name="Send reply")
    ).to_be_visible()
    write(page, "In the rain? Respect.")
    page.get_by_role("button", name="Send reply").click()
    waiting = page.locator(".comment.is-waiting")
    expect(waiting).to_contain_text("awaiting moderation")
    expect(waiting).to_contain_text("In the rain? Respect.")
    expect(waiting).to_be_focused()
    assert waiting.get_attribute("data-depth") == "2"
    expect(page.get_by_label("Your reply *")).to_have_value("")
    expect(page.locator(".thread .reply-form")).to_have_count(0)
    assert page.evaluate("() => window.untouched")


def test_a_reply_with_a_mistake_keeps_its_words_and_says_what_to_mend(open_page: Open) -> None:
    page = open_page(POST)
    page.get_by_role("link", name="Reply to Reader 2").click()
    write(page, "Half a thought.")
    page.get_by_label("E-mail *").fill("sofia")
    page.get_by_role("button", name="Send reply").click()
    expect(page.locator("#email-error")).to_have_text("This does not look like an e-mail address.")
    expect(page.get_by_label("E-mail *")).to_be_focused()
    expect(page.get_by_label("Your reply *")).to_have_value("Half a thought.")
    expect(page.get_by_text("Replying to Reader 2")).to_be_visible()
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_text("Replying to Reader 2")).to_have_count(0)
    page.get_by_label("E-mail *").fill("sofia@example.org")
    page.get_by_role("button", name="Send reply").click()
    expect(page.locator(".comment.is-waiting")).to_contain_text("Half a thought.")
    expect(page.locator(".error, [aria-invalid]")).to_have_count(0)


def test_what_is_typed_survives_a_dead_network_and_a_reload(open_page: Open) -> None:
    page = open_page(POST)
    write(page, "Written in a tunnel.")
    page.context.set_offline(True)
    page.get_by_role("button", name="Send reply").click()
    expect(page.get_by_role("alert")).to_contain_text("Your words are kept")
    page.context.set_offline(False)
    page.reload()
    expect(page.get_by_label("Your reply *")).to_have_value("Written in a tunnel.")


def test_a_writer_sees_mends_and_withdraws_a_reply(open_page: Open) -> None:
    page = open_page(POST, size=PHONE)
    write(page, "What a *bey*!")
    expect(page.get_by_role("button", name="Preview")).to_have_count(0)
    expect(page.locator("reply-preview em")).to_have_text("bey")
    page.get_by_role("button", name="Send reply").click()
    own = page.locator(".comment.is-waiting")
    expect(own.locator("em")).to_have_text("bey")
    expect(page.locator("reply-preview")).to_be_empty()
    page.reload()
    own.get_by_role("link", name="Edit").click()
    expect(own.get_by_label("Your reply *")).to_be_focused()
    own.get_by_label("Your reply *").fill("")
    own.get_by_role("button", name="Save").click()
    expect(own.locator("#text-error")).to_have_text("Write a few words first.")
    own.get_by_label("Your reply *").fill("What a *bay*!")
    own.get_by_role("button", name="Save").click()
    expect(own.locator(".comment-text em")).to_have_text("bay")
    expect(own).to_contain_text("edited")
    own.get_by_role("link", name="Withdraw").click()
    own.get_by_role("button", name="Withdraw this reply for good").click()
    expect(page.get_by_text("Your reply is withdrawn.")).to_be_visible()
    page.reload()
    expect(page.locator(".comment").first).to_be_visible()
    expect(own).to_have_count(0)


def test_a_device_remembers_who_writes_only_where_asked_to(open_page: Open) -> None:
    page = open_page(POST)
    remember = page.get_by_label("Remember me on this device")
    expect(remember).not_to_be_checked()
    write(page, "")
    page.reload()
    expect(page.get_by_label("Name *")).to_have_value("")
    remember.check()
    write(page, "")
    page.reload()
    expect(page.get_by_label("Name *")).to_have_value("Sofia")
    expect(page.get_by_label("E-mail *")).to_have_value("sofia@example.org")
    expect(remember).to_be_checked()
    remember.uncheck()
    page.reload()
    expect(page.get_by_label("Name *")).to_have_value("")
    assert "sofia" not in page.evaluate("() => JSON.stringify(localStorage)")


def test_a_draft_comes_back_to_what_it_answers(open_page: Open) -> None:
    page = open_page(POST)
    page.get_by_role("link", name="Reply to Reader 2").click()
    page.get_by_label("Your reply *").fill("Half a thought.")
    page.reload()
    expect(page.get_by_text("Replying to Reader 2")).to_be_visible()
    expect(page.locator(".comment .reply-form").get_by_label("Your reply *")).to_have_value("Half a thought.")


def test_a_reply_is_pinned_to_a_spot_by_mouse_and_by_keys(site: Site, open_page: Open) -> None:
    page = open_page(f"/photos/{site.photo}")
    page.get_by_role("button", name="Pin your reply to a spot").click()
    layer = page.locator(".spot-layer")
    expect(page.get_by_text("Draw a frame on the photo")).to_be_visible()
    box = layer.bounding_box()
    assert box
    page.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 0.5 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.75 * box["height"], steps=3)
    page.mouse.up()
    assert numbers(page) == [25, 50, 25, 25]
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    assert numbers(page) == [26, 50, 25, 26]
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your reply *")).to_be_focused()
    write(page, "That jetty!")
    page.get_by_role("button", name="Send reply").click()
    spot = page.locator(".comment.is-waiting .spot img")
    spot.scroll_into_view_if_needed()
    page.wait_for_function("(image) => image.complete && image.naturalWidth > 0", arg=spot.element_handle())
    assert abs(spot.evaluate("(image) => image.naturalWidth / image.naturalHeight") - 1.5 * 25 / 26) < 0.02
    expect(layer).to_have_count(0)
    pin = page.get_by_role("button", name="Pin your reply to a spot")
    pin.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".spot-frame")).to_be_focused()
    assert numbers(page) == [40, 40, 20, 20]
    page.keyboard.press("Escape")
    expect(pin).to_be_visible()
    assert page.locator(".numbers input").first.input_value() == ""


def numbers(page: Page) -> list[float]:
    return [round(float(field.input_value())) for field in page.locator(".numbers input").all()]


def test_a_moderator_approves_by_keys(open_page: Open) -> None:
    page = open_page("/desk/moderation", who="moderator")
    waiting = page.get_by_role("list").locator("li", has_text="Waiting 1")
    for item in page.locator(".queue > li").all():
        page.keyboard.press("j")
        expect(item).to_be_focused()
        if waiting.evaluate("(item) => item === document.activeElement"):
            break
    page.keyboard.press("a")
    expect(page.get_by_text("Approved. Everyone can read it now.")).to_be_visible()
    expect(waiting).to_have_count(0)
    expect(page.locator(".queue > li:focus")).to_have_count(1)
    page.keyboard.press("d")
    expect(page.get_by_text("Rejected. Only moderators can see it.")).to_be_visible()
    reader = open_page(POST)
    expect(reader.locator(".comment", has_text="Waiting 1")).to_be_visible()
