"""Where photo files are kept."""

import io
from pathlib import Path

import pytest
from obstore.store import LocalStore, MemoryStore, S3Store

from blog.photos import storage
from blog.photos.formats import PhotoFormat
from blog.photos.renditions import RenditionFormat


def test_keys_are_made_of_hashes():
    sha256 = "ab" * 32
    assert storage.original_key(sha256, PhotoFormat.JPEG) == f"originals/ab/{sha256}.jpg"
    assert storage.rendition_key(sha256, 400, RenditionFormat.AVIF) == f"renditions/ab/{sha256}/400.avif"


def test_a_folder_is_made_and_a_bucket_is_addressed(tmp_path):
    assert isinstance(storage.make_store(str(tmp_path / "new" / "uploads")), LocalStore)
    assert (tmp_path / "new" / "uploads").is_dir()
    assert isinstance(storage.make_store("s3://bucket/prefix"), S3Store)


def test_what_is_put_can_be_got(app):
    storage.put("originals/aa/one.jpg", io.BytesIO(b"one" * 1000))
    storage.put("renditions/aa/one/400.jpg", b"small")
    assert storage.get("originals/aa/one.jpg") == b"one" * 1000
    assert storage.get("renditions/aa/one/400.jpg") == b"small"
    assert storage.exists("originals/aa/one.jpg")


def test_what_is_not_there_is_said(app):
    assert not storage.exists("originals/aa/two.jpg")
    with pytest.raises(FileNotFoundError):
        storage.get("originals/aa/two.jpg")


class Broken(io.BytesIO):
    """A file whose disk fails in the middle."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() > 6_000_000:
            raise OSError("disk")
        return super().read(min(size or 1_000_000, 1_000_000) if size != -1 else 1_000_000)


def test_a_file_that_cannot_be_written_to_its_end_is_not_there(app):
    with pytest.raises(OSError, match="disk"):
        storage.put("originals/aa/broken.jpg", Broken(b"x" * 20_000_000))
    assert not storage.exists("originals/aa/broken.jpg")
    folder = Path(app.config["STORAGE_URL"])
    assert [path for path in folder.rglob("*.jpg") if path.is_file()] == []


@pytest.mark.parametrize("key", ["../outside.jpg", "originals/../../outside.jpg"])
def test_no_key_leaves_the_store(app, key):
    with pytest.raises(ValueError, match="path"):
        storage.put(key, b"x")


def test_what_stands_below_a_prefix_is_deleted_and_nothing_else(app):
    for key in (
        "renditions/aa/one/400.jpg",
        "renditions/aa/one/tiles/1.jpg",
        "renditions/aa/oneandtwo/400.jpg",
    ):
        storage.put(key, b"x")
    storage.delete_prefix("renditions/aa/one/")
    storage.delete_prefix("renditions/aa/one/")
    assert storage.exists("renditions/aa/oneandtwo/400.jpg")
    assert [path.name for path in (Path(app.config["STORAGE_URL"]) / "renditions/aa").iterdir()] == [
        "oneandtwo"
    ]


def test_a_file_is_opened_where_it_lies_or_as_a_copy(app):
    storage.put("originals/aa/one.jpg", b"one")
    with storage.opened("originals/aa/one.jpg") as file:
        assert file.read() == b"one"
        assert file.fileno()
    app.extensions["storage"] = MemoryStore()
    storage.put("originals/aa/two.jpg", b"two")
    with storage.opened("originals/aa/two.jpg") as file:
        assert file.read() == b"two"
        assert file.fileno()
    with pytest.raises(FileNotFoundError), storage.opened("originals/aa/three.jpg"):
        pass
