"""The demo's photos: each decodes, says what its camera would say, and has its place in the story."""

import io
import re
from datetime import datetime, timedelta

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageOps

from blog.demo import story
from blog.demo.cameras import PYONGYANG_TIME, Exposure, finished, k2_exif, phone_exif
from blog.demo.course import Place, place_at
from blog.demo.painting import Canvas, ramp, rgb, ring
from blog.demo.painting_noise import periodic_noise, ridged
from blog.demo.painting_terrain import SIZE, Air, Eye, Light, Terrain, banded, paint_terrain
from blog.geo.clocks import Clock
from blog.geo.gpx import read_gpx
from blog.geo.placing import Shot, place
from blog.geo.positions import Position, distance_m

SHOTS = {shot.name: shot for shot in story.SHOTS}
PAINTED = (
    "dinner",
    "spa",
    "kindergarten-bow",
    "kindergarten-drum",
    "tunnel",
    "blue-booth",
    "bay-panorama",
)
PHOTO = re.compile(r'!\[([^\]]*)\]\(photo:([\w-]+)(?: "([^"]*)")?\)')
HOW = Exposure(125, 4, 200, 35)


@pytest.fixture(scope="module")
def painted() -> dict[str, story.DemoPhoto]:
    """A few of the photos, one of every format and camera; painting all of them takes half a minute."""
    return {name: story.paint(name) for name in PAINTED}


def opened(photo: story.DemoPhoto) -> Image.Image:
    image = Image.open(io.BytesIO(photo.data))
    image.load()
    return image


# -- the files


def test_every_format_decodes_upright_and_full_of_tones(painted: dict[str, story.DemoPhoto]) -> None:
    assert {opened(photo).format for photo in painted.values()} == {"JPEG", "PNG", "HEIF"}
    for photo in painted.values():
        grey = np.asarray(ImageOps.exif_transpose(opened(photo)).convert("L"))
        assert min(grey.shape) >= 1200
        assert grey.std() > 12


def test_pictures_come_in_many_shapes(painted: dict[str, story.DemoPhoto]) -> None:
    sizes = [ImageOps.exif_transpose(opened(photo)).size for photo in painted.values()]
    assert {round(width / height, 2) for width, height in sizes} == {0.67, 0.75, 1.0, 1.33, 4.0}


def test_painting_again_gives_the_same_bytes(painted: dict[str, story.DemoPhoto]) -> None:
    assert story.paint("dinner").data == painted["dinner"].data


def test_no_two_pictures_look_alike(painted: dict[str, story.DemoPhoto]) -> None:
    small = [np.asarray(opened(p).convert("L").resize((12, 12)), np.float32) for p in painted.values()]
    distances = [np.abs(a - b).mean() for i, a in enumerate(small) for b in small[:i]]
    assert min(distances) > 10


def test_photos_paints_lazily_and_tells_what_it_paints() -> None:
    told: list[str] = []
    first = next(story.photos(told.append))
    assert told == [first.name] == [story.NAMES[0]]


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(KeyError):
        story.paint("no-such-photo")


# -- the cameras


def test_the_phone_writes_its_place_and_the_true_time(painted: dict[str, story.DemoPhoto]) -> None:
    exif = opened(painted["blue-booth"]).getexif()
    shot, gps, details = (
        SHOTS["blue-booth"],
        exif.get_ifd(ExifTags.IFD.GPSInfo),
        exif.get_ifd(ExifTags.IFD.Exif),
    )
    assert (exif[ExifTags.Base.Make], exif[ExifTags.Base.Model]) == ("Wayfarer", "W7")
    assert exif[ExifTags.Base.ImageDescription] == "The little blue booth"
    assert details[ExifTags.Base.OffsetTimeOriginal] == "+09:00"
    assert written(exif) == shot.at.replace(tzinfo=None)
    true = place_at(shot.at)
    assert degrees(gps[ExifTags.GPS.GPSLatitude]) == pytest.approx(true.lat, abs=0.0002)
    assert degrees(gps[ExifTags.GPS.GPSLongitude]) == pytest.approx(true.lon, abs=0.0002)
    assert float(gps[ExifTags.GPS.GPSAltitude]) == pytest.approx(true.ele, abs=20)
    assert gps[ExifTags.GPS.GPSDateStamp] == "2026:05:14"
    assert [float(part) for part in gps[ExifTags.GPS.GPSTimeStamp]] == [6, 41, 30]


def test_the_k2_has_no_gps_no_zone_and_a_clock_that_the_correction_puts_right(
    painted: dict[str, story.DemoPhoto],
) -> None:
    exif = opened(painted["kindergarten-drum"]).getexif()
    details = exif.get_ifd(ExifTags.IFD.Exif)
    assert (exif[ExifTags.Base.Make], details[ExifTags.Base.BodySerialNumber]) == ("Kestrel", "K2007316")
    assert not exif.get_ifd(ExifTags.IFD.GPSInfo)
    assert ExifTags.Base.OffsetTimeOriginal not in details
    right = written(exif) + timedelta(seconds=story.CLOCK_CORRECTION_S)
    assert right == SHOTS["kindergarten-drum"].at.replace(tzinfo=None)
    utc = written(exif) + timedelta(seconds=story.CLOCK_OFFSET_S)
    assert utc == SHOTS["kindergarten-drum"].at.replace(tzinfo=None) - timedelta(hours=9)


