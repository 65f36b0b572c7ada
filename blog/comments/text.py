"""What a stranger wrote, as harmless HTML, and harmless names and addresses. PURE."""

import re
import unicodedata
from functools import cache
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt

from blog.mail.plain import without_towers

TAGS = {"p", "br", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li", "a"}
LONGEST_WEBSITE = 200
LONGEST_LINE = 1_000  # of what is cleaned: what is longer is refused anyway
MOST_LINKS = 50  # of bare addresses; where there are more, none becomes a link

# Controls without an effect on a page, and bidi overrides, which show words in another order than their own.
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202d\u202e\ufffe\uffff\ud800-\udfff]")
# In a name also all that has no width, or changes the direction of what stands beside it. Joiners stay: some
# scripts cannot be written without them, and neither can families of emoji.
WIDTHLESS = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u2800"
    "\u3164\ufeff\uffa0\ufff0-\uffff\ue000-\uf8ff\U000e0000-\U0010ffff]"
)
LONE_JOINERS = re.compile("(?:^|(?<=[\\s\u200c\u200d]))[\u200c\u200d]+|[\u200c\u200d]+(?=\\s|$)")
HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


@cache
def parser(finds_links: bool) -> MarkdownIt:
    md = MarkdownIt("commonmark", {"html": False, "breaks": True, "linkify": finds_links, "maxNesting": 12})
    md.disable(["image", "heading", "lheading", "hr", "reference", "html_inline", "html_block"])
    if not finds_links or md.linkify is None:
        return md
    md.enable("linkify")
    # Whole addresses alone become links: "end.so" is mostly a forgotten space.
    md.linkify.set({"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    for schema in ("ftp:", "mailto:", "//"):
        md.linkify.add(schema, None)
    return md


def to_html(text: str) -> str:
    """Render, then clean: the cleaner alone decides what may stand on a page."""
    return nh3.clean(
        parser(text.count("://") <= MOST_LINKS).render(text),
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https"},
        url_relative="deny",
        link_rel="nofollow ugc noopener",
    )


def clean_text(text: str) -> str:
    """The same words without controls, bidi overrides and towers of marks; lines end with a line feed."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return without_towers(CONTROLS.sub("", lines)).strip()


def clean_line(text: str) -> str:
    """A name or another single line, without controls and what cannot be seen; perhaps nothing is left."""
    line = re.sub(r"[\t\n\v\f\r\x85]", " ", text[:LONGEST_LINE])
    seen = WIDTHLESS.sub("", CONTROLS.sub("", line))
    joined = LONE_JOINERS.sub("", " ".join(seen.split()))
    return without_towers(unicodedata.normalize("NFC", " ".join(joined.split())))


def website_address(text: str) -> str:
    """The address of somebody's website, as browsers read it; empty for none.

    Letters of other alphabets stand in their coded form (`xn--`), so that nobody takes them for others.
    Raises `ValueError` for what is no address of a website.
    """
    typed = clean_line(text)
    if not typed:
        return ""
    parts = urlsplit(typed if re.match(r"[a-z][a-z0-9+.-]*:", typed, re.IGNORECASE) else f"https://{typed}")
    host = (parts.hostname or "").encode("idna").decode("ascii").lower()
    if parts.scheme not in ("http", "https") or parts.username is not None or not HOST.fullmatch(host):
        raise ValueError("This is no address of a website.")
    port = f":{parts.port}" if parts.port else ""
    rest = re.sub(r"[^!#-;=?-Z\[\]_a-z~]", in_bytes, parts._replace(scheme="", netloc="").geturl())
    address = f"{parts.scheme}://{host}{port}{rest}"
    if len(address) > LONGEST_WEBSITE:
        raise ValueError("This address is too long.")
    return address


def in_bytes(letter: re.Match[str]) -> str:
    """A letter as addresses hold it: %C3%A4."""
    return "".join(f"%{byte:02X}" for byte in letter[0].encode())
