"""A post's text: what its marks mean, and that nothing in it becomes code."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.posts.markup import (
    MOST_ABREAST,
    Document,
    Embed,
    Links,
    PhotoRow,
    PhotoUse,
    Prose,
    RouteMap,
    Video,
    parse,
)


def html(text: str, links: Links | None = None) -> str:
    return "".join(block.html for block in parse(text, links).blocks if isinstance(block, Prose))


def rows(text: str) -> list[list[int]]:
    return [
        [use.photo_id for use in block.photos] for block in parse(text).blocks if isinstance(block, PhotoRow)
    ]


def test_prose_is_commonmark():
    text = (
        "# Day one\n\nWe *walked* to the **pier** and `waited`.\n\n> Slowly.\n\n1. tea\n2. bread\n\n- - -\n"
    )
    made = html(text)
    for piece in (
        "<h2>Day one</h2>",
        "<em>walked</em>",
        "<strong>pier</strong>",
        "<code>waited</code>",
        "<blockquote>",
        "<ol>",
        "<hr",
    ):
        assert piece in made


def test_neighbouring_prose_is_one_block():
    kinds = [block.kind for block in parse("One.\n\nTwo.\n\n![](photo:1)\n\nThree.\n\nFour.").blocks]
    assert kinds == ["prose", "photos", "prose"]


def test_headings_stay_below_the_title():
    assert re.findall(r"<h(\d)", html("# a\n\n## b\n\n### c\n\n###### d")) == ["2", "2", "3", "6"]


def test_tables_footnotes_and_strikethrough():
    made = html("| a | b |\n|---|---|\n| 1 | 2 |\n\nA word[^1] and ~~another~~.\n\n[^1]: Explained.\n")
    assert "<table>" in made
    assert "<s>another</s>" in made
    assert "Explained." in made
    assert 'class="footnotes"' in made


def test_a_photo_with_its_words():
    (row,) = parse('![The pier at dawn](photo:12 "Before the boats")').blocks
    assert row == PhotoRow((PhotoUse(12, "The pier at dawn", "Before the boats"),))


@pytest.mark.parametrize(
    ("count", "lengths"),
    [(1, [1]), (2, [2]), (4, [4]), (5, [2, 3]), (8, [4, 4]), (9, [3, 3, 3]), (10, [3, 3, 4])],
)
def test_photos_side_by_side_fill_even_rows(count, lengths):
    for gap in (" ", "\n", "  \n", ""):
        made = rows(gap.join(f"![](photo:{number})" for number in range(1, count + 1)))
        assert [len(row) for row in made] == lengths
        assert [number for row in made for number in row] == list(range(1, count + 1))


def test_photos_in_paragraphs_of_their_own_are_rows_of_their_own():
    assert rows("![](photo:1)\n\n![](photo:2)") == [[1], [2]]


def test_a_photo_in_the_middle_of_a_sentence_is_its_words():
    made = html("Here ![the <pier>](photo:3) stands.")
    assert "Here the &lt;pier&gt; stands." in made
    assert "<img" not in made
    assert rows("Here ![x](photo:3) stands.") == []


@pytest.mark.parametrize(
    "address", ["https://elsewhere.example/a.jpg", "photo:x", "photo:-1", "photo:1234567890", "a.jpg", ""]
)
def test_other_pictures_are_never_loaded(address):
    text = f"![words]({address})"
    assert rows(text) == []
    assert "<img" not in html(text)
    assert "words" in html(text)


def test_photos_in_lists_quotes_and_tables_are_their_words():
    text = "- ![a](photo:1)\n\n> ![b](photo:2)\n\n| x |\n|---|\n| ![c](photo:3) |\n"
    assert parse(text).photo_ids == ()
    assert "<img" not in html(text)


def test_a_photo_used_twice_counts_once():
    document = parse("![](photo:2)\n\n![](photo:1) ![](photo:2)")
    assert document.photo_ids == (2, 1)
    assert len(document.photo_uses) == 3


def test_maps():
    blocks = parse("::map\n\n::map{day=2}\n\n::map{}").blocks
    assert blocks == (RouteMap(None), RouteMap(2), RouteMap(None))
    for text in ("::map{day=x}", "::map{day=12345}", "a ::map", "::mapx"):
        assert parse(text).blocks[0].kind == "prose"


def test_videos():
    assert parse("![The bells](video:7)").blocks == (Video(7, "The bells"),)


NOTES = Links(
    notes=((5, "#note-5"),),
    places=(("albania/shkoder", "/places/albania/shkoder"),),
)


def test_notes_and_places_lead_where_they_are_known():
    assert 'href="#note-5"' in html("[the booth](note:5)", NOTES)
    assert 'href="/places/albania/shkoder"' in html("[Shkodër](place:albania/shkoder)", NOTES)


def test_a_text_knows_the_notes_that_its_phrases_are_tied_to():
    document = parse("- [one](note:7), [two](note:5)\n\n> [one again](note:7) and [none](note:x)\n")
    assert document.note_ids == (7, 5)
    linked = document.linked(NOTES)
    assert '<a href="#note-5" class="note-link">two</a>' in linked.blocks[0].html
    assert linked.note_ids == document.note_ids
    assert "one" in linked.blocks[0].html and "note-7" not in linked.blocks[0].html


@pytest.mark.parametrize(
    "text",
    [
        "[the booth](note:6)",
        "[the booth](place:77)",
        "[the booth](note:x)",
        "[the booth](photo:1)",
        "[the booth](video:1)",
    ],
)
def test_what_leads_nowhere_is_plain_words(text):
    for links in (None, NOTES):
        made = html(text, links)
        assert "the booth" in made
        assert "<a" not in made


def test_links():
    made = html("[out](https://elsewhere.example/?a=1&b=2) and [in](/trips/) and <https://third.example>")
    assert '<a href="https://elsewhere.example/?a=1&amp;b=2" rel="noopener">out</a>' in made
    assert '<a href="/trips/">in</a>' in made
    assert 'href="https://third.example"' in made


@pytest.mark.parametrize(
    ("address", "site", "player"),
    [
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=3", "youtube.com", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"),
        ("https://youtu.be/dQw4w9WgXcQ", "youtu.be", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"),
        ("https://vimeo.com/76979871", "vimeo.com", "https://player.vimeo.com/video/76979871?dnt=1"),
        ("https://www.youtube.com/watch?v=%22%3E%3Cscript", "youtube.com", None),
        ("https://vimeo.com/../evil", "vimeo.com", None),
        ("https://youtube.com.evil.example/watch?v=dQw4w9WgXcQ", "youtube.com.evil.example", None),
        ("http://elsewhere.example/story", "elsewhere.example", None),
    ],
)  # fmt: skip
def test_an_address_alone_is_an_embed(address, site, player):
    assert parse(address).blocks == (Embed(address, site, player),)


@pytest.mark.parametrize(
    "text", ["See https://elsewhere.example now", "ftp://elsewhere.example", "https://[::1", "javascript://x"]
)
def test_other_addresses_are_prose(text):
    assert [block.kind for block in parse(text).blocks] == ["prose"]


def test_words_and_minutes():
    assert parse("one two three").words == 3
    assert parse("word " * 2200).minutes == 10
    assert parse("").minutes == 1
    assert parse("![](photo:1)\n\n" + "word " * 220).minutes == 1
    assert parse("\n\n".join(f"![](photo:{n})" for n in range(1, 31))).minutes == 4


def test_an_empty_text_is_an_empty_document():
    assert parse("") == Document(())
    assert parse(" \n\n ") == Document(())


DANGEROUS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](  javascript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](\\javascript:alert(1))",
    "[x](vbscript:msgbox)",
    "[x](data:text/html,<script>alert(1)</script>)",
    "![x](data:image/svg+xml,<svg onload=alert(1)>)",
    "![x](javascript:alert(1))",
    '![x" onerror="alert(1)](photo:1 "y\\" onload=\\"alert(2)")',
    '[x](https://a.example "onmouseover=alert(1)")',
    "[x](https://a.example/\"onclick='alert(1)')",
    "<javascript:alert(1)>",
    "[a]: javascript:alert(1)\n\n[a]",
    "```<script>\n</code></pre><script>alert(1)</script>\n```",
    "~~<svg/onload=alert(1)>~~",
    "[^x]\n\n[^x]: <script>alert(1)</script>",
    "| <script> |\n|---|\n| <img src=x onerror=alert(1)> |",
    '[^a"onclick=alert(1)]\n\n[^a"onclick=alert(1)]: x',
]


ALLOWED = {
    "p",
    "br",
    "em",
    "strong",
    "code",
    "pre",
    "blockquote",
    "ul",
    "ol",
    "li",
    "a",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "s",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "section",
    "sup",
}


class Reader(HTMLParser):
    """Reads a page as a browser would; notes what could run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in ALLOWED:
            self.found.append(tag)
        for name, text in attributes:
            scheme = re.sub(r"[\x00-\x20]", "", text or "").lower()
            if name.startswith("on") or scheme.startswith(("javascript:", "vbscript:", "data:")):
                self.found.append(f"{tag} {name}={text}")


