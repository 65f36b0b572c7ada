"""Files that others made to break programs, and those of odd cameras, through the real upload."""

from collections import Counter
from html import unescape

from sqlalchemy import select

from blog.db import db
from blog.photos import storage
from blog.photos.models import Photo

from .samples import alternatives, camera_exif, iptc_segment, saved, scene, with_segments, xmp_segment


def test_hostile_files_end_taken_or_refused_in_words(app, author, shared_data):
    """Every one of them, in one upload each; none is lost, and the next one is served."""
    app.extensions["jobs"].immediate = False  # what arrives is what is tested
    trip = author.make_trip()
    token = author.token(trip)
    ended: Counter[str] = Counter()
    paths = [path for path in sorted((shared_data / "hostile" / "images").iterdir()) if path.is_file()]
    for path in paths:
        with path.open("rb") as file:
            answer = author.client.post(
                f"{trip}/files",
                data={"csrf_token": token, "files": (file, path.name)},
                headers={"Accept": "application/json"},
            )
        (result,) = answer.json["results"]
        assert result["message"], path.name
        ended[result["outcome"]] += 1
    assert ended.total() == len(paths) > 50
    assert set(ended) <= {"kept", "placed", "refused"}
    assert ended["refused"] > 40
    photos = db.session.scalars(select(Photo)).unique().all()
    assert len(photos) == ended["kept"] + ended["placed"]
    assert all(storage.exists(storage.original_key(photo.sha256, photo.format)) for photo in photos)


def test_markup_in_a_file_is_text_on_every_page(app, author):
    """In EXIF, IPTC and XMP alike."""
    script = "<script>alert(1)</script>"
    exif = camera_exif()
    exif[0x010F], exif[0x0110], exif[0x013B] = "<b>Canon", f"<i>R5</i> {script}", script
    plain = saved(scene(), exif=exif).getvalue()
    iptc = iptc_segment((2, 120, f"Boats {script}".encode()), (2, 80, script.encode()))
    xmp = xmp_segment(alternatives("title", "&lt;img src=x onerror=alert(1)&gt;"))
    trip = author.make_trip()
    author.upload(trip, ("exif.jpg", plain), (f"{script}.jpg", with_segments(plain, iptc, xmp)))
    desk, photo = author.get(trip), author.get(f"{trip}/photos/2")
    assert f"Boats {script}" in unescape(desk)
    assert f"R5</i> {script}" in unescape(photo)
    for page in (desk, photo):
        assert not any(markup in page for markup in (script, "<img src=x", "<b>Canon", "<i>R5"))