def test_a_photo_from_the_tunnel_has_the_time_but_no_place(painted: dict[str, story.DemoPhoto]) -> None:
    exif = opened(painted["tunnel"]).getexif()
    assert not exif.get_ifd(ExifTags.IFD.GPSInfo)
    assert exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.OffsetTimeOriginal] == "+09:00"


def test_the_correction_and_the_tracks_put_every_k2_photo_where_it_was_taken() -> None:
    tracks = [read_gpx(io.BytesIO(data)).track for _, data in story.tracks()]
    k2 = [shot for shot in story.SHOTS if shot.camera == "k2"]
    shots = [Shot(shot.name, "k2", written_s(shot), None, None, i) for i, shot in enumerate(k2)]
    placed = place(shots, tracks, {"k2": Clock(story.CLOCK_OFFSET_S, 1.0, "by_hand")})
    for shot, placement in zip(k2, placed, strict=True):
        true, found = place_at(shot.at), placement.position
        assert found is not None
        assert distance_m(found, Position(true.lat, true.lon)) < 25, shot.name


def written_s(shot: story.Shot) -> float:
    """What the K-2 wrote, read as if it were UTC (unix seconds)."""
    return shot.at.timestamp() - story.CLOCK_OFFSET_S


@pytest.mark.parametrize("orientation", [1, 6, 8])
def test_a_photo_stored_sideways_is_upright_once_its_orientation_is_applied(orientation: int) -> None:
    picture = Image.new("RGB", (60, 90), "white")
    picture.paste("red", (0, 0, 60, 30))
    exif = k2_exif(picture.size, SHOTS["reader"].at, HOW, orientation, None)
    stored = Image.open(io.BytesIO(finished(picture, exif, "PNG")))
    assert stored.size == ((60, 90) if orientation == 1 else (90, 60))
    upright = ImageOps.exif_transpose(stored)
    assert upright.size == (60, 90)
    assert upright.getpixel((30, 5)) == (255, 0, 0)
    assert upright.getpixel((30, 85)) == (255, 255, 255)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_every_format_keeps_the_exif(form: str) -> None:
    picture = Image.new("RGB", (64, 48), "teal")
    exif = phone_exif(picture.size, SHOTS["spa"].at, Place(-12.5, -77.25, -3.0), 370.0, HOW, None)
    kept = Image.open(io.BytesIO(finished(picture, exif, form))).getexif()  # type: ignore[arg-type]
    gps = kept.get_ifd(ExifTags.IFD.GPSInfo)
    assert kept[ExifTags.Base.Model] == "W7"
    assert (gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLongitudeRef]) == ("S", "W")
    assert degrees(gps[ExifTags.GPS.GPSLatitude]) == pytest.approx(12.5)
    assert float(gps[ExifTags.GPS.GPSImgDirection]) == 10.0


