"""What readers write: previews, names and websites, rules of the site, and input that means harm."""

import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from defusedxml import ElementTree
from sqlalchemy import insert, select

from blog.comments import news, views
from blog.comments.commenters import Commenter
from blog.comments.models import Comment
from blog.comments.rules import PostRules, Rules
from blog.comments.verdict import Status
from blog.comments.views import FRAGMENT
from blog.db import db, now
from blog.posts.models import Post
from tests.conftest import Visitor, jpeg, value

ELSEWHERE = {"Origin": "https://evil.example"}
OWN_PAYLOADS = [
    '"><script>alert(1)</script>',
    "<img src=https://evil.example/x onerror=alert(1)>",
    "<svg onload=alert(1)><style>*{display:none}</style>",
    "[x](javascript:alert(1)) <a href='javascript:alert(1)'>x</a>",
    "{{7919*7907}}{% raw %}",
    "</textarea></form><form action=https://evil.example><input name=x>",
    "]]></content><script>alert(1)</script>",
]


@pytest.fixture
def post(author: Visitor) -> str:
    """A published post with a photo: its address."""
    trip = author.make_trip()
    author.upload(trip, ("bay.jpg", jpeg()))
    return author.publish(author.write("The bay.\n\n![](photo:1)", trip=trip))


def saved() -> list[Comment]:
    return list(db.session.scalars(select(Comment).order_by(Comment.id)))


def ask(**rules: object) -> None:
    """Change the site's rules, as their page does."""
    db.session.merge(Rules(id=1, **rules))
    db.session.commit()


def test_a_preview_shows_what_will_stand_there_and_keeps_every_word(visitor, post):
    typed = {"text": "What a *bay*!\n\n> quote", "name": "Sofia", "email": "sofia@", "follow": "mine"}
    stamp = value(visitor.get(post), "stamp")
    answer = visitor.client.post(f"{post}/comments/preview", data=typed | {"stamp": stamp})
    assert answer.status_code == 200
    assert "<p>What a <em>bay</em>!</p>" in answer.text
    assert "What a *bay*!\n\n&gt; quote</textarea>" in answer.text
    assert (value(answer.text, "name"), value(answer.text, "email")) == ("Sofia", "sofia@")
    assert value(answer.text, "stamp") == stamp
    assert '<option selected value="mine">' in answer.text
    assert saved() == []
    sent = visitor.client.post(f"{post}/comments", data=typed | {"stamp": stamp, "email": "s@example.org"})
    assert sent.status_code == 303


def test_scripts_get_the_preview_alone(visitor, post):
    text = {"text": "<script>alert(1)</script> https://bay.example/a*b*c"}
    answer = visitor.client.post(f"{post}/comments/preview", data=text, headers={"Accept": FRAGMENT})
    assert answer.text.startswith("<p>&lt;script&gt;")
    assert '<a href="https://bay.example/a*b*c" rel="nofollow ugc noopener">' in answer.text


def test_an_address_is_asked_for_as_the_site_wants_it(app, visitor, post):
    assert visitor.reply(post, "Words", email="").status_code == 422
    ask(email_needed=False)
    page = visitor.get(post)
    assert ">E-mail</label>" in page
    assert visitor.reply(post, "Without an address", email="").status_code == 303
    assert visitor.reply(post, "With half an address", email="sofia@").status_code == 422
    assert [(row.email, row.commenter_id) for row in saved()] == [("", None)]


def test_a_website_is_a_link_on_the_name(app, visitor, post):
    assert 'name="website"' not in visitor.get(post)
    visitor.reply(post, "Not asked for", website="https://sofia.example")
    ask(website_asked=True)
    assert 'name="website"' in visitor.get(post)
    visitor.reply(post, "Without a scheme", website="sofia.example/a b")
    visitor.reply(post, "In other letters", website="https://раураl.example")
    assert [row.website for row in saved()] == [
        "",
        "https://sofia.example/a%20b",
        "https://xn--l-7sba6dbr.example",
    ]
    for row in saved():
        row.set_status(Status.APPROVED)
    db.session.commit()
    page = visitor.get(post)
    assert '<a href="https://sofia.example/a%20b" rel="nofollow ugc noopener">Sofia</a>' in page


@pytest.mark.parametrize(
    "website",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "https://you@evil.example",
        "https://evil.example:99999",
        "https://[",
        "https://10.0.0.1",
        "mailto:a@b.example",
        "https://a.example/" + "x" * 200,
        "not a website",
    ],
)
def test_what_is_no_website_is_given_back(app, visitor, post, website):
    ask(website_asked=True)
    answer = visitor.reply(post, "My words", website=website)
    assert answer.status_code == 422
    assert "does not look like the address of a website" in answer.text
    assert "My words" in answer.text
    assert saved() == []


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Sofia\0\x1b[31m", "Sofia[31m"),
        ("\u202eaifoS", "aifoS"),
        ("So\u200bfia\u2066", "Sofia"),
        ("Sofia\r\n\tMoreau", "Sofia Moreau"),
        ("Z" + "\u0300" * 60, "Z" + "\u0300" * 4),
        ("دانش‌آموز", "دانش‌آموز"),
        ("\u200d\u200b\u3164", None),
        ("S" * 1_000_000, None),
    ],
)
def test_names_are_made_safe_or_given_back(visitor, post, typed, kept):
    answer = visitor.reply(post, "My words", name=typed)
    assert answer.status_code == (303 if kept else 422)
    assert [row.name for row in saved()] == ([kept] if kept else [])
    assert len(answer.data) < 50_000


