"""Where photo files are kept, named by their contents (SHA-256): a local folder or a bucket."""

import os
from io import BufferedReader
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


def put(key: str, content: bytes | BinaryIO) -> None:
    """Keep `content` under `key`. A reader sees all of it or none: it is written aside and then renamed."""
    obstore.put(current_app.extensions["storage"], key, content)


def put_file(key: str, file: BinaryIO) -> None:
    """Keep all of an open file. One on the same disk as a local store is not copied but gets a second name.

    Its owner must never write to it again.
    """
    if not name_again(key, file):
        file.seek(0)
        put(key, file)


def name_again(key: str, file: BinaryIO) -> bool:
    """Give a file its second name; False where there is no local store, no named file, or another disk."""
    store = current_app.extensions["storage"]
    if not isinstance(store, LocalStore) or not isinstance(file, BufferedReader):
        return False
    target = Path(str(store.prefix)) / key
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(file.name, target)
    except FileExistsError:  # the same contents have the same key
        return True
    except (OSError, TypeError):  # a file without a name has a number
        return False
    return True


def get(key: str) -> bytes:
    """Raises `FileNotFoundError`."""
    return bytes(obstore.get(current_app.extensions["storage"], key).bytes())


def exists(key: str) -> bool:
    try:
        obstore.head(current_app.extensions["storage"], key)
    except FileNotFoundError:
        return False
    return True
