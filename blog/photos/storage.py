"""Where photo files are kept, named by their contents (SHA-256): a local folder or a bucket."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import obstore
from flask import Flask, current_app
from obstore.store import LocalStore, ObjectStore, from_url

from blog.photos.formats import PhotoFormat
from blog.photos.renditions import RenditionFormat


def init_app(app: Flask) -> None:
    app.extensions["storage"] = make_store(app.config["STORAGE_URL"])


def make_store(url: str) -> ObjectStore:
    """A store for a folder's path or for any address that obstore knows, such as `s3://bucket/prefix`."""
    return from_url(url) if "://" in url else LocalStore(Path(url).absolute(), mkdir=True)


def original_key(sha256: str, photo_format: PhotoFormat) -> str:
    return f"originals/{sha256[:2]}/{sha256}.{photo_format.extension}"


def rendition_key(media_key: str, width: int, rendition_format: RenditionFormat) -> str:
    return f"renditions/{media_key[:2]}/{media_key}/{width}.{rendition_format}"


def clip_key(media_key: str) -> str:
    return f"renditions/{media_key[:2]}/{media_key}/clip.mp4"


def put(key: str, content: bytes | BinaryIO) -> None:
    """Keep `content` under `key`. A reader sees all of it or none: it is written aside and then renamed."""
    obstore.put(current_app.extensions["storage"], key, content)


def get(key: str) -> bytes:
    """Raises `FileNotFoundError`."""
    return bytes(obstore.get(current_app.extensions["storage"], key).bytes())


@contextmanager
def opened(key: str) -> Iterator[BinaryIO]:
    """A kept file as a file on this machine's disk, for programs that read it here and there. It is not to be
    written to. Raises `FileNotFoundError`."""
    store = current_app.extensions["storage"]
    if isinstance(store, LocalStore) and store.prefix:
        with (Path(store.prefix) / key).open("rb") as file:
            yield file
        return
    with tempfile.TemporaryFile(dir=current_app.config["INSTANCE"]) as copy:
        for chunk in obstore.get(store, key).stream():
            copy.write(chunk)
        yield copy


def reader(key: str) -> "obstore.ReadableFile":
    """A kept file to be read from any place, never all in memory at once. Raises `FileNotFoundError`."""
    return obstore.open_reader(current_app.extensions["storage"], key)


def exists(key: str) -> bool:
    try:
        obstore.head(current_app.extensions["storage"], key)
    except FileNotFoundError:
        return False
    return True
