"""What strangers write becomes harmless HTML, whatever it is."""

import re
import unicodedata
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.comments.text import TAGS, clean_line, clean_text, to_html, website_address
from blog.mail.plain import MOST_MARKS


class Reader(HTMLParser):
    """Reads a fragment as a browser would, and notes what is not allowed."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.found.append(tag)
        for name, text in attributes:
            if (tag, name) == ("a", "href"):
                if not re.match(r"https?://", text or ""):
                    self.found.append(f"href {text}")
            elif (tag, name) != ("a", "rel"):
                self.found.append(f"{tag} {name}")


def forbidden(text: str) -> list[str]:
    reader = Reader()
    reader.feed(to_html(text))
    reader.close()
    return reader.found


def test_paragraphs_lines_and_emphasis():
    assert to_html("One\ntwo\n\n*three* **four** `five`").split() == (
        ["<p>One<br>", "two</p>", "<p><em>three</em>", "<strong>four</strong>", "<code>five</code></p>"]
    )


def test_lists_and_quotes():
    made = to_html("> said\n\n- a\n- b")
    assert "<blockquote>" in made
    assert made.count("<li>") == 2


def test_links_are_marked_as_strangers():
    assert to_html("[here](https://elsewhere.example/?a=1&b=2)") == (
        '<p><a href="https://elsewhere.example/?a=1&amp;b=2" rel="nofollow ugc noopener">here</a></p>\n'
    )


@pytest.mark.parametrize(
    "text",
    [
        "[x](/desk/)",
        "[x](mailto:a@b.example)",
        "[x](javascript:alert(1))",
        "[x](//elsewhere.example)",
        "[x](ftp://a.example)",
    ],
)
def test_other_links_lose_their_address(text):
    assert "href" not in to_html(text)
    assert "x" in to_html(text)


@pytest.mark.parametrize(
    "text", ["# Loud", "Loud\n====", "![x](https://tracker.example/a.gif)", "a\n\n---\n\nb"]
)
def test_no_headings_pictures_or_rules(text):
    assert not re.search(r"<(h\d|img|hr)", to_html(text))
    assert forbidden(text) == []


def test_what_looks_like_code_is_shown():
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in to_html("<script>alert(1)</script>")


def test_the_collected_injections(shared_data):
    texts = [path.read_text(encoding="utf-8") for path in (shared_data / "hostile" / "html").glob("*.test")]
    assert len(texts) == 20
    for text in texts:
        assert forbidden(text) == []
        assert forbidden(f"[x]({text})\n\n> {text}\n\n`{text}`") == []


MARKS = [
    "<",
    ">",
    "</",
    "script",
    "<a",
    "href=",
    "javascript:",
    "](",
    "[x](",
    "![",
    "&#x6a;",
    "&lt;",
    '"',
    "'",
    "onload=",
    "`",
    ">",
    "-",
    "<!--",
    "-->",
    "<![CDATA[",
    "<svg>",
    "<math>",
    "\\",
    "https://a.example",
    "<https://",
    "data:text/html,",
]
PIECES = st.sampled_from([*MARKS, "\n", "\n\n", "    ", "\0"]) | st.text(max_size=6)


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("See https://bay.example/a?b=1&c=2.", "https://bay.example/a?b=1&amp;c=2"),
        ("(http://bay.example/)", "http://bay.example/"),
        ("<https://bay.example>", "https://bay.example"),
    ],
)
def test_whole_addresses_become_links(text, link):
    assert f'<a href="{link}" rel="nofollow ugc noopener">{link}</a>' in to_html(text)


@pytest.mark.parametrize(
    "text", ["Now the end.so www.a.example", "ftp://a.example", "s@a.example", "`http://a.example`"]
)
def test_nothing_else_becomes_a_link(text):
    assert "<a" not in to_html(text)


LETTERS = [
    "a",
    " ",
    "\n",
    "\r\n",
    "\0",
    "\u202e",
    "\u2067",
    "\u200d",
    "\u200b",
    "\u0301",
    "e\u0308",
    "क",
    "👩",
]
ANYTHING = st.text() | st.lists(st.sampled_from(LETTERS), max_size=40).map("".join)


@given(ANYTHING)
def test_a_line_is_one_line_of_what_can_be_seen(text):
    line = clean_line(text)
    assert clean_line(line) == line
    assert line == line.strip()
    assert line not in ("\u200d", "\u200c")
    kinds = [unicodedata.category(letter) for letter in line]
    assert not {"Cc", "Cs", "Co", "Zl", "Zp"} & set(kinds)
    assert not re.search("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]", line)
    assert "M" * (MOST_MARKS + 1) not in "".join("M" if kind in ("Mn", "Me") else "." for kind in kinds)


def readable(text: str) -> list[str]:
    return [one for one in text if unicodedata.category(one)[0] in "LNPS" and one not in "\ufffe\uffff"]


@given(ANYTHING)
def test_a_text_loses_nothing_that_can_be_read(text):
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned
    assert not re.search("[\0-\x08\x0b-\x1f\x7f-\x9f\u202d\u202e]", cleaned)
    assert readable(cleaned) == readable(text)


PARTS = [
    "https://",
    "http:",
    "//",
    "a.example",
    "é",
    "@",
    ":80",
    "/",
    "?",
    "#",
    "<",
    '"',
    " ",
    "javascript:",
    "[",
    "%",
]


@given(st.lists(st.sampled_from(PARTS), max_size=12).map("".join) | st.text(max_size=20))
def test_a_website_is_an_address_or_none(text):
    try:
        website = website_address(text)
    except ValueError:
        return
    assert re.fullmatch(r"(?:https?://[a-z0-9.-]+(?::\d+)?(?:[/?#][!#-;=?-Z\[\]_a-z~]*)?)?", website)
    assert website == "" or website_address(website) == website


@settings(max_examples=400)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_no_text_becomes_code(text):
    assert forbidden(text) == []


@pytest.mark.parametrize("text", ["[" * 10_000, ">" * 10_000, "*a" * 5_000, "`" * 10_000, "- " * 5_000])
def test_no_text_takes_long(text):
    assert isinstance(to_html(text), str)
