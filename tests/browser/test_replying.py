"""Replies with scripts: in place, under what they answer, kept until they are sent; the queue by keys."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Open

POST = "/posts/from-the-harbour"


def write(page: Page, words: str) -> None:
    page.get_by_label("Your reply *").fill(words)
    page.get_by_label("Name *").fill("Sofia")
    page.get_by_label("Email *").fill("sofia@example.org")


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
    page.get_by_label("Email *").fill("sofia")
    page.get_by_role("button", name="Send reply").click()
    expect(page.locator("#email-error")).to_have_text("This does not look like an e-mail address.")
    expect(page.get_by_label("Email *")).to_be_focused()
    expect(page.get_by_label("Your reply *")).to_have_value("Half a thought.")
    expect(page.get_by_text("Replying to Reader 2")).to_be_visible()
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_text("Replying to Reader 2")).to_have_count(0)
    page.get_by_label("Email *").fill("sofia@example.org")
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
