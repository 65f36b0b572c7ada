"""What a reader's browser loads before any touch stays small, and nothing in it leads to a third party."""

import gzip
import json
import re
from pathlib import Path

import pytest

from benchmarks.busy_post import PHOTOS, grow, make_busy_post
from blog.comments.threads import ON_PAGE, ROOTS

DIST = Path(__file__).parent.parent / "blog" / "static" / "dist"
KILOBYTE = 1000
LATER = ("interactive-map", "photo-viewer", "closer-look", "deep-zoom", "sphere-viewer", "spot-drawing")


@pytest.fixture(scope="module")
def manifest() -> dict[str, str]:
    return json.loads((DIST / "manifest.json").read_text(encoding="utf-8"))


def with_imports(name: str, seen: set[str] | None = None) -> set[str]:
    """A script and what it imports at once; `import()` does not count, that is what comes at a touch."""
    seen = seen if seen is not None else set()
    if name not in seen:
        seen.add(name)
        source = (DIST / name).read_text(encoding="utf-8")
        for imported in re.findall(r'(?:from|import)\s*"\./([^"]+)"', source):
            with_imports(imported, seen)
    return seen


def compressed(*names: str) -> int:
    return sum(len(gzip.compress((DIST / name).read_bytes())) for name in names)


def test_a_readers_scripts_are_at_most_15_kilobytes(manifest):
    scripts = with_imports(manifest["reader.js"])
    assert compressed(*scripts) <= 15 * KILOBYTE
    assert not any(name.startswith(LATER) for name in scripts)


def test_a_readers_styles_are_at_most_15_kilobytes(manifest):
    assert compressed(manifest["reader.css"]) <= 15 * KILOBYTE


def test_a_post_with_30_photos_stays_small_however_much_is_said(app, visitor):
    post = make_busy_post(0)
    address = f"/posts/{post.slug}"
    said = 0
    for replies, kilobytes in ((200, 40), (10_000, 100)):
        grow(post, [number // 3 if number % 5 else None for number in range(replies - said)])
        said = replies
        page = visitor.get(address)
        assert page.count("<picture>") == PHOTOS == 30
        assert f"{replies:,} replies" in page
        assert ROOTS <= page.count('<li class="comment') <= ON_PAGE
        for path in (address, f"{address}/comments?order=newest", f"{address}/comments?branch=1"):
            for encoding in ("br", "gzip"):
                answer = visitor.client.get(path, headers={"Accept-Encoding": encoding})
                assert answer.headers["Content-Encoding"] == encoding
                assert len(answer.data) <= kilobytes * KILOBYTE


def test_styles_name_only_files_that_are_there(manifest):
    for name in ("reader.css", "desk.css"):
        addresses = re.findall(r"url\(\"?([^)\"]+)\"?\)", (DIST / manifest[name]).read_text(encoding="utf-8"))
        files = [address for address in addresses if not address.startswith("data:")]
        assert all((DIST / address).is_file() for address in files), name


def test_what_a_touch_loads_is_there_too(manifest):
    for name in (
        "interactive-map.js",
        "maplibre-gl.css",
        "maplibre-gl-worker.mjs",
        "photo-viewer.js",
        "photoswipe.css",
        "deep-zoom.js",
        "sphere-viewer.js",
        "pannellum.css",
        "closer-look.css",
        "spot-drawing.css",
    ):
        assert (DIST / manifest[name]).is_file()


def test_the_lock_file_names_no_registry():
    lock = json.loads((DIST.parents[2] / "package-lock.json").read_text(encoding="utf-8"))
    assert not [name for name, package in lock["packages"].items() if "resolved" in package]
    assert all("integrity" in package for name, package in lock["packages"].items() if name)
