"""Addresses made from titles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog.web.slugs import LONGEST, free_slug, slugify


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("The road down, again", "the-road-down-again"),
        ("Čačak – Ébène!", "cacak-ebene"),
        ("조선의 길", "조선의-길"),
        ("../../etc/passwd", "etc-passwd"),
        ("a_b__c", "a-b-c"),
        ("!!!", ""),
        ("", ""),
    ],
)
def test_titles_become_addresses(title, slug):
    assert slugify(title) == slug


@given(st.text(max_size=300))
def test_no_title_makes_a_dangerous_address(title):
    slug = slugify(title)
    assert len(slug) <= LONGEST
    assert all(letter.isalnum() or letter == "-" for letter in slug)
    assert slugify(slug) == slug or not slug.isascii()


def test_every_address_is_free():
    taken = {"day-two", "day-two-2"}
    assert free_slug("Day two", "post", taken.__contains__) == "day-two-3"
    assert free_slug("!!!", "post", {"post"}.__contains__) == "post-2"
