"""Where photo files are kept, named by their contents (SHA-256): a local folder or a bucket."""

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import obstore
from flask import Flask, current_app
from obstore.store import AzureStore, GCSStore, LocalStore, ObjectStore, S3Store, from_url

from blog.photos.formats import PhotoFormat
from blog.photos.iiif import Tile
from blog.photos.renditions import RenditionFormat

BUCKETS = (S3Store, GCSStore, AzureStore)
ADDRESS_HOLDS = timedelta(days=1)
SEVERAL_BYTES = 1_000_000
SETTLED = timedelta(hours=1)  # what is younger may belong to work that is not committed yet


def init_app(app: Flask) -> None:
    store = app.extensions["storage"] = make_store(app.config["STORAGE_URL"])
    if isinstance(store, BUCKETS):  # pages may load pictures from there
        address = urlsplit(obstore.sign(store, "GET", "any", ADDRESS_HOLDS))
        app.config["MEDIA_ORIGIN"] = f"{address.scheme}://{address.netloc}"


def make_store(url: str) -> ObjectStore:
    """A store for a folder's path or for any address that obstore knows, such as `s3://bucket/prefix`."""
    return (
        from_url(url)
        if "://" in url
        else LocalStore(Path(url).absolute(), mkdir=True, automatic_cleanup=True)
    )


def original_key(sha256: str, photo_format: PhotoFormat) -> str:
    return f"originals/{sha256[:2]}/{sha256}.{photo_format.extension}"


def renditions_prefix(media_key: str) -> str:
    """Everything that readers can reach of a photo stands below it."""
    return f"renditions/{media_key[:2]}/{media_key}/"


def rendition_key(media_key: str, width: int, rendition_format: RenditionFormat) -> str:
    return f"{renditions_prefix(media_key)}{width}.{rendition_format}"


def tile_key(media_key: str, tile: Tile) -> str:
    return f"{renditions_prefix(media_key)}iiif/{tile.scale}-{tile.column}-{tile.row}.jpg"


def clip_key(media_key: str) -> str:
    return f"{renditions_prefix(media_key)}clip.mp4"


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


def reader(key: str) -> "obstore.ReadableFile":
    """A kept file to be read from any place, never all in memory at once. Raises `FileNotFoundError`."""
    return obstore.open_reader(current_app.extensions["storage"], key)


def exists(key: str) -> bool:
    try:
        obstore.head(current_app.extensions["storage"], key)
    except FileNotFoundError:
        return False
    return True


@contextmanager
def opened(key: str) -> Iterator[BinaryIO]:
    """A real file, to be read: that in the folder, else a copy without a name. Raises `FileNotFoundError`."""
    if path := local_path(key):
        with path.open("rb") as file:
            yield file
        return
    with tempfile.TemporaryFile(dir=current_app.config["INSTANCE"]) as copy:
        for chunk in obstore.get(current_app.extensions["storage"], key).stream(SEVERAL_BYTES):
            copy.write(chunk)
        copy.seek(0)
        yield copy


def local_path(key: str) -> Path | None:
    """Where a file lies in the folder; None where files are kept in a bucket. The key is one of ours."""
    store = current_app.extensions["storage"]
    return Path(store.prefix) / key if isinstance(store, LocalStore) and store.prefix else None


def signed_address(key: str) -> str | None:
    """An address in the bucket that anybody may load for a day; None where files are in a folder."""
    store = current_app.extensions["storage"]
    return obstore.sign(store, "GET", key, ADDRESS_HOLDS) if isinstance(store, BUCKETS) else None


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


def delete_strays(media_keys: Iterable[str]) -> int:
    """Delete what lies under keys that no photo has any more, such as of a killed process: of how many."""
    store, kept = current_app.extensions["storage"], set(media_keys)
    youngest: dict[str, datetime] = {}
    for found in obstore.list(store, "renditions"):
        for one in found:
            prefix = "/".join(one["path"].split("/")[:3]) + "/"
            youngest[prefix] = max(one["last_modified"], youngest.get(prefix, one["last_modified"]))
    strays = [
        prefix
        for prefix, changed in youngest.items()
        if prefix.split("/")[2] not in kept and changed < datetime.now(UTC) - SETTLED
    ]
    for prefix in strays:
        delete_prefix(prefix)
    return len(strays)