def runnable(text: str) -> list[str]:
    reader = Reader()
    reader.feed(html(text))
    reader.close()
    return reader.found


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_markup_becomes_code(text):
    assert runnable(text) == []


def test_the_collected_injections_become_no_code(shared_data):
    texts = [path.read_text(encoding="utf-8") for path in (shared_data / "hostile" / "html").glob("*.test")]
    assert len(texts) == 20
    for text in texts:
        assert runnable(text) == []
        assert runnable(text.replace("<", "\n\n<")) == []


MARKS = [
    r"![",
    r"](photo:1)",
    r"](note:1)",
    r"](place:1)",
    r"::map{day=1}",
    r"https://youtu.be/dQw4w9WgXcQ",
    r">",
    r"-",
    r"1.",
    r"```",
    r"|",
    r"|---|",
    r"[^1]",
    r"[^1]:",
    r"*",
    r"_",
    r"[",
    r"](",
    r")",
    r"<",
    r">",
    r'"',
    r"&lt;",
    r"\\",
    r"#",
    r"~~",
]
PIECES = st.sampled_from([*DANGEROUS, *MARKS, "\n", "\n\n", "    ", " ", "\0"]) | st.text(max_size=8)


@settings(max_examples=400)
@given(st.lists(PIECES, max_size=25).map("".join))
def test_no_text_is_too_strange(text):
    document = parse(text, NOTES)
    assert runnable(text) == []
    for block in document.blocks:
        if isinstance(block, PhotoRow):
            assert 1 <= len(block.photos) <= MOST_ABREAST
        if isinstance(block, Embed):
            assert block.address.startswith(("http://", "https://"))
    assert document.minutes >= 1


@pytest.mark.parametrize(
    "text", ["[" * 20_000, ">" * 5_000, "*a" * 20_000, "![](" * 10_000, "| a " * 3_000, "<" * 50_000]
)
def test_no_text_takes_long(text):
    assert parse(text).blocks


def test_a_photo_that_leads_to_a_film_elsewhere_is_its_poster():
    document = parse('[![The bells](photo:5 "At noon")](https://youtu.be/dQw4w9WgXcQ)')
    player = "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"
    poster = PhotoUse(5, "The bells", "At noon")
    assert document.blocks == (Embed("https://youtu.be/dQw4w9WgXcQ", "youtu.be", player, poster),)
    assert document.photo_ids == (5,)


def test_a_photo_that_leads_anywhere_else_is_a_photo():
    assert parse("[![The bells](photo:5)](https://example.org/)").blocks == (
        PhotoRow((PhotoUse(5, "The bells"),)),
    )


def test_films_are_among_what_a_post_shows():
    assert parse("![a](photo:3)\n\n![b](video:7)\n\n![c](video:3)").photo_ids == (3, 7)
