"""The markup of a post: CommonMark without raw HTML, and photos, places, videos, embeds and maps. PURE.

A text becomes blocks: prose (finished HTML), photo rows, videos, embeds and maps. What a photo looks like
is not known here, only its number, its alt text and its caption; templates draw it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from html import escape
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

MOST_ABREAST = 4
MOST_NESTED = 30
WORDS_A_MINUTE = 220
SECONDS_A_PHOTO = 8

PHOTO = re.compile(r"photo:(\d{1,9})\Z")
VIDEO = re.compile(r"video:(\d{1,9})\Z")
NOTE = re.compile(r"note:(\d{1,9})\Z")
PLACE = re.compile(r"place:(\d{1,9}|[\w-]{1,80}/[\w-]{1,80})\Z")
MAP = re.compile(r"::map(?:\{(?:day=(\d{1,4}))?\})?\Z")
ADDRESS = re.compile(r"https?://[^\s<>\"]{4,2000}\Z")


@dataclass(frozen=True)
class PhotoUse:
    """A photo as the text uses it; empty words fall back to the photo's own."""

    photo_id: int
    alt: str = ""
    caption: str = ""


@dataclass(frozen=True)
class Prose:
    html: str
    kind: str = "prose"


@dataclass(frozen=True)
class PhotoRow:
    """One to four photos side by side."""

    photos: tuple[PhotoUse, ...]
    kind: str = "photos"

    @property
    def photo_ids(self) -> tuple[int, ...]:
        return tuple(use.photo_id for use in self.photos)


@dataclass(frozen=True)
class Video:
    video_id: int
    caption: str
    kind: str = "video"

    @property
    def photo_ids(self) -> tuple[int, ...]:
        return (self.video_id,)


@dataclass(frozen=True)
class Embed:
    """An address alone on a line. `player` is what a click may load, where the site is known; else None.

    `poster` is a photo of the author's that leads to the address: it stands there until the click.
    """

    address: str
    site: str
    player: str | None
    poster: PhotoUse | None = None
    kind: str = "embed"

    @property
    def photo_ids(self) -> tuple[int, ...]:
        return (self.poster.photo_id,) if self.poster else ()


@dataclass(frozen=True)
class RouteMap:
    """The route up to here, or of one day."""

    day: int | None
    kind: str = "map"


Block = Prose | PhotoRow | Video | Embed | RouteMap


@dataclass(frozen=True)
class Document:
    """A post's text, understood."""

    blocks: tuple[Block, ...]
    words: int = 0
    photo_ids: tuple[int, ...] = field(default=())
    text: str = field(default="", compare=False)
    note_ids: tuple[int, ...] = ()  # of the notes that phrases are tied to, known or not

    @property
    def minutes(self) -> int:
        """How long it takes to read, photos included."""
        seconds = self.words / WORDS_A_MINUTE * 60 + len(self.photo_ids) * SECONDS_A_PHOTO
        return max(1, round(seconds / 60))

    @property
    def photo_uses(self) -> list[PhotoUse]:
        return [use for block in self.blocks if isinstance(block, PhotoRow) for use in block.photos]

    def linked(self, links: "Links") -> "Document":
        """The same text, its phrases linked to what they are tied to."""
        return replace(parse(self.text, links), photo_ids=self.photo_ids) if self.note_ids else self


@dataclass(frozen=True)
class Links:
    """The addresses of notes and places. A phrase tied to anything else stays plain text."""

    notes: tuple[tuple[int, str], ...] = ()
    places: tuple[tuple[str, str], ...] = ()

    def note(self, number: int) -> str | None:
        return dict(self.notes).get(number)

    def place(self, key: str) -> str | None:
        return dict(self.places).get(key)


@lru_cache(maxsize=64)
def parse(text: str, links: Links | None = None) -> Document:
    """Understand a post's text. Never fails: what is not markup is prose.

    Remembered, because every new reply draws its post again.
    """
    tokens = parser().parse(text.replace("\x00", "�"))
    notes = [number for token in tokens if token.type == "inline" for number in notes_in(token)]
    blocks = tuple(merge_prose(blocks_of(tokens, links or Links())))
    words = sum(count_words(token) for token in tokens if token.type == "inline")
    ids = [
        photo_id
        for block in blocks
        if isinstance(block, PhotoRow | Video | Embed)
        for photo_id in block.photo_ids
    ]
    return Document(blocks, words, tuple(dict.fromkeys(ids)), text, tuple(dict.fromkeys(notes)))


@cache
def parser() -> MarkdownIt:
    """CommonMark with tables, strikethrough and footnotes; raw HTML is text."""
    md = MarkdownIt("commonmark", {"html": False, "typographer": True, "maxNesting": MOST_NESTED})
    md.enable(["table", "strikethrough", "smartquotes"])
    md.use(footnote_plugin)
    check = md.validateLink
    md.validateLink = lambda url: bool(PHOTO.match(url) or VIDEO.match(url) or NOTE.match(url) or check(url))  # type: ignore[method-assign]
    md.add_render_rule("image", render_inline_image)
    md.add_render_rule("footnote_block_open", lambda *_args: '<section class="footnotes"><ol>')
    return md


def render_inline_image(_renderer: Any, tokens: Sequence[Token], index: int, *_rest: Any) -> str:
    """A picture in the middle of a sentence: only its words can stand there."""
    return escape(tokens[index].content)


