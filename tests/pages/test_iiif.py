"""Photos for other sites' viewers: the IIIF Image API 3.0 over HTTP."""

import io
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image

from blog.accounts.models import Role
from blog.db import db
from blog.photos import detail, films
from blog.photos.models import HiddenRegion, Photo, media_key
from blog.photos.regions import Region
from tests.conftest import Visitor, exif, jpeg
from tests.photos.filmed import film
from tests.photos.samples import is_scene, saved, scene

SIZE = (1600, 1100)


@pytest.fixture
def harbour(author: Visitor) -> str:
    """The service of a published photo with GPS in its file, red and green over blue and yellow."""
    return publish(author, saved(scene(*SIZE), exif=exif("2026:05:14 10:00:00", 45.6, 13.7)).getvalue())


def publish(author: Visitor, content: bytes) -> str:
    trip = author.make_trip()
    author.upload(trip, ("harbour.jpg", content))
    author.publish(author.write("![The harbour](photo:1)", trip=trip))
    return db.session.get_one(Photo, 1).service


def fetched(visitor: Visitor, address: str, status: int = 200) -> Image.Image:
    response = visitor.client.get(address)
    assert response.status_code == status, (address, response.status_code, response.text[:200])
    return Image.open(io.BytesIO(response.data))


def is_tile(photo: Image.Image, left: int, top: int, tile: Image.Image, scale: int) -> bool:
    box = (left, top, left + tile.width * scale, top + tile.height * scale)
    expected = photo.crop(box).resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    found = tile.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    return all(abs(a - b) < 6 for a, b in zip(expected, found, strict=True))


def tiles_of(app: Flask) -> list[Path]:
    return sorted(Path(app.config["STORAGE_URL"]).glob("renditions/*/*/iiif/*"))


def test_a_service_tells_of_its_picture(visitor, harbour):
    response = visitor.client.get(f"{harbour}/info.json")
    told = response.json
    assert (told["width"], told["height"], told["profile"], told["id"]) == (
        *SIZE,
        "level2",
        f"http://localhost{harbour}",
    )
    assert told["tiles"] == [{"width": 512, "height": 512, "scaleFactors": [1, 2, 4]}]
    assert told["sizes"][0] == {"width": 400, "height": 275}
    assert response.content_type == 'application/ld+json;profile="http://iiif.io/api/image/3/context.json"'
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    plain = visitor.client.get(f"{harbour}/info.json", headers={"Accept": "application/json"})
    assert plain.content_type == "application/json"
    assert 'rel="http://www.w3.org/ns/json-ld#context"' in plain.headers["Link"]


def test_a_viewer_elsewhere_may_ask_first(visitor, harbour):
    asked = visitor.client.options(f"{harbour}/info.json", headers={"Origin": "https://viewer.example"})
    assert (asked.status_code, asked.headers["Access-Control-Allow-Headers"]) == (200, "Accept")
    assert asked.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in visitor.client.get("/photos/1").headers


def test_other_addresses_lead_to_it(visitor, harbour):
    for address in (harbour, "/iiif/3/1", "/iiif/3/1/info.json"):
        response = visitor.client.get(address)
        assert (response.status_code, response.location) == (303, f"{harbour}/info.json"), address
    moved = visitor.client.get("/iiif/3/1/full/max/0/default.jpg")
    assert moved.location == f"{harbour}/full/max/0/default.jpg"


def test_every_tile_shows_its_part(app, visitor, harbour):
    photo = scene(*SIZE)
    for scale in (1, 2, 4):
        side = 512 * scale
        for left in range(0, SIZE[0], side):
            for top in range(0, SIZE[1], side):
                wide, high = min(side, SIZE[0] - left), min(side, SIZE[1] - top)
                size = f"{-(-wide // scale)},{-(-high // scale)}"
                tile = fetched(visitor, f"{harbour}/{left},{top},{wide},{high}/{size}/0/default.jpg")
                assert is_tile(photo, left, top, tile, scale)
    assert len(tiles_of(app)) == 4 * 3 + 2 * 2 + 1
    for path in tiles_of(app):
        with Image.open(path) as tile:
            assert not tile.getexif() and set(tile.info) <= {
                "jfif",
                "jfif_version",
                "jfif_unit",
                "jfif_density",
            }