def written(exif: Image.Exif) -> datetime:
    text = exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal]
    return datetime.strptime(text, "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 — a camera's local time has no zone


def degrees(parts: tuple[float, float, float]) -> float:
    return sum(float(part) / 60**i for i, part in enumerate(parts))


# -- the shot list


def test_names_and_file_names_are_unique_and_in_the_order_taken() -> None:
    assert len(set(story.NAMES)) == len(story.NAMES) >= 30
    assert len({shot.file_name for shot in story.SHOTS}) == len(story.SHOTS)
    assert [shot.at for shot in story.SHOTS] == sorted(shot.at for shot in story.SHOTS)


def test_the_shots_show_the_whole_intake() -> None:
    assert {shot.form for shot in story.SHOTS} == {"JPEG", "PNG", "WEBP", "HEIF"}
    assert {shot.orientation for shot in story.SHOTS} == {1, 6, 8}
    assert {shot.camera for shot in story.SHOTS} == {"phone", "k2"}
    assert {shot.at.astimezone(PYONGYANG_TIME).day for shot in story.SHOTS} == {13, 14, 15}


# -- the words


def test_every_photo_of_the_story_exists_and_is_shown_once() -> None:
    shown = [name for post in story.posts() for _, name, _ in PHOTO.findall(post.text)]
    assert set(shown) <= set(story.NAMES)
    assert len(shown) == len(set(shown))
    assert 3 <= len(set(story.NAMES) - set(shown)) <= 4


def test_every_photo_of_the_story_has_an_alt_text_and_a_caption() -> None:
    for post in story.posts():
        for alt, name, caption in PHOTO.findall(post.text):
            assert len(alt) > 15, name
            assert caption, name


def test_posts_open_with_prose_or_the_cover_and_have_rows_of_one_to_three() -> None:
    rows: dict[str, set[int]] = {}
    for post in story.posts():
        paragraphs = post.text.split("\n\n")
        assert paragraphs[0][0].isalpha() or f"(photo:{story.COVER} " in paragraphs[0]
        rows[post.slug] = {len(PHOTO.findall(p)) for p in paragraphs if p.startswith("![")}
    assert set().union(*rows.values()) == {1, 2, 3}


def test_posts_have_their_facts() -> None:
    posts = story.posts()
    assert len(posts) == 6
    assert {post.day for post in posts} == {1, 2, 3}
    assert {post.author for post in posts} == {"mina", "jonas"}
    assert [post.published for post in posts] == sorted(post.published for post in posts)
    for post in posts:
        assert (post.published.year, post.published.month) == (2026, 5)
        assert 500 <= len(PHOTO.sub("", post.text).split()) <= 900
        assert post.title
        assert post.dek


def test_comments_answer_comments_of_the_same_post_that_were_there_before() -> None:
    comments = {comment.key: comment for comment in story.comments()}
    slugs = {post.slug: post for post in story.posts()}
    for comment in comments.values():
        assert comment.at > slugs[comment.post].published
        if comment.parent is not None:
            assert comments[comment.parent].post == comment.post
            assert comments[comment.parent].at < comment.at


def test_comments_fill_every_part_of_the_moderation_queue() -> None:
    comments = story.comments()
    by_state = {
        state: [c for c in comments if c.state == state]
        for state in ("approved", "pending", "spam", "rejected")
    }
    assert 16 <= len(by_state["approved"]) <= 22
    assert [len(by_state[state]) for state in ("pending", "spam", "rejected")] == [3, 1, 1]
    assert all(c.email.endswith("example.org") for c in comments)
    assert all(c.name == story.PEOPLE[c.by][0] for c in comments if c.by)


def test_threads_go_four_deep() -> None:
    comments = {comment.key: comment for comment in story.comments()}

    def depth(key: str) -> int:
        parent = comments[key].parent
        return 1 if parent is None else 1 + depth(parent)

    assert max(depth(key) for key in comments) == 4


# -- the painter's tools


def test_a_filled_square_covers_its_pixels_and_half_of_those_it_cuts() -> None:
    canvas = Canvas(100, 100, 1)
    canvas.rectangle(0.2, 0.2, 0.605, 0.6, "#ffffff")
    assert canvas.rgb[40, 40].tolist() == [1, 1, 1]
    assert canvas.rgb[10, 10].tolist() == [0, 0, 0]
    assert canvas.rgb[40, 60, 0] == pytest.approx(0.5, abs=0.3)


def test_shapes_beyond_the_edge_are_cut_without_complaint() -> None:
    canvas = Canvas(80, 60, 1)
    canvas.ellipse(-1, -1, 0.2, 0.2, "#ffffff", soft=0.05)
    canvas.fill(ring(1.3, 0.5, 0.2, 0.2), "#ffffff", alpha=0.5)
    canvas.glow(-0.5, 0.5, 0.1, "#ffffff")
    assert canvas.rgb[0, 0].tolist() == [0, 0, 0]
    assert canvas.rgb[30, 79, 0] == pytest.approx(0.5, abs=0.05)


def test_colours() -> None:
    assert rgb("#ff8000").tolist() == pytest.approx([1, 128 / 255, 0])
    assert ramp([(0, "#000000"), (1, "#ffffff")], np.array([0.25], np.float32))[0].tolist() == pytest.approx(
        [0.25] * 3
    )


def test_periodic_noise_continues_over_its_edges() -> None:
    noise = periodic_noise(np.random.default_rng(1), 256, 8)
    inside = np.abs(np.diff(noise, axis=1)).max()
    assert np.abs(noise[:, 0] - noise[:, -1]).max() <= inside * 1.2


def test_a_hill_hides_what_lies_behind_it_and_water_is_told_apart() -> None:
    canvas = Canvas(120, 80, 1)
    height = np.zeros((SIZE, SIZE), np.float32)
    height[300:340] = 0.15
    height[:250] = -0.01
    ground = banded(height, [(0, "#808080"), (0.1, "#ff0000")])
    terrain = Terrain(height, ground, 0.0, 1, water=-0.005)
    wet = paint_terrain(canvas, terrain, Eye(0.1, 0.4, near=0.02), Light(0, 0.2), Air("#8080ff", 50.0))
    assert canvas.rgb[0, 60].tolist() == [0, 0, 0]
    red, green, _ = canvas.rgb[24, 60]
    assert red > 3 * green
    assert wet[79, 60] == pytest.approx(1)
    assert wet[45, 60] == pytest.approx(0)


def test_ridges_stay_between_nought_and_one() -> None:
    field = ridged(np.random.default_rng(3), 128, 4, 4)
    assert float(field.min()) >= 0
    assert float(field.max()) == pytest.approx(1)
