"""An author writes, previews, publishes and withdraws; nothing written is lost."""

import html
import re
import threading

import pytest
from sqlalchemy import func, select

from blog.accounts.models import Role
from blog.db import db
from blog.posts.models import Post, PostPhoto, PostStatus, Revision
from tests.conftest import Visitor, exif, jpeg, moved_to, value

SMALL = (60, 40)


@pytest.fixture
def trip(author: Visitor) -> str:
    """A trip of one day with two photos."""
    desk = author.make_trip("Round the bay")
    author.upload(
        desk,
        ("pier.jpg", jpeg("red", SMALL, exif("2026:05:14 10:10:00", 42.0, 19.0))),
        ("boat.jpg", jpeg("blue", SMALL, exif("2026:05:14 11:10:00", 42.1, 19.0))),
    )
    return desk


def save(author: Visitor, desk: str, **fields: object):
    sent = {"title": "By the sea", "trip_id": 0, "day_number": 0, "text": "", "dek": ""} | fields
    if "version" not in sent:
        sent["version"] = value(author.get(desk), "version")
    return author.send(desk, desk, follow=False, **sent)


def post() -> Post:
    return db.session.scalars(select(Post)).one()


def typed(page: str) -> str:
    """What stands in the text area of the editor, as a browser reads it."""
    found = re.search(r'<textarea[^>]*name="text"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert found
    return html.unescape(found[1]).replace("\r\n", "\n").removeprefix("\n")


def test_an_author_writes_and_publishes(author, trip, visitor):
    moved = author.send("/desk/posts/new", "/desk/posts/new", follow=False, title="Along the bay", trip_id=1)
    desk = moved_to(moved)
    assert (
        moved_to(save(author, desk, title="Along the bay", text="We set out.", trip_id=1, day_number=1))
        == desk
    )
    assert "Saved." in author.get(desk)
    visitor.get("/posts/along-the-bay", 404)
    assert author.publish(desk) == "/posts/along-the-bay"
    page = visitor.get("/posts/along-the-bay")
    assert "<h1" in page
    assert "We set out." in page
    assert "by Jonas" in page
    assert "Day 1 of" in page
    published = post().published_at
    save(author, desk, text="We set out early.", trip_id=1)
    assert "We set out early." in visitor.get("/posts/along-the-bay")
    assert post().published_at == published


def test_a_withdrawn_post_is_gone_for_readers_and_kept_for_its_author(author, visitor):
    desk = author.write("We set out.")
    address = author.publish(desk)
    visitor.reply(address, "Lovely.")
    first = post().published_at
    assert "Withdrawn." in author.send(f"{desk}/withdrawal", desk).text
    visitor.get(address, 404)
    assert typed(author.get(desk)) == "We set out."
    assert author.publish(desk) == address
    assert post().published_at == first
    assert "1 reply waits" in author.get("/desk/")


@pytest.mark.parametrize("fields", [{"title": "  "}, {"title": ""}, {"title": "x" * 201}])
def test_a_post_needs_a_title_and_keeps_what_was_typed(author, fields):
    desk = author.write("Before.")
    answer = save(author, desk, text="What I typed.", **fields)
    assert answer.status_code == 422
    assert typed(answer.text) == "What I typed."
    assert post().text == "Before."


def test_an_empty_post_is_not_published(author):
    desk = author.write("  ")
    answer = author.send(f"{desk}/publication", f"{desk}/publication")
    assert answer.status_code == 422
    assert "Write a few words first" in answer.text
    assert post().status is PostStatus.DRAFT


def test_missing_alt_texts_are_pointed_out_before_publishing(author, trip):
    desk = author.write("![The pier](photo:1)\n\n![](photo:2)", trip=trip)
    page = author.get(f"{desk}/publication")
    assert "1 photo has no alt text" in page
    assert "boat.jpg" in page
    assert "pier.jpg" not in page
    author.send("/desk/trips/1/photos/2", trip, alt="A boat")
    assert "Every photo has its alt text" in author.get(f"{desk}/publication")


TEXTS = [
    "Plain.",
    "  leading and trailing  \n\n",
    "\nA first empty line",
    "\n\n\n",
    "tabs\tand  \ntwo spaces",
    "</textarea><script>alert(1)</script>",
    "&amp; &lt; &quot; ' \" \\",
    "조선의 길 · السفر · 👩‍👩‍👧 · e\u0301",
    "line\u2028separator\u0085and\x0bothers\x1f",
    "[a]: b\n\n1. x\n   - y\n",
]


def test_a_text_comes_back_byte_for_byte(author):
    desk = author.write("Something.")
    for text in TEXTS:
        save(author, desk, text=text)
        assert post().text == text
        page = author.get(desk)
        assert typed(page) == text
        save(author, desk, text=typed(page))
        assert post().text == text


def test_line_ends_of_browsers_become_plain_ones(author):
    author.write("one\r\ntwo\r\n\r\nthree")
    assert post().text == "one\ntwo\n\nthree"


def test_every_saved_text_is_kept(author):
    desk = author.write("First.")
    save(author, desk, text="Second.", title="Another title")
    save(author, desk, text="")
    revisions = db.session.scalars(select(Revision).order_by(Revision.id)).all()
    assert [revision.text for revision in revisions] == ["First.", "Second.", ""]
    assert revisions[1].title == "Another title"
    assert {revision.saved_by_id for revision in revisions} == {1}


def test_two_who_edit_at_once_both_keep_their_words(app, author, person):
    desk = author.write("As it was.")
    olga = Visitor(app.test_client()).sign_in(person("Olga", Role.OWNER))
    seen = value(author.get(desk), "version")
    save(olga, desk, text="Olga's words.")
    late = save(author, desk, text="Jonas's words.", version=seen)
    assert late.status_code == 409
    assert typed(late.text) == "Jonas's words."
    assert "Olga&#39;s words." in late.text
    assert "Someone saved this post" in late.text
    assert post().text == "Olga's words."

    joined = save(author, desk, text="Both.", version=value(late.text, "version"))
    assert joined.status_code == 302
    texts = db.session.scalars(select(Revision.text).order_by(Revision.id)).all()
    assert texts == ["As it was.", "Olga's words.", "Both."]


@pytest.mark.parametrize("change", [{"title": "Olga's title"}, {"dek": "Olga's summary"}])
def test_a_title_changed_meanwhile_is_not_undone_in_silence(app, author, person, change):
    desk = author.write("The same text.")
    olga = Visitor(app.test_client()).sign_in(person("Olga", Role.OWNER))
    seen = value(author.get(desk), "version")
    save(olga, desk, text="The same text.", **change)
    late = save(author, desk, text="The same text.", version=seen)
    assert late.status_code == 409
    kept = post()
    assert {"title": kept.title, "dek": kept.dek}.items() >= change.items()


def test_saving_the_same_thing_twice_is_no_conflict(author):
    desk = author.write("Words.")
    seen = value(author.get(desk), "version")
    assert save(author, desk, text="New words.", version=seen).status_code == 302
    assert save(author, desk, text="New words.", version=seen).status_code == 302


def test_a_form_that_names_no_version_overwrites_nothing(author):
    desk = author.write("Words.")
    answer = save(author, desk, text="Blind words.", version="")
    assert answer.status_code == 409
    assert post().text == "Words."


def test_the_live_preview_shows_a_text_that_is_not_saved(author, trip):
    desk = author.write("Saved words.", trip=trip)
    answer = author.send(
        f"{desk}/preview", desk, text="# New\n\n![](photo:1) ![](photo:2)\n\n::map\n\n<script>x</script>"
    )
    assert answer.status_code == 200
    assert "<h2>New</h2>" in answer.text
    assert answer.text.count("<figure") == 2
    assert "<svg" in answer.text
    assert "<script>x" not in answer.text
    assert "<!doctype" not in answer.text
    assert post().text == "Saved words."
    assert author.client.post(f"{desk}/preview", data={"text": "x"}).status_code == 422


def test_the_preview_of_a_draft_is_the_page_as_readers_see_it(author, trip):
    desk = author.write("![](photo:1)\n\nWords.", trip=trip)
    page = author.get(f"{desk}/preview")
    assert "how readers will see it" in page
    assert 'id="photo-1"' in page
    assert moved_to(save(author, desk, text="x", then="preview")) == f"{desk}/preview"
    assert moved_to(save(author, desk, text="x", then="publish")) == f"{desk}/publication"


def test_a_photo_nobody_has_is_told_and_breaks_nothing(author, trip, visitor):
    desk = author.write("![](photo:77) ![](photo:1)\n\n![](photo:999999999)", trip=trip)
    assert "Photo 77 is not here." in author.get(desk)
    page = visitor.get(author.publish(desk))
    assert 'id="photo-1"' in page
    assert db.session.scalars(select(PostPhoto.photo_id)).all() == [1]


def test_the_first_photo_leads_and_can_change(author, trip):
    desk = author.write("![](photo:2)\n\n![](photo:1)", trip=trip)
    assert (post().lead_photo_id, post().photo_count) == (2, 2)
    save(author, desk, text="![](photo:1)", trip_id=1)
    assert (post().lead_photo_id, post().photo_count) == (1, 1)
    save(author, desk, text="No photo.", trip_id=1)
    assert post().lead_photo_id is None
    assert db.session.scalar(select(func.count()).select_from(PostPhoto)) == 0


def test_photos_of_the_trip_are_offered(author, trip):
    page = author.get(author.write("x", trip=trip))
    assert 'data-insert="![](photo:1)"' in page
    assert 'data-insert="![](photo:2)"' in page
    assert 'alt="pier.jpg"' in page


def test_titles_of_one_name_have_addresses_of_their_own(author):
    one, other = (author.publish(author.write("Words.", title="Home!")) for _ in range(2))
    assert (one, other) == ("/posts/home", "/posts/home-2")


def test_a_strange_trip_or_day_is_refused(author, trip):
    desk = author.write("Words.", trip=trip)
    for fields in ({"trip_id": 99}, {"trip_id": "x"}, {"day_number": 7}):
        assert save(author, desk, text="Typed.", **fields).status_code == 422
    assert post().text == "Words."


def test_an_author_cannot_write_on_anothers_trip(app, author, trip, person):
    iris = Visitor(app.test_client()).sign_in(person("Iris", Role.AUTHOR))
    answer = iris.send("/desk/posts/new", "/desk/posts/new", title="Mine", trip_id=1)
    assert answer.status_code == 422
    assert "Round the bay" not in iris.get("/desk/posts/new?trip=1")


def test_a_text_can_be_long_and_not_endless(author):
    desk = author.write("Words.")
    assert save(author, desk, text="가" * 399_000).status_code == 302
    too_long = save(author, desk, text="x" * 400_001)
    assert too_long.status_code == 422
    assert "too long to save" in too_long.text
    assert len(typed(too_long.text)) == 400_001


def test_ten_saves_at_once_lose_nothing(app, author):
    desk = author.write("Start.")
    token, version = author.token(desk), value(author.get(desk), "version")
    cookie = author.client.get_cookie("session")
    answers: list[int] = []

    def write(number: int) -> None:
        client = app.test_client()
        client.set_cookie("session", cookie.value)
        sent = {"title": "T", "text": f"Words {number}.", "trip_id": 0, "day_number": 0, "version": version}
        with app.app_context():
            answers.append(client.post(desk, data=sent | {"csrf_token": token}).status_code)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) <= {302, 409}
    saved = db.session.scalar(select(func.count()).select_from(Revision))
    assert saved == 1 + answers.count(302)
