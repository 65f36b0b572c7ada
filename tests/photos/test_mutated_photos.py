"""Real small photos with bytes of them changed, through verification and metadata: words come out, no faults.

In this process, so that a fault is seen; at the workshop it would be a refusal.
"""

import io
import warnings
from functools import cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from blog.photos.formats import RefusedFile
from blog.photos.metadata import read_metadata
from blog.photos.renditions import Verified, verify

from .samples import (
    alternatives,
    camera_exif,
    iptc_segment,
    p3_profile,
    saved,
    scene,
    with_segments,
    xmp_segment,
)

KINDS = ("JPEG", "MPO", "PNG", "WEBP", "HEIF", "AVIF", "TIFF", "GIF")
MOST_MEGAPIXELS = 1


@cache
def photo(kind: str) -> bytes:
    """With everything in it that is read: EXIF, and where it can be a profile, IPTC and XMP."""
    picture = scene(48, 32)
    if kind == "GIF":
        return saved(picture, kind).getvalue()
    more = {} if kind in ("HEIF", "AVIF") else {"icc_profile": p3_profile()}
    file = saved(picture, kind, exif=camera_exif(6).tobytes(), **more).getvalue()
    if kind != "JPEG":
        return file
    xmp = xmp_segment(alternatives("description", "Boats &amp; nets"))
    return with_segments(file, xmp, iptc_segment((2, 120, b"Boats")))


changes = st.lists(
    st.one_of(
        st.tuples(st.just("set"), st.floats(0, 1), st.binary(min_size=1, max_size=8)),
        st.tuples(st.just("cut"), st.floats(0, 1), st.just(b"")),
        st.tuples(st.just("add"), st.floats(0, 1), st.binary(min_size=1, max_size=40)),
        st.tuples(st.just("lose"), st.floats(0, 1), st.binary(min_size=1, max_size=30)),
    ),
    min_size=1,
    max_size=6,
)


def changed(content: bytes, steps: list[tuple[str, float, bytes]]) -> bytes:
    """Places early in the file are likelier: the headers are there."""
    for kind, share, more in steps:
        at = int(share**3 * len(content))
        rest = {
            "set": content[at + len(more) :],
            "cut": b"",
            "add": content[at:],
            "lose": content[at + len(more) :],
        }
        content = content[:at] + (b"" if kind in ("cut", "lose") else more) + rest[kind]
    return content


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, deadline=None)
@example(steps=[("cut", 0.5, b"")])
@given(steps=changes)
def test_a_damaged_photo_is_taken_or_refused_in_words(kind, steps):
    file = io.BytesIO(changed(photo(kind), steps))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as at the bench
        try:
            verified = verify(file, MOST_MEGAPIXELS)
        except RefusedFile as refusal:
            assert str(refusal).startswith("This ")
        else:
            assert isinstance(verified, Verified)
            assert all(rendition.content for rendition in verified.first.renditions)
        read_metadata(file)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_mutated_is_a_photo(kind):
    assert verify(io.BytesIO(photo(kind)), MOST_MEGAPIXELS).first.renditions
