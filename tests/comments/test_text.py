"""What strangers write becomes harmless HTML, whatever it is."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.comments.text import TAGS, to_html


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


@settings(max_examples=400)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_no_text_becomes_code(text):
    assert forbidden(text) == []


@pytest.mark.parametrize("text", ["[" * 10_000, ">" * 10_000, "*a" * 5_000, "`" * 10_000, "- " * 5_000])
def test_no_text_takes_long(text):
    assert isinstance(to_html(text), str)
