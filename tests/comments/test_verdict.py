"""The first look at a fresh comment: what its words and the way it was sent say, and what that comes to."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog.comments.verdict import Weight, disguised_words, hash_of, is_spam, main_script, signs_of


def words(*facts):
    return [sign.words for sign in signs_of(*facts)]


def test_a_plain_reply_raises_no_doubt():
    assert words("We took the same road in 2019. Is the café still there?", "Sofia", 40.0, "") == []


def test_one_link_is_a_doubt_and_no_crime():
    signs = signs_of("I wrote about it at https://example.org/bay", "Sofia", 40.0, "")
    assert not is_spam(signs)
    assert [sign.words for sign in signs] == ["It has a link."]


@pytest.mark.parametrize(
    ("text", "name", "seconds", "honeypot", "reason"),
    [
        ("Nice.", "Sofia", 40.0, "http://x.example", "cannot see"),
        ("http://a.example http://b.example http://c.example", "Sofia", 40.0, "", "3 links"),
        ("Best casino bonus", "Sofia", 40.0, "", "advertises"),
        ("Nice.", "SEO services", 40.0, "", "advertises"),
        ("Look: www.a.example", "Sofia", 1.0, "", "three seconds"),
        ("Hello", "https://a.example", 0.5, "", "web address"),
        ("VISIT MY PAGE AND SEE ALL THE THINGS THERE ARE: HTTP://A.EXAMPLE", "Sofia", 40.0, "", "capitals"),
        ("Cheap wаtches and bаgs, vеry nice рrices", "Sofia", 40.0, "", "look like another"),
    ],
)
def test_spam_and_why(text, name, seconds, honeypot, reason):
    signs = signs_of(text, name, seconds, honeypot)
    assert is_spam(signs)
    assert any(reason in sign.words for sign in signs)


@pytest.mark.parametrize(
    "text",
    [
        "WOW!",
        "조선의 길이 참 아름답네요",
        "ÇA C'EST BEAU",
        "I specialise in casinos of the 1920s",
        "earn your rest",
        "Мы были там в 2019, Jonas и Petra тоже",
        "5 µm and α-particles",
        "",
    ],
)
def test_people_are_not_called_spam(text):
    assert not is_spam(signs_of(text, "Sofia", 1.0, ""))


def test_an_unknown_time_is_no_evidence():
    assert words("Hello there", "Sofia", None, "") == []


def test_another_script_than_the_posts_is_told_and_holds_nobody():
    signs = signs_of("Какая красивая бухта, мы были там летом", "Olga", 40.0, "", "LATIN")
    assert [sign.weight for sign in signs] == [Weight.HINT]
    assert main_script("Round the bay, and back by the old road") == "LATIN"
    assert main_script("Sì!") is None


def test_a_word_of_two_scripts_is_found_and_named():
    assert disguised_words("My pаypal account, naïve Привет") == ["pаypal"]


def test_the_same_words_are_known_whatever_their_dress():
    assert hash_of("What a lovely bay this is, really!") == hash_of("what a  LOVELY bay this is – really")
    assert hash_of("What a lovely bay this is, really!") != hash_of("What a lovely bay this was, really!")
    assert hash_of("Thank you!") is None


@given(st.text(max_size=300), st.text(max_size=50), st.none() | st.floats(0, 1e6), st.text(max_size=5))
def test_every_verdict_of_spam_has_a_reason(text, name, seconds, honeypot):
    signs = signs_of(text, name, seconds, honeypot, "LATIN")
    assert signs or not is_spam(signs)
    assert all(len(sign.words) < 300 for sign in signs)


@given(st.text(max_size=300))
def test_any_text_has_a_hash_that_a_database_holds(text):
    number = hash_of(text)
    assert number is None or -(2**63) <= number < 2**63


def labelled(folder: Path) -> list[tuple[str, bool]]:
    rows = []
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows += [(row["content"], row["spam"] == "1") for row in csv.DictReader(file)]
    return rows


def test_real_comments_are_rarely_called_spam_by_mistake(shared_data):
    """YouTube's spam is of its own kind: what counts is that people are not silenced."""
    rows = labelled(shared_data / "spam")
    assert len(rows) == 700
    called = [(is_spam(signs_of(text, "Someone", 30.0, "")), was_spam) for text, was_spam in rows]
    ham = [is_called for is_called, was_spam in called if not was_spam]
    spam = [is_called for is_called, was_spam in called if was_spam]
    assert sum(ham) <= 0.01 * len(ham)  # 0 of 350 when this was written
    assert sum(spam) >= 0.03 * len(spam)  # 15 of 350: the rest is for the classifier and for moderators
