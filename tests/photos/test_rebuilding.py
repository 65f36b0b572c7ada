"""`roadbook rebuild-renditions`: a new recipe gives new files at new addresses, and the old ones go."""

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import select

from blog.commandline import main
from blog.db import db
from blog.photos import films, models, rendering, storage
from blog.photos.models import Photo

from .filmed import film
from .samples import saved, scene
from .test_intake import files_of, taken


@pytest.fixture
def rebuild(app, monkeypatch) -> Callable[..., Result]:
    monkeypatch.setattr("blog.commandline.create_app", lambda: app)

    def run(*options: str) -> Result:
        result = app.test_cli_runner().invoke(args=["rebuild-renditions", *options])
        db.session.expire_all()
        return result

    app.cli.add_command(main.commands["rebuild-renditions"])
    return run


def folders(app) -> set[str]:
    return {path.parent.name for path in files_of(app, "renditions")}


def test_a_new_recipe_gives_new_addresses(app, rebuild, visitor, monkeypatch):
    photos = [taken(saved(scene(300 + number, 200))) for number in range(3)]
    before = {photo.media_key for photo in photos}
    old_address = photos[0].url(300)
    assert rebuild().output.endswith("0 photos made anew, files of 0 old ones deleted.\n")

    monkeypatch.setattr(models, "RECIPE", "another")
    result = rebuild()
    assert (result.exit_code, "3 photos made anew" in result.output) == (0, True), result.output
    assert {photo.media_key for photo in photos} & before == set()
    assert folders(app) == {photo.media_key for photo in photos}
    assert all(photo.is_ready and photo.widths[0] >= 300 for photo in photos)
    assert visitor.client.get(old_address).status_code == 404
    assert visitor.client.get(photos[0].url(300)).status_code == 200


def test_it_survives_being_interrupted(app, rebuild, monkeypatch):
    """Killed after the second photo was committed, before the old files of it were deleted."""
    photos = [taken(saved(scene(300 + number, 200))) for number in range(3)]
    monkeypatch.setattr(models, "RECIPE", "another")
    kept = rendering.storage.delete_prefix
    calls: list[str] = []

    def interrupted(prefix: str) -> None:
        calls.append(prefix)
        if len(calls) == 2:
            raise KeyboardInterrupt
        kept(prefix)

    monkeypatch.setattr("blog.photos.storage.delete_prefix", interrupted)
    assert rebuild().exit_code != 0
    assert len(folders(app)) == 4  # of the second both
    monkeypatch.setattr("blog.photos.storage.delete_prefix", kept)
    result = rebuild()
    assert "1 photos made anew" in result.output
    assert folders(app) == {photo.media_key for photo in photos}


def test_all_are_made_again_where_files_were_lost(app, rebuild):
    photo = taken(saved(scene(300, 200)))
    photo.rights = "© 2024 Ana"
    db.session.commit()
    for path in files_of(app, "renditions"):
        path.unlink()
    assert "1 photos made anew" in rebuild("--all").output
    contents = [path.read_bytes() for path in files_of(app, "renditions")]
    assert len(contents) == 2
    assert all("© 2024 Ana".encode() in content for content in contents)


def test_what_cannot_be_made_stays_and_is_told(app, rebuild, monkeypatch):
    photo = taken(saved(scene(300, 200)), name="boats.jpg")
    files_of(app, "originals")[0].unlink()
    monkeypatch.setattr(models, "RECIPE", "another")
    result = rebuild()
    assert result.exit_code == 1
    assert "boats.jpg: The original of this photo is missing." in result.output
    assert photo.is_ready
    assert storage.exists(storage.rendition_key(photo.media_key, 300, "jpg"))


def test_a_film_whose_poster_cannot_be_made_just_now_holds_up_no_other(app, rebuild, monkeypatch):
    film_photo, photo = taken(io.BytesIO(film()), "ferry.mp4"), taken(saved(scene(300, 200)))
    monkeypatch.setattr(models, "RECIPE", "another")
    monkeypatch.setattr(films, "PROGRAM", Path("/dev/null"))
    old, result = film_photo.media_key, rebuild()
    assert (result.exit_code, "ferry.mp4: Its poster could not be made" in result.output) == (1, True)
    assert "1 photos made anew" in result.output
    assert (film_photo.media_key, film_photo.is_ready, photo.is_ready) == (old, True, True)


def test_young_files_of_nobody_are_left_alone(app):
    """They belong to a photo that is being taken in and is not committed yet."""
    storage.put(f"renditions/aa/{'aa' * 32}/400.jpg", b"x")
    assert storage.delete_strays(db.session.scalars(select(Photo.media_key))) == 0
    (path,) = files_of(app, "renditions")
    os.utime(path, (1, 1))
    assert storage.delete_strays([]) == 1
    assert files_of(app, "renditions") == []
    assert Path(app.config["STORAGE_URL"]).is_dir()
