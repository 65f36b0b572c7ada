"""Where photo files are kept, named by their contents (SHA-256): a local folder or a bucket."""

from collections.abc import Iterator
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


def renditions_prefix(media_key: str) -> str:
    """Everything that readers can reach of a photo stands below it."""
    return f"renditions/{media_key[:2]}/{media_key}/"


def put(key: str, content: bytes | BinaryIO) -> None:
    """Keep `content` under `key`. A reader sees all of it or none: it is written aside and then renamed."""
    obstore.put(current_app.extensions["storage"], key, content)


def get(key: str) -> bytes:
    """Raises `FileNotFoundError`."""
    return bytes(obstore.get(current_app.extensions["storage"], key).bytes())


def exists(key: str) -> bool:
    try:
        obstore.head(current_app.extensions["storage"], key)
    except FileNotFoundError:
        return False
    return True


def local_path(key: str) -> Path | None:
    """Where a file lies in the folder; None where files are kept in a bucket. The key is one of ours."""
    store = current_app.extensions["storage"]
    return Path(store.prefix) / key if isinstance(store, LocalStore) and store.prefix else None


def chunks(key: str) -> Iterator[bytes]:
    """A file piece by piece. Raises `FileNotFoundError` before the first one."""
    return (bytes(piece) for piece in obstore.get(current_app.extensions["storage"], key).stream())


def delete(key: str) -> None:
    """Delete a file, if it is still there."""
    try:
        obstore.delete(current_app.extensions["storage"], key)
    except FileNotFoundError:
        return


def delete_prefix(prefix: str) -> None:
    """Delete every file below `prefix`, which ends with a slash. Those that are gone already are none."""
    store = current_app.extensions["storage"]
    for found in obstore.list(store, prefix.rstrip("/")):
        for path in [one["path"] for one in found if one["path"].startswith(prefix)]:
            delete(path)