def test_controls_and_overrides_leave_the_text_and_scripts_of_the_world_stay(visitor, post):
    visitor.reply(post, "One\r\ntwo\0\x08 \u202ethree\u202c\n\nनमस्ते שָׁלוֹם 👩‍👩‍👧 " + "e" + "\u0301" * 30)
    (row,) = saved()
    assert row.text == "One\ntwo three\u202c\n\nनमस्ते שָׁלוֹם 👩‍👩‍👧 e" + "\u0301" * 4
    assert visitor.reply(post, "\u200b\u3164").status_code == 422


def test_fields_that_nobody_asked_for_change_nothing(visitor, post):
    more = {
        "status": "approved",
        "is_shown": "1",
        "person_id": "1",
        "commenter_id": "1",
        "is_confirmed": "1",
        "html": "<script>",
        "reasons": "",
        "id": "77",
        "post_id": "9",
        "version": "9",
        "origin": "x",
        "created_at": "2001-01-01",
        "website": "https://sofia.example",
        "region": "[0,0,1,1]",
    }
    assert visitor.reply(post, "Words", **more).status_code == 303
    (row,) = saved()
    assert (row.id, row.post_id, row.status, row.is_shown) == (1, 1, Status.PENDING, False)
    assert (row.person_id, row.is_confirmed, row.html, row.region) == (None, False, "<p>Words</p>\n", None)
    assert (row.website, row.origin, row.created_at > now() - timedelta(hours=1)) == ("", None, True)


@pytest.mark.parametrize(("what", "told"), [("mine", ["mine"]), ("post", ["post"]), ("", []), ("all", [])])
def test_who_wants_to_follow_is_told_on(app, visitor, post, what, told):
    heard = []

    def hear(_app, **more):
        heard.append(more)

    with news.follow_asked.connected_to(hear):
        visitor.reply(post, "Words", follow=what)
    assert heard == [{"comment_id": 1, "email": "sofia@example.org", "what": one} for one in told]


def test_without_an_address_nobody_follows(app, visitor, post):
    ask(email_needed=False)
    heard = []
    with news.follow_asked.connected_to(lambda _app, **more: heard.append(more)):
        assert visitor.reply(post, "Words", follow="post", email="").status_code == 303
    assert heard == []


def close(post: str) -> None:
    found = db.session.scalars(select(Post)).one()
    db.session.add(PostRules(post_id=found.id, is_closed=True))
    db.session.commit()


def test_a_closed_post_says_so_and_gives_the_words_back(app, visitor, post):
    stamp = value(visitor.get(post), "stamp")
    close(post)
    page = visitor.get(post)
    assert "Replies to this post are closed." in page
    assert "<textarea" not in page
    typed = {"text": "Words of <an> hour", "name": "S", "email": "s@example.org", "stamp": stamp}
    answer = visitor.client.post(f"{post}/comments", data=typed)
    assert answer.status_code == 403
    assert "Replies to this post are closed." in answer.text
    assert "Words of &lt;an&gt; hour</textarea>" in answer.text
    piece = visitor.client.post(f"{post}/comments", data=typed, headers={"Accept": FRAGMENT})
    assert (piece.status_code, piece.text.strip()) == (
        403,
        '<p class="error" role="alert">Replies to this post are closed.</p>',
    )
    assert saved() == []


def test_replies_close_by_themselves_after_some_days(app, visitor, post):
    ask(close_after_days=30)
    assert visitor.reply(post, "In time").status_code == 303
    db.session.scalars(select(Post)).one().published_at = now() - timedelta(days=31)
    db.session.commit()
    assert "were open for 30 days" in visitor.get(post)
    db.session.add(PostRules(post_id=1, close_after_days=60))
    db.session.commit()
    assert visitor.reply(post, "Open for longer here").status_code == 303


def test_no_error_loses_words(app, visitor, author, post, monkeypatch):
    typed = {"text": "Words of an hour", "name": "S", "email": "s@example.org"}
    typed["stamp"] = value(visitor.get(post), "stamp")

    def fail(*_more):
        raise RuntimeError("The disk is full.")

    with monkeypatch.context() as broken:
        broken.setattr(views, "weigh", fail)
        app.config["PROPAGATE_EXCEPTIONS"] = False
        answer = visitor.client.post(f"{post}/comments", data=typed)
    assert (answer.status_code, "Words of an hour</textarea>" in answer.text) == (500, True)
    too_much = visitor.client.post(f"{post}/comments", data=typed | {"text": "x" * 5_000_000})
    assert too_much.status_code == 413
    author.send("/desk/posts/1/withdrawal", "/desk/posts/1")
    answer = visitor.client.post(f"{post}/comments", data=typed)
    assert (answer.status_code, "Words of an hour</textarea>" in answer.text) == (404, True)
    assert saved() == []


