"""A long thread with scripts: what is left out comes in place, branches fold, addresses lead on."""

from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Open

POST = "/posts/what-everybody-says"  # a branch of 124 replies, and 30 that stand alone


def test_a_reader_finds_every_reply_without_leaving_the_story(open_page: Open) -> None:
    page = open_page(POST, size=PHONE)
    page.evaluate("() => { window.untouched = true }")
    comments = page.locator(".thread > .comment")
    said = page.locator("thread-pages [role=status]")
    first = comments.count()

    more = page.get_by_role("link", name="more replies")
    left = int((more.text_content() or "").split()[1])
    more.click()
    expect(comments).to_have_count(first + left)
    expect(said).to_have_text(f"{left} more replies.")
    expect(page.locator(f".thread > .comment >> nth={124 - left}")).to_be_focused()
    page.get_by_role("link", name="Later replies").click()
    expect(comments).to_have_count(154)
    expect(page.locator("li.more")).to_have_count(0)
    expect(page.locator("#comment-154")).to_be_visible()

    root = page.locator("#comment-1")
    fold = root.locator(".comment-head > .fold")
    expect(fold).to_have_attribute("aria-expanded", "true")
    fold.press("Enter")
    expect(fold).to_have_attribute("aria-expanded", "false")
    expect(fold).to_have_text("+ 123")
    expect(fold).to_be_focused()
    expect(page.locator("#comment-2")).to_be_hidden()
    expect(page.locator("#comment-125")).to_be_visible()
    page.evaluate("() => { location.hash = 'comment-3' }")
    expect(page.locator("#comment-3")).to_be_visible()
    expect(page.locator("#comment-3")).to_be_in_viewport()
    page.locator("#comment-4 .comment-head").get_by_role("link", name="to ").click()
    expect(page.locator("#comment-2")).to_be_in_viewport()
    assert page.url.endswith(f"{POST}#comment-2")

    page.locator("#comment-150").get_by_role("link", name="Reply").click()
    page.get_by_label("Your reply *").fill("Half a thought.")
    page.get_by_role("link", name="Newest first").click()
    expect(comments.first).to_have_id("comment-154")
    expect(page.get_by_role("link", name="Newest first")).to_have_attribute("aria-current", "true")
    expect(page.get_by_label("Your reply *")).to_have_value("Half a thought.")
    assert page.evaluate("() => window.untouched")


def test_the_address_of_a_reply_far_down_leads_to_it(open_page: Open) -> None:
    page = open_page(f"{POST}#comment-154")
    page.wait_for_url(f"**{POST}/comments?after=*#comment-154")
    expect(page.locator("#comment-154")).to_be_in_viewport()
    page = open_page("/comments/120")
    expect(page.locator("#comment-120")).to_be_in_viewport()
    page.get_by_role("link", name="Show the replies between").click()
    page.get_by_role("link", name="more replies").click()
    expect(page.locator(".thread > .comment")).to_have_count(124)
    expect(page.locator("li.more")).to_have_count(0)
    page = open_page("/comments/120", java_script_enabled=False)
    expect(page.locator("#comment-120")).to_be_in_viewport()
    expect(page.locator(".thread .comment").first).to_have_id("comment-1")
    page.get_by_role("link", name="Show the replies between").click()
    expect(page.locator("#comment-2")).to_be_visible()