def merge_prose(blocks: Iterator[Block]) -> Iterator[Block]:
    """Join neighbouring prose."""
    held = ""
    for block in blocks:
        if isinstance(block, Prose):
            held += block.html
            continue
        if held:
            yield Prose(held)
            held = ""
        yield block
    if held:
        yield Prose(held)


def blocks_of(tokens: list[Token], links: Links) -> Iterator[Block]:
    """Walk the top-level elements; a paragraph may be something other than prose."""
    start = 0
    while start < len(tokens):
        end = end_of(tokens, start)
        element = tokens[start:end]
        yield from special(element) or [prose(element, links)]
        start = end


def end_of(tokens: list[Token], start: int) -> int:
    """The index after the element that begins at `start`."""
    depth = 0
    for index in range(start, len(tokens)):
        depth += tokens[index].nesting
        if depth == 0:
            return index + 1
    return len(tokens)


def special(element: list[Token]) -> list[Block]:
    """A paragraph that is photo rows, a video, a map or an embed; empty where it is prose."""
    if element[0].type != "paragraph_open":
        return []
    inline = element[1]
    content = inline.content.strip()
    if match := MAP.match(content):
        return [RouteMap(int(match[1]) if match[1] else None)]
    if ADDRESS.match(content):
        return embed(content)
    return linked_picture(inline.children or []) or pictures(inline.children or [])


def linked_picture(children: list[Token]) -> list[Block]:
    """One photo that leads to a film elsewhere: its poster. Photos that lead to other places stay photos."""
    if [child.type for child in children] != ["link_open", "image", "link_close"]:
        return []
    use, address = photo_use(children[1]), str(children[0].attrs.get("href", ""))
    blocks = embed(address) if use and ADDRESS.match(address) else []
    return [replace(block, poster=use) for block in blocks if isinstance(block, Embed) and block.player]


def pictures(children: list[Token]) -> list[Block]:
    """A paragraph of photos alone."""
    images = [child for child in children if child.type == "image"]
    others = [c for c in children if c.type not in ("image", "softbreak", "hardbreak") and c.content.strip()]
    if not images or others:
        return []
    if len(images) == 1 and (match := VIDEO.match(str(images[0].attrs.get("src", "")))):
        return [Video(int(match[1]), images[0].content)]
    uses = [use for image in images if (use := photo_use(image))]
    return rows_of(uses) if len(uses) == len(images) else []


def rows_of(uses: list[PhotoUse]) -> list[Block]:
    """Photos in as few rows as hold them, of nearly the same length."""
    count = -(-len(uses) // MOST_ABREAST)
    cuts = [len(uses) * i // count for i in range(count + 1)]
    return [PhotoRow(tuple(uses[start:end])) for start, end in pairwise(cuts)]


def photo_use(image: Token) -> PhotoUse | None:
    match = PHOTO.match(str(image.attrs.get("src", "")))
    return PhotoUse(int(match[1]), image.content, str(image.attrs.get("title", ""))) if match else None


def prose(element: list[Token], links: Links) -> Prose:
    for token in element:
        if token.type == "inline" and token.children:
            token.children = list(resolve(token.children, links))
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, max(2, int(token.tag[1]) + (token.tag == 'h1')))}"
    md = parser()
    return Prose(md.renderer.render(element, md.options, {}))


def resolve(children: list[Token], links: Links) -> Iterator[Token]:
    """Turn `note:` and `place:` links into real ones, or take the link away and leave its words."""
    open_links: list[bool] = []
    for child in children:
        if child.type == "link_open":
            keep = aim(child, links)
            open_links.append(keep)
            if keep:
                yield child
        elif child.type == "link_close":
            if open_links.pop():
                yield child
        else:
            yield child


def aim(link: Token, links: Links) -> bool:
    """Give a link its address and manners. False: there is nothing to link to."""
    href = str(link.attrs.get("href", ""))
    if match := NOTE.match(href):
        target = links.note(int(match[1]))
        link.attrSet("class", "note-link")
    elif match := PLACE.match(href):
        target = links.place(match[1])
    elif href.startswith(("photo:", "video:", "note:", "place:")):
        target = None
    else:
        if href.startswith(("http:", "https:")):
            link.attrSet("rel", "noopener")
        return True
    if target:
        link.attrSet("href", target)
    return target is not None


def embed(address: str) -> list[Block]:
    """A card for an address, with a player where the site's is known. Empty where it is no address."""
    try:
        parts = urlsplit(address)
        site = (parts.hostname or "").removeprefix("www.")
        return [Embed(address, site, player(site, parts.path, parts.query))] if site else []
    except ValueError:
        return []


def player(site: str, path: str, query: str) -> str | None:
    """The address of a video's player: YouTube's without cookies, or Vimeo's without tracking."""
    name = ""
    if site in ("youtube.com", "m.youtube.com"):
        name = parse_qs(query).get("v", [""])[0]
    elif site == "youtu.be":
        name = path.strip("/")
    elif site == "vimeo.com" and re.fullmatch(r"/\d{1,12}", path):
        return f"https://player.vimeo.com/video{path}?dnt=1"
    return f"https://www.youtube-nocookie.com/embed/{name}" if re.fullmatch(r"[\w-]{6,20}", name) else None


def notes_in(inline: Token) -> Iterator[int]:
    """The numbers of the notes that this text's phrases are tied to."""
    for child in inline.children or []:
        if child.type == "link_open" and (match := NOTE.match(str(child.attrs.get("href", "")))):
            yield int(match[1])


def count_words(inline: Token) -> int:
    return sum(len(child.content.split()) for child in inline.children or [] if child.type == "text")