PARTS = [
    ("full/max/0/default.jpg", SIZE),
    ("full/max/0/default.png", SIZE),
    ("full/333,/0/color.jpg", (333, 229)),
    ("full/,333/0/default.jpg", (484, 333)),
    ("full/pct:12.5/0/default.jpg", (200, 138)),
    ("full/!300,300/0/default.jpg", (300, 206)),
    ("full/640,100/0/default.png", (640, 100)),
    ("pct:0,0,100,100/801,/180/default.jpg", (801, 551)),
    ("0,0,9999,9999/777,/0/gray.jpg", (777, 534)),
    ("full/1,1/0/bitonal.png", (1, 1)),
    ("square/500,/90/default.jpg", (500, 500)),
    ("1599,1099,1,1/max/0/default.png", (1, 1)),
    ("full/400,/270/default.jpg", (275, 400)),
]


def test_any_part_comes_at_any_size(visitor, harbour):
    for asked, size in PARTS:
        assert fetched(visitor, f"{harbour}/{asked}").size == size, asked


def test_turned_and_mirrored(visitor, harbour):
    assert is_scene(fetched(visitor, f"{harbour}/full/500,/0/default.png"))
    turned = fetched(visitor, f"{harbour}/full/500,/90/default.png")
    assert is_scene(turned.transpose(Image.Transpose.ROTATE_90))
    both = fetched(visitor, f"{harbour}/full/500,/!90/default.png").transpose(Image.Transpose.ROTATE_90)
    assert is_scene(both.transpose(Image.Transpose.FLIP_LEFT_RIGHT))


REFUSED = [
    ("full/full/0/default.jpg", 400),
    ("full/0,/0/default.jpg", 400),
    ("full/,/0/default.jpg", 400),
    ("full/!5,/0/default.jpg", 400),
    ("full/1601,/0/default.jpg", 400),
    ("full/pct:0/0/default.jpg", 400),
    ("full/pct:101/0/default.jpg", 400),
    ("full/99999999999,/0/default.jpg", 400),
    ("1600,0,5,5/max/0/default.jpg", 400),
    ("0,0,0,5/max/0/default.jpg", 400),
    ("-1,0,5,5/max/0/default.jpg", 400),
    ("pct:nan,0,5,5/max/0/default.jpg", 400),
    ("٠,٠,٥,٥/max/0/default.jpg", 400),
    ("full/max/361/default.jpg", 400),
    ("full/max/0/best.jpg", 400),
    ("full/max/0/default.exe", 400),
    ("full/max/45/default.jpg", 501),
    ("full/^max/0/default.jpg", 501),
    ("full/max/0/default.tif", 501),
    ("full/max/0", 404),
]


def test_what_cannot_be_had_is_said_with_the_right_number(app, visitor, harbour):
    for asked, status in REFUSED:
        visitor.get(f"{harbour}/{asked}", status)
    assert tiles_of(app) == []


def test_equal_requests_have_one_canonical_address(visitor, harbour):
    for asked in (
        "full/max/0/default",
        "0,0,1600,1100/1600,/360/color",
        "pct:0,0,100,100/pct:100/0/default",
    ):
        links = visitor.client.get(f"{harbour}/{asked}.jpg").headers["Link"]
        assert f'<http://localhost{harbour}/full/max/0/default.jpg>;rel="canonical"' in links
        assert '<http://iiif.io/api/image/3/level2.json>;rel="profile"' in links


def test_only_what_is_published_is_served_but_to_its_author(app, author, visitor, person):
    trip = author.make_trip()
    author.upload(trip, ("a.jpg", jpeg()))
    draft = author.write("![](photo:1)", trip=trip)
    service = db.session.get_one(Photo, 1).service
    other = Visitor(app.test_client()).sign_in(person("Mina", Role.AUTHOR))
    for address in (f"{service}/info.json", f"{service}/full/max/0/default.jpg"):
        visitor.get(address, 404)
        other.get(address, 404)
        preview = author.client.get(address)
        assert (preview.status_code, preview.headers["Cache-Control"]) == (200, "private, no-store")
    visitor.get("/iiif/3/1", 404)
    author.publish(draft)
    assert "public" in visitor.client.get(f"{service}/info.json").headers["Cache-Control"]
    author.send(f"{draft}/withdrawal", draft)
    visitor.get(f"{service}/full/max/0/default.jpg", 404)