def test_two_first_replies_of_one_address_at_once_are_both_kept(app, visitor, post, monkeypatch):
    """The other one commits its commenter between this one's look and its insertion."""
    look, waiting = views.find_commenter, [1]

    def look_too_early(email):
        db.session.commit()
        found = look(email)
        if waiting and waiting.pop():
            with db.engine.begin() as other:
                other.execute(insert(Commenter).values(email=email, name="Sofia", created_at=now()))
        return found

    monkeypatch.setattr(views, "find_commenter", look_too_early)
    assert visitor.reply(post, "Words").status_code == 303
    assert [row.text for row in saved()] == ["Words"]


def test_another_site_cannot_make_a_browser_reply(visitor, author, post):
    for reader in (visitor, author):
        assert reader.reply(post, "Words", headers=ELSEWHERE).status_code == 403
        assert reader.reply(post, "Words", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert saved() == []


def payloads(folder) -> list[str]:
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.test"))]
    assert len(texts) == 20
    return [text.split("\n--\n")[0] for text in texts]


def attack(reader: Visitor, post: str, payload: str, number: int) -> list[str]:
    """The payload in every place that a stranger fills: all answers that come at once."""
    fields = {"name": payload[:80], "text": payload, "email": f"s{number}@example.org", "website": ""}
    headers = {"Referer": payload.replace("\n", " "), "User-Agent": payload.replace("\n", " ")}
    headers = {name: text.encode("ascii", "ignore").decode() for name, text in headers.items()}
    answers = []
    for field in ("email", "website"):
        answers.append(reader.reply(post, **(fields | {field: payload}), headers=headers))
    for accept in (FRAGMENT, "application/json", "text/html"):
        answers.append(reader.reply(post, **fields, photo_id="1", headers=headers | {"Accept": accept}))
    answers.append(reader.client.post(f"{post}/comments/preview", data=fields, headers={"Accept": FRAGMENT}))
    return [answer.text for answer in answers if answer.mimetype != "application/json"]


class Browser(HTMLParser):
    """Reads a page as a browser would, and notes what would run or load and is not the page's own."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        facts = {name: text or "" for name, text in attributes}
        if tag in ("iframe", "object", "embed", "math", "base", "applet"):
            self.found.append(tag)
        if tag in ("script", "style") and "nonce" not in facts:
            self.found.append(tag)
        for name, text in facts.items():
            if name.startswith("on") or name in ("style", "srcdoc", "http-equiv"):
                self.found.append(f"{tag} {name}")
            if name in ("src", "action", "formaction", "poster", "data", "srcset") and not is_here(text):
                self.found.append(f"{tag} {name}={text}")
            if name.endswith("href") and not (is_here(text) or (tag == "a" and "nofollow" in facts["rel"])):
                self.found.append(f"{tag} {name}={text}")
            if name.endswith("href") and re.match(r"\s*(?!https?:)[a-z]+:", text, re.IGNORECASE):
                self.found.append(f"{tag} {name}={text}")


def is_here(address: str) -> bool:
    return bool(re.match(r"[/?#](?!/)", address)) or address.startswith("http://localhost/")


def active(page: str) -> list[str]:
    """What a browser would run or load; of a feed, what a feed reader would."""
    pieces = [page]
    if page.startswith("<?xml"):
        feed = ElementTree.fromstring(page.encode())
        assert feed.tag.endswith("feed")
        pieces = [text for part in feed.iter() if part.get("type") == "html" and (text := part.text)]
    browser = Browser()
    for piece in pieces:
        browser.feed(piece)
    browser.close()
    return browser.found


def check_payloads(app, visitor: Visitor, post: str, texts: list[str]) -> None:
    ask(website_asked=True)
    for number, text in enumerate(texts):
        visitor.client.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        for page in attack(visitor, post, text, number):
            assert active(page) == []
    assert len(saved()) >= len(texts)
    for row in saved():
        row.set_status(Status.APPROVED)
    db.session.commit()
    for address in (
        post,
        "/photos/1",
        "/comments.xml",
        f"{post}/comments.xml",
        "/feed.xml",
        f"{post}?reply=1",
    ):
        assert active(visitor.get(address)) == []


def test_nothing_that_strangers_send_is_active(app, visitor, post):
    assert all(active(text) for text in OWN_PAYLOADS[:3])  # if it were believed
    check_payloads(app, visitor, post, OWN_PAYLOADS)


def test_the_collected_injections_are_not_active(app, visitor, post, shared_data):
    check_payloads(app, visitor, post, payloads(shared_data / "hostile" / "html"))
