"""The privacy page says what the site does, as its settings are, and nothing that it does not."""

import re

import pytest

from blog.accounts.models import Role
from blog.comments.confirmation import COOKIE, remember_confirmed
from blog.comments.rules import Policy, ProofOfWork, site_rules
from blog.db import db
from tests.conftest import Visitor
from tests.pages.crawl import crawl


def change(**columns: object) -> None:
    rules = site_rules()
    for name, value in columns.items():
        setattr(rules, name, value)
    db.session.add(rules)
    db.session.commit()


@pytest.mark.parametrize(
    ("columns", "before", "after"),
    [
        (
            {"email_needed": False},
            "An e-mail address is needed",
            "You may leave an e-mail address, and need not.",
        ),
        ({"website_asked": True}, None, "You may name your website."),
        ({"keep_addresses_days": 7}, "for 30 days. Then", "for 7 days. Then it is deleted."),
        ({"keep_addresses_days": 0}, "for 30 days. Then", "Your network address is not kept"),
        ({"proof_of_work": ProofOfWork.NEVER}, "small puzzle", None),
        ({"policy": Policy.OPEN}, "A moderator looks at a first reply", None),
    ],
)
def test_another_rule_is_another_sentence(visitor, columns, before, after):
    page = visitor.get("/privacy")
    assert before is None or before in page
    assert after is None or after not in page
    change(**columns)
    page = visitor.get("/privacy")
    assert before is None or before not in page
    assert after is None or after in page


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"SMTP_URL": "smtp://mail.example.org"}, "through the mail server of this site"),
        ({"SMTP_URL": ""}, "This site sends no mail at present"),
        ({"CONTACT": "mina@example.org"}, '<a href="mailto:mina@example.org">mina@example.org</a>'),
        ({"CONTACT": "https://example.org/me"}, '<a href="https://example.org/me">'),
        ({"CONTACT": "javascript:alert(1)"}, "To reach them: javascript:alert(1)."),
        ({"MEDIA_ORIGIN": "https://photos.example.net"}, "The files of photos lie with photos.example.net"),
        (
            {"BASEMAP": "https://tiles.example.net/{z}/{x}/{y}.png"},
            "load their pictures from tiles.example.net",
        ),
    ],
)
def test_another_setting_is_another_sentence(app, visitor, settings, words):
    before = visitor.get("/privacy")
    app.config.update(settings)
    app.extensions["edition"].advance()
    after = visitor.get("/privacy")
    assert words in after
    assert words not in before or settings == {"SMTP_URL": ""}


def test_it_says_who_runs_the_site(app, visitor, person):
    person("Mina", Role.OWNER)
    person("Petra", Role.MODERATOR)
    page = visitor.get("/privacy")
    assert "Roadbook is run by Mina." in page
    assert "Petra" not in page


def test_every_page_leads_there_and_it_leads_to_ones_data(visitor, author):
    address = author.publish(author.write("Along the bay."))
    for page in ("/", address, "/sign-in"):
        assert 'href="/privacy"' in visitor.get(page)
    assert 'href="/your-data"' in visitor.get("/privacy")
    assert 'href="/privacy"' in visitor.get("/your-data")


def cookies(answers) -> set[str]:
    return {header.split("=", 1)[0] for answer in answers for header in answer.headers.getlist("Set-Cookie")}


def test_the_cookies_that_it_names_are_those_that_are_set(app, visitor, author):
    address = author.publish(author.write("Along the bay."))
    visitor.reply(address, "What a bay!")
    named = set(re.findall(r'<code class="cookie">(\w+)</code>', visitor.get("/privacy")))
    read = [
        reached.answer
        for reached in crawl(Visitor(app.test_client()).client)
        if not reached.address.startswith("/sign-in")
    ]
    assert len(read) > 15
    assert cookies(read) == set()
    sign_in = Visitor(app.test_client()).client.get("/sign-in")
    with app.test_request_context():
        confirmed = app.make_response("")
        remember_confirmed(confirmed, "sofia@example.org")
    assert cookies([sign_in, confirmed]) == named == {"session", COOKIE}
