"""What a stranger wrote, as harmless HTML: paragraphs, emphasis, code, quotes, lists and links. PURE."""

from functools import cache

import nh3
from markdown_it import MarkdownIt

TAGS = {"p", "br", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li", "a"}


@cache
def parser() -> MarkdownIt:
    md = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": 12})
    return md.disable(["image", "heading", "lheading", "hr", "reference", "html_inline", "html_block"])


def to_html(text: str) -> str:
    """Render, then clean: the cleaner alone decides what may stand on a page."""
    return nh3.clean(
        parser().render(text),
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https"},
        url_relative="deny",
        link_rel="nofollow ugc noopener",
    )
