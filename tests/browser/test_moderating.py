"""The moderators' queue with scripts: by keys, by finger, two at once, and with what is meant to do harm."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete, select

from blog.accounts.models import find_person
from blog.comments.commenters import commenter_for
from blog.comments.models import Comment, add_comment
from blog.comments.moderation import Report, move
from blog.comments.verdict import Status, Verdict
from blog.db import db
from blog.posts.models import Post
from tests.browser.conftest import PHONE, Open
from tests.browser.site import Site
from tests.conftest import make_app

GOOD, SPAM, RUDE = "Is the path by the sea open?", "Cheap watches here", "You are a fool"
KEYS = {GOOD: "a", SPAM: "s", RUDE: "d"}
OWN = [
    '<img src="https://evil.example/x.png" onerror="alert(1)">',
    '"><svg onload=alert(1)><style>*{display:none}</style>',
    "[click](javascript:alert(1)) [x](data:text/html,<script>alert(1)</script>)",
    "![x](https://evil.example/y.png) <https://evil.example>",
    "{{7*7}} {% include 'x' %} \u202egnp.exe\u202c \u0301" + "\u0301" * 60,
    "</textarea></li></ol><script>alert(1)</script>",
    "x" * 9_000,
]


@contextmanager
def database(site: Site) -> Iterator[None]:
    with make_app(Path(site.folder)).app_context():
        yield
        db.session.commit()
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def waiting(site: Site) -> Iterator[Callable[..., str]]:
    """Lets replies wait under one post: the address of the queue for it. They are gone afterwards."""

    def wait(*texts: str, name: str = "Sofia", **more: object) -> str:
        with database(site):
            post = db.session.scalars(select(Post).filter_by(slug="by-ferry")).one()
            commenter = commenter_for("sofia@example.org", "Sofia")
            for text in texts:
                verdict = Verdict(Status.PENDING, ("It has a link.",) if text == SPAM else ())
                columns = {"name": name, "email": "sofia@example.org", "commenter": commenter} | more
                add_comment(post, None, text=text, verdict=verdict, **columns)
            return f"/desk/moderation?post={post.id}"

    yield wait
    with database(site):
        post = db.session.scalars(select(Post).filter_by(slug="by-ferry")).one()
        db.session.execute(delete(Comment).where(Comment.post_id == post.id))


def statuses(site: Site) -> list[str]:
    with database(site):
        post_id = select(Post.id).filter_by(slug="by-ferry").scalar_subquery()
        rows = db.session.scalars(select(Comment).where(Comment.post_id == post_id).order_by(Comment.id))
        return [row.status.value for row in rows]


def entries(page: Page) -> list[str]:
    return [text.strip() for text in page.locator(".entry .comment-text").all_inner_texts()]


def count(page: Page, name: str) -> int:
    return int(page.locator(f"[data-count={name}]").first.inner_text())


def test_fifty_replies_by_keyboard(
    open_page: Open, site: Site, waiting: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    texts = [(GOOD, SPAM, GOOD, GOOD, RUDE)[number % 5] for number in range(60)]
    page = open_page(waiting(*texts), who="moderator")
    expect(page.locator(".entry.is-chosen")).to_have_count(1)
    before = count(page, "waiting")
    began, pressed = time.perf_counter(), 0
    while pressed < 50:
        text = page.locator(".entry.is-chosen .comment-text").inner_text().strip()
        page.keyboard.press(KEYS[text])
        pressed += 1
    seconds = time.perf_counter() - began
    expect(page.locator(".tabs [data-count=pending]")).to_have_text(str(before - 1 - 50))
    expect(page.locator(".site-nav [data-count=waiting]")).to_have_text(str(before - 50))
    assert entries(page) == texts[50:]
    verdicts = {GOOD: "approved", SPAM: "spam", RUDE: "rejected"}
    assert statuses(site) == [verdicts[text] for text in texts[:50]] + ["pending"] * 10
    with capsys.disabled():
        print(f"\n50 replies: {pressed} keys, {seconds:.1f} s ({seconds / 50 * 1000:.0f} ms each)")

    expect(page.locator(".entry:focus")).to_have_count(1)
    for number in (49, 48):  # z goes back act by act, and to where it was
        page.keyboard.press("z")
        expect(page.locator(".entry")).to_have_count(60 - number)
        expect(page.locator(".entry.is-chosen .comment-text")).to_have_text(texts[number])
    expect(page.locator(".announcement")).to_contain_text("Undone.")


def test_several_at_once_and_a_why(open_page: Open, site: Site, waiting: Callable[..., str]) -> None:
    page = open_page(waiting(*[f"Number {number}" for number in range(8)]), who="moderator")
    press = page.keyboard.press
    press("j")
    press("x")
    for _ in range(3):
        press("j")
    press("Shift+X")
    expect(page.locator(".how-many")).to_have_text("4 chosen")
    press("w")
    page.keyboard.type("as d is said")  # typing is no act
    press("Escape")
    press("s")
    expect(page.locator(".announcement")).to_contain_text("4 replies marked as spam.")
    assert entries(page) == ["Number 4", "Number 5", "Number 6", "Number 7"]
    press("z")
    expect(page.locator(".entry")).to_have_count(8)
    assert statuses(site) == ["pending"] * 8
    press("Shift+J")
    press("Shift+J")
    expect(page.locator(".how-many")).to_have_text("3 chosen")
    press("Escape")
    expect(page.locator(".entry.is-picked")).to_have_count(0)

    press("?")
    help_page = page.get_by_role("dialog", name="Keys")
    expect(help_page).to_contain_text("undo my last act")
    help_page.get_by_label("Single keys act here").uncheck()
    press("Escape")
    expect(help_page).to_be_hidden()
    press("a")
    page.reload()
    press("a")
    expect(page.locator(".entry")).to_have_count(8)
    page.get_by_role("button", name="Keys").click()
    help_page.get_by_label("Single keys act here").check()
    press("Escape")
    press("Control+a")
    press("a")
    expect(page.locator(".entry")).to_have_count(7)


def test_two_moderators_and_a_dead_network(open_page: Open, site: Site, waiting: Callable[..., str]) -> None:
    page = open_page(waiting("First", "Second", "Third"), who="moderator")
    with database(site):
        first = db.session.scalars(select(Comment).where(Comment.text == "First")).one()
        move(first, Status.REJECTED, by=find_person("jonas@example.org"))
    page.keyboard.press("a")
    entry = page.locator(".entry", has_text="First")
    expect(entry.locator(".said")).to_contain_text("After you opened this page: Jonas rejected it")
    assert statuses(site)[0] == "rejected"
    expect(page.locator(".entry.is-chosen")).to_contain_text("Second")
    entry.get_by_role("button", name="Approve", exact=True).click()
    expect(entry).to_have_count(0)
    expect(page.locator(".announcement")).to_contain_text("Approved.")
    assert statuses(site)[0] == "approved"

    page.context.set_offline(True)
    page.keyboard.press("s")
    expect(page.locator(".announcement")).to_contain_text("not sent")
    assert entries(page) == ["Second", "Third"]
    expect(page.locator(".entry", has_text="Second").locator(".said")).to_contain_text("as it was before")
    page.context.set_offline(False)

    page.locator(".entry", has_text="Third").click(position={"x": 200, "y": 30})
    page.locator(".entry", has_text="Third").focus()
    page.keyboard.press("r")
    page.get_by_label("Your reply").fill("Welcome aboard, s d a.")
    page.get_by_role("button", name="Approve and reply").click()
    expect(page.locator(".announcement")).to_contain_text("Your reply is on the page.")
    assert statuses(site) == ["approved", "pending", "approved", "approved"]
    expect(page.locator(".entry")).to_have_count(1)
    page.locator(".entry").focus()
    page.keyboard.press("e")
    page.get_by_label("The words").fill("Second, mended")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".entry .comment-text")).to_have_text("Second, mended")
    expect(page.locator(".entry .comment-head")).to_contain_text("edited")
    reader = open_page("/posts/by-ferry")
    expect(reader.get_by_text("Welcome aboard, s d a.")).to_be_visible()


def test_a_thumb_is_enough(open_page: Open, site: Site, waiting: Callable[..., str]) -> None:
    texts = ["To be approved", "To be spam", "To be rejected", "To be scrolled past", "By the bar"]
    page = open_page(waiting(*texts), who="moderator", size=PHONE, has_touch=True, is_mobile=True)
    for text, by, said in (
        (texts[0], 0.5, "Approved"),
        (texts[1], -0.45, "spam"),
        (texts[2], -0.8, "Rejected"),
    ):
        swipe(page, text, by)
        expect(page.locator(".announcement")).to_contain_text(said)
        expect(page.locator(".entry", has_text=text)).to_have_count(0)
    swipe(page, texts[3], 0.1)
    swipe(page, texts[3], 0.3, down=400)
    assert statuses(site) == ["approved", "spam", "rejected", "pending", "pending"]
    expect(page.locator(".entry", has_text=texts[3])).to_have_count(1)
    buttons = page.locator(".decisions button:visible, .entry .actions :is(button, .button):visible")
    small = [
        box
        for each in buttons.all()
        if (box := each.bounding_box()) and min(box["height"], box["width"]) < 44
    ]
    assert small == []
    bar = page.locator(".decisions").bounding_box()
    assert bar is not None
    assert abs(bar["y"] + bar["height"] - PHONE[1]) <= 1
    page.locator(".entry", has_text=texts[4]).focus()
    page.locator(".decisions").get_by_role("button", name="Approve").tap()
    expect(page.locator(".entry")).to_have_count(1)
    page.locator(".decisions").get_by_role("button", name="Undo").tap()
    expect(page.locator(".entry")).to_have_count(2)


def swipe(page: Page, text: str, by: float, down: int = 0) -> None:
    """A finger on an entry that moves sideways by a part of its width."""
    head = page.locator(".entry", has_text=text).locator(".comment-text")
    head.scroll_into_view_if_needed()
    box = head.bounding_box()
    assert box is not None
    x, y = box["x"] + (20 if by > 0 else box["width"] - 20), box["y"] + box["height"] / 2
    finger = page.context.new_cdp_session(page)

    def touch(kind: str, *points: dict[str, float]) -> None:
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    touch("touchStart", {"x": x, "y": y})
    for step in range(1, 9):
        touch("touchMove", {"x": x + by * PHONE[0] * step / 8, "y": y - down * step / 8})
    assert page.evaluate("innerWidth") == PHONE[0]
    touch("touchEnd")


def test_what_is_meant_to_do_harm_is_words_on_the_desk(
    open_page: Open, site: Site, waiting: Callable[..., str]
) -> None:
    payloads = [*OWN, *shared_payloads()]
    address = waiting(OWN[0])
    with database(site):
        post = db.session.scalars(select(Post).filter_by(slug="by-ferry")).one()
        for number, payload in enumerate(payloads[1:]):
            fields = {"website": payload[:200], "user_agent": payload[:200]}
            email, verdict = f"{payload[:200]}{number}@example.org", Verdict(Status.PENDING, (payload[:200],))
            commenter = commenter_for(email, payload[:80])
            last = add_comment(
                post, None, payload[:80], email, payload, verdict, commenter=commenter, **fields
            )
        db.session.add(Report(comment_id=last.id, reason=OWN[1][:40], words=OWN[0]))
        db.session.flush()
        edit, person = f"/desk/moderation/{last.id}/edit", f"/desk/moderation/people/{last.commenter_id}"
    asked, dialogs = [], []
    page = open_page("/desk/moderation/log", who="moderator")
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    for path in (address, "/desk/moderation?status=reported", edit, person):
        page.goto(path)
        inert(page)
    page.goto(address)
    page.keyboard.press("e")
    expect(page.get_by_label("The words")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("a")  # drawn anew by the script
    expect(page.locator(".announcement")).to_contain_text("Approved.")
    page.keyboard.press("z")
    expect(page.locator(".entry")).to_have_count(len(payloads))
    inert(page)
    page.goto("/desk/moderation/log")
    inert(page)
    assert dialogs == []
    assert [url for url in asked if not url.startswith((site.address, "data:"))] == []


def inert(page: Page) -> None:
    """Nothing of a stranger runs, loads or styles: what stands in the page is what the templates wrote."""
    found = page.evaluate(
        """() => [...document.querySelectorAll("main *")].filter((element) =>
            element.matches("img, svg, style, script, iframe, object, embed, video, audio, link, meta, base")
            || [...element.attributes].some((each) => each.name.startsWith("on") || each.name === "style")
            || /^(javascript|data|vbscript):/i.test(element.getAttribute("href") ?? "")
        ).map((element) => element.outerHTML.slice(0, 200))"""
    )
    assert found == []
    assert page.locator("main").is_visible()


def shared_payloads() -> list[str]:
    """Inputs that others found harmful, where they are kept beside the project."""
    folder = Path(__file__).parents[3] / "shared" / "data" / "hostile" / "html"
    return [path.read_text("utf-8", "replace").split("\n--\n")[0] for path in sorted(folder.glob("*.test"))]