def test_what_is_hidden_is_in_no_tile_and_the_addresses_change(visitor, harbour):
    region = Region.rectangle(0.55, 0.05, 0.4, 0.4)  # in the green quarter
    tile = "1024,0,512,512/512,512/0/default.jpg"
    fetched(visitor, f"{harbour}/{tile}")
    photo = db.session.get_one(Photo, 1)
    photo.hidden_regions = [HiddenRegion(corners=region.to_json())]
    photo.media_key = media_key(photo.sha256, [region])
    db.session.commit()
    visitor.get(f"{harbour}/{tile}", 404)
    assert visitor.client.get("/iiif/3/1").location == f"{photo.service}/info.json" != f"{harbour}/info.json"
    fetched(visitor, f"{photo.service}/{tile}")


def test_hidden_pixels_are_destroyed_in_an_upright_photo(author, visitor):
    """A checked board in the corner of a photo that lies on its side in its file."""
    upright = Image.new("RGB", (700, 900), "white")
    board = Image.effect_noise((200, 200), 100).convert("RGB")
    upright.paste(board, (50, 60))
    lying = upright.transpose(Image.Transpose.ROTATE_90)
    data = Image.Exif()
    data[0x0112] = 6
    service = publish(author, saved(lying, exif=data, quality=95).getvalue())
    part = "60,70,180,180/max/0/gray.png"
    assert spread(fetched(visitor, f"{service}/{part}")) > 60
    photo = db.session.get_one(Photo, 1)
    region = Region.rectangle(50 / 700, 60 / 900, 200 / 700, 200 / 900)
    photo.hidden_regions = [HiddenRegion(corners=region.to_json())]
    photo.media_key = media_key(photo.sha256, [region])
    db.session.commit()
    assert spread(fetched(visitor, f"{photo.service}/{part}")) < 10


def spread(image: Image.Image) -> int:
    darkest, brightest = image.getextrema()
    return int(brightest) - int(darkest)


def test_however_much_is_asked_for_only_tiles_are_kept(app, visitor, harbour):
    for width in range(301, 321):
        fetched(visitor, f"{harbour}/full/{width},/0/default.jpg")
    assert len(tiles_of(app)) == 17


def test_while_others_are_served_one_is_told_to_come_back(app, visitor, harbour):
    with detail.alone():
        waiting = visitor.client.get(f"{harbour}/full/300,/0/default.jpg")
    assert (waiting.status_code, waiting.headers["Retry-After"]) == (503, "2")
    fetched(visitor, f"{harbour}/full/300,/0/default.jpg")
    with detail.place(), detail.place():
        assert visitor.client.get(f"{harbour}/full/301,/0/default.jpg").status_code == 503
        fetched(visitor, f"{harbour}/full/400,275/0/default.jpg")  # a tile that is kept takes no place


def test_a_film_is_looked_at_by_its_poster(author, visitor, monkeypatch):
    """Its process is killed at first, as by a machine that is short of memory."""
    service = publish(author, film(size=(320, 240), rotation=90))
    program = films.PROGRAM
    monkeypatch.setattr(films, "PROGRAM", Path("/dev/null"))
    answer = visitor.client.get(f"{service}/full/max/0/default.jpg")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    monkeypatch.setattr(films, "PROGRAM", program)
    assert fetched(visitor, f"{service}/full/max/0/default.jpg").size == (240, 320)


def test_a_film_of_4k_has_all_its_tiles(author, visitor):
    """Its poster is smaller than its pictures."""
    service = publish(author, film(size=(2720, 1530), seconds=0.2, sound=None))
    info = visitor.client.get(f"{service}/info.json", headers={"Accept": "application/json"}).json
    assert (info["width"], info["height"]) == (2720, 1530)
    assert fetched(visitor, f"{service}/2560,1024,160,506/160,506/0/default.jpg").size == (160, 506)
    assert is_scene(fetched(visitor, f"{service}/full/680,/0/default.jpg"))


def test_a_tile_that_got_lost_is_made_again(app, visitor, harbour):
    fetched(visitor, f"{harbour}/full/max/0/default.jpg")
    tiles_of(app)[3].unlink()
    fetched(visitor, f"{harbour}/full/max/0/default.jpg")
    assert len(tiles_of(app)) == 17
