"""`roadbook place`: photos and tracks in, places out, without a database."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from blog.geo.positions import Position, distance_m
from blog.trips.place_command import about, place
from tests.photos.filmed import film

START = datetime(2024, 5, 1, 9, tzinfo=UTC)
PHOTO_KEYS = {
    *("file", "taken_at", "lat", "lon", "ele", "radius_m", "source", "clock_offset_s", "camera", "reason"),
}  # fmt: skip


def degrees(value: float) -> tuple[IFDRational, IFDRational, IFDRational]:
    return IFDRational(round(abs(value) * 10_000_000), 10_000_000), IFDRational(0, 1), IFDRational(0, 1)


def photo(path: Path, local=None, *, zone=None, at=None, gps_time=None, model="Box 1") -> Path:
    """A small photo with EXIF as a camera writes it."""
    exif = Image.Exif()
    exif[0x0110] = model
    if local:
        exif.get_ifd(0x8769)[0x9003] = local.strftime("%Y:%m:%d %H:%M:%S")
    if zone:
        exif.get_ifd(0x8769)[0x9011] = zone
    gps = exif.get_ifd(0x8825)
    if at:
        gps |= {
            1: "N" if at[0] >= 0 else "S",
            2: degrees(at[0]),
            3: "E" if at[1] >= 0 else "W",
            4: degrees(at[1]),
        }
    if gps_time:
        clock = (gps_time.hour, gps_time.minute, gps_time.second)
        gps |= {7: tuple(IFDRational(part, 1) for part in clock), 29: gps_time.strftime("%Y:%m:%d")}
    Image.new("RGB", (8, 8), "teal").save(path, "JPEG", exif=exif)
    return path


@pytest.fixture
def track(tmp_path) -> Path:
    """Ten minutes to the north, a fix every five seconds, starting 09:00 UTC near Rome's zone."""
    points = "".join(
        f'<trkpt lat="{46 + second / 111_195:.7f}" lon="7"><ele>{500 + second / 10}</ele>'
        f"<time>{START + timedelta(seconds=second):%Y-%m-%dT%H:%M:%SZ}</time></trkpt>"
        for second in range(0, 605, 5)
    )
    path = tmp_path / "day 1.gpx"
    path.write_text(f"<gpx><trk><trkseg>{points}</trkseg></trk></gpx>")
    return path


def run(*arguments) -> Result:
    return CliRunner().invoke(place, [str(argument) for argument in arguments])


def report(*arguments):
    result = run("--json", *arguments)
    return json.loads(result.stdout), result


def local(minutes: float, ahead_h: float = 2) -> datetime:
    return START + timedelta(hours=ahead_h, minutes=minutes)


def test_a_photo_finds_its_place_by_its_clock(tmp_path, track):
    clock = photo(tmp_path / "1.jpg", local(0.5), at=(46.0003, 7), gps_time=START + timedelta(seconds=30))
    lost = photo(tmp_path / "2.jpg", local(5))
    answer, result = report("--track", track, clock, lost)
    assert result.exit_code == 0
    first, second = answer["photos"]
    assert set(first) == PHOTO_KEYS
    assert (first["source"], first["taken_at"]) == ("exif_gps", "2024-05-01T09:00:30Z")
    assert (second["source"], second["taken_at"], second["clock_offset_s"]) == (
        "track",
        "2024-05-01T09:05:00Z",
        -7200,
    )
    there = Position(46 + 300 / 111_195, 7)
    assert distance_m(Position(second["lat"], second["lon"]), there) < 1
    assert (second["ele"], second["file"], second["reason"]) == (530, str(lost), None)
    assert 11 <= second["radius_m"] < 100
    (camera,) = answer["cameras"]
    assert camera == {
        "camera": "Box 1",
        "clock_offset_s": -7200,
        "probability": 0.9,
        "applied": True,
        "alternatives": [],
    }


def test_the_zone_of_the_place_is_used_and_said_to_be_a_guess(tmp_path, track):
    answer, _ = report("--track", track, photo(tmp_path / "1.jpg", local(5)))
    assert answer["photos"][0]["source"] == "track"
    assert answer["photos"][0]["taken_at"] == "2024-05-01T09:05:00Z"
    (camera,) = answer["cameras"]
    assert answer["photos"][0]["clock_offset_s"] == -7200
    assert (camera["applied"], camera["clock_offset_s"]) == (False, -7200)
    assert 0.5 < camera["probability"] < 0.9
    assert {rival["clock_offset_s"] for rival in camera["alternatives"]} == {-10_800, -3600, 0}


def test_without_track_or_place_the_clock_is_not_applied(tmp_path):
    answer, result = report(photo(tmp_path / "1.jpg", local(5)))
    (one,) = answer["photos"]
    assert (one["source"], one["lat"], one["lon"], one["taken_at"]) == ("none", None, None, None)
    assert one["reason"].startswith("It is by a camera whose clock is not known")
    assert answer["cameras"][0]["applied"] is False
    assert result.exit_code == 0


def test_without_a_time_the_order_of_the_arguments_decides(tmp_path):
    files = [
        photo(tmp_path / "1.jpg", at=(46.0, 7.0)),
        photo(tmp_path / "2.jpg"),
        photo(tmp_path / "3.jpg"),
        photo(tmp_path / "4.jpg", at=(46.003, 7.0)),
    ]
    answer, _ = report(*files)
    assert [one["source"] for one in answer["photos"]] == ["exif_gps", "order", "order", "exif_gps"]
    assert [one["lat"] for one in answer["photos"]] == pytest.approx([46, 46.001, 46.002, 46.003])


def test_a_film_finds_its_place_as_photos_do(tmp_path, track):
    path = tmp_path / "ferry.mp4"
    path.write_bytes(film(tags={"creation_time": "2024-05-01T09:05:00Z"}))
    answer, _result = report("--track", track, path)
    (told,) = answer["photos"]
    assert (told["taken_at"], told["source"]) == ("2024-05-01T09:05:00Z", "track")
    assert told["lat"] == pytest.approx(46 + 300 / 111_195, abs=1e-4)


def test_bad_files_are_told_and_the_others_placed(tmp_path, track):
    text, empty = tmp_path / "notes.txt", tmp_path / "empty.jpg"
    text.write_text("Dear diary")
    empty.touch()
    good = photo(tmp_path / "good.jpg", local(5))
    answer, result = report("--track", track, text, empty, tmp_path / "gone.jpg", tmp_path, good)
    assert result.exit_code == 0
    assert [one["source"] for one in answer["photos"]] == ["none"] * 4 + ["track"]
    assert all(one["reason"] and one["lat"] is None and one["camera"] is None for one in answer["photos"][:4])
    assert "gone.jpg: There is no such file." in result.stderr
    assert "This is a folder." in result.stderr
    assert result.stderr.count("\n") == 4
    assert [camera["camera"] for camera in answer["cameras"]] == ["Box 1"]


def test_nothing_readable_is_a_failure(tmp_path):
    answer, result = report(tmp_path / "gone.jpg")
    assert result.exit_code == 1
    assert answer["photos"][0]["reason"] == "There is no such file."


@pytest.mark.parametrize("content", [None, "Dear diary", "<!DOCTYPE gpx><gpx/>", "<gpx/>"])
def test_an_unusable_track_is_a_failure_and_the_rest_is_done(tmp_path, track, content):
    bad = tmp_path / "bad.gpx"
    if content is not None:
        bad.write_text(content)
    answer, result = report("--track", bad, "--track", track, photo(tmp_path / "1.jpg", local(5)))
    assert result.exit_code == 1
    assert result.stderr.startswith(str(bad))
    assert answer["photos"][0]["source"] == "track"


def test_notes_on_a_track_are_told(tmp_path):
    plain = tmp_path / "plain.gpx"
    plain.write_text('<gpx><trk><trkseg><trkpt lat="46" lon="7"/></trkseg></trk></gpx>')
    _, result = report("--track", plain, photo(tmp_path / "1.jpg", local(5)))
    assert result.exit_code == 0
    assert "draws the route but cannot place photos" in result.stderr


def test_a_pipe_does_not_hang_it(tmp_path):
    assert "not a file" in run("/dev/null").stderr


def test_no_photo_is_a_question_of_usage():
    assert run().exit_code == 2
    assert "--track" in run("--help").stdout


def test_the_table_is_aligned_and_speaks_plainly(tmp_path, track):
    files = [
        photo(tmp_path / "ferry.jpg", local(5)),
        photo(tmp_path / "日本の写真.jpg", local(60 * 24 * 3)),
        photo(tmp_path / "b.jpg", at=(-17.5, -149.5)),
    ]
    result = run("--track", track, *files)
    assert result.exit_code == 0
    head, rule, ferry, japan, tahiti, _, cameras, *_ = result.stdout.splitlines()
    assert head.split() == ["Photo", "Taken", "Place", "Height", "Within", "Found", "by"]
    assert set(rule) == {"─", " "}
    column = head.index("Taken")
    assert ferry[column:].startswith("2024-05-01 11:05:00  46.00270 N   7.00000 E  530 m   about")
    assert ferry.endswith("the track")
    assert japan[column - 5 :].startswith("2024-05-04 11:00:00")  # five letters there are two columns wide
    assert "not placed: It was taken 3 days after the nearest known place." in japan
    assert "17.50000 S 149.50000 W" in tahiti
    assert cameras.startswith("Camera")
    assert "2:00:00 ahead of UTC" in result.stdout


def test_sidecars_are_written_beside_what_has_a_place(tmp_path, track):
    found, lost = photo(tmp_path / "found.jpg", local(5)), photo(tmp_path / "lost.jpg", local(60 * 24 * 3))
    before = {path: path.read_bytes() for path in (found, lost)}
    result = run("--write-sidecar", "--track", track, found, lost)
    assert result.exit_code == 0
    assert result.stderr == "1 sidecar written.\n"
    assert {path.name for path in tmp_path.iterdir()} == {
        "day 1.gpx", "found.jpg", "found.jpg.xmp", "lost.jpg",
    }  # fmt: skip
    assert 'GPSLatitude="46,0.1618' in (tmp_path / "found.jpg.xmp").read_text()
    assert {path: path.read_bytes() for path in (found, lost)} == before


def test_a_sidecar_of_others_is_told_and_kept(tmp_path, track):
    mine = tmp_path / "1.jpg.xmp"
    mine.write_text("my edits")
    files = [photo(tmp_path / "1.jpg", local(5)), photo(tmp_path / "2.jpg", local(6))]
    answer, result = report("--write-sidecar", "--track", track, *files)
    assert result.exit_code == 1
    assert "1.jpg.xmp is by another program" in result.stderr
    assert "1 sidecar written." in result.stderr
    assert (mine.read_text(), (tmp_path / "2.jpg.xmp").exists()) == ("my edits", True)
    assert [one["source"] for one in answer["photos"]] == ["track", "track"]


def test_without_being_asked_nothing_is_written(tmp_path, track):
    file = photo(tmp_path / "1.jpg", local(5))
    run("--track", track, file)
    assert {path.name for path in tmp_path.iterdir()} == {"day 1.gpx", "1.jpg"}


def test_nothing_in_a_file_steers_the_terminal(tmp_path):
    result = run(photo(tmp_path / "a\x1b[2Jb.jpg", local(5), model="Box\x1b[31m 1"), tmp_path / "\x1b[1m.jpg")
    assert "\x1b" not in result.stdout
    assert "\x1b" not in result.stderr


@pytest.mark.parametrize(
    ("metres", "words"),
    [(11.56, "12 m"), (47, "45 m"), (312, "300 m"), (980, "1000 m"), (2561, "2.6 km"), (48_100, "50 km"),
     (18_400, "18 km"), (3_512_000, "3,500 km")],
)  # fmt: skip
def test_distances_as_one_says_them(metres, words):
    assert about(metres) == f"about {words}"


def test_all_real_photos_end_placed_or_with_a_reason(shared_data):
    folders = ("rome", "aegean/images", "drone", "spain-argentina", "phones", "exif")
    files = sorted(path for folder in folders for path in (shared_data / folder).rglob("*") if path.is_file())
    tracks = sorted([*shared_data.glob("aegean/g*.gpx"), *shared_data.glob("aegean/f*.gpx")])
    options = [option for track in tracks for option in ("--track", track)]
    answer, result = report(*options, *files)
    assert result.exit_code == 0
    assert len(answer["photos"]) == len(files)
    for one in answer["photos"]:
        assert (one["source"] == "none") == (one["lat"] is None) == bool(one["reason"])
        assert one["lat"] is None or Position(one["lat"], one["lon"])


def test_the_camera_of_rome_ran_two_hours_ahead(shared_data):
    answer, _ = report(*sorted((shared_data / "rome").glob("*.jpg")))
    (camera,) = answer["cameras"]
    assert camera["clock_offset_s"] == pytest.approx(-7200, abs=3)
    assert camera["probability"] >= 0.99
    sources = [one["source"] for one in answer["photos"]]
    assert (sources.count("exif_gps"), sources.count("neighbours")) == (16, 3)


def test_aegean_photos_by_time_alone_fall_beside_their_own_gps(shared_data, tmp_path):
    """Stripped of their GPS and placed by the receiver that was carried with the phone."""
    truth = {}
    for path in sorted((shared_data / "aegean/images").glob("IMG_*.jpeg")):
        with Image.open(path) as image:
            exif = image.getexif()
        truth[path.name] = report(path)[0]["photos"][0]
        exif.get_ifd(0x8825).clear()
        Image.new("RGB", (8, 8)).save(tmp_path / path.name, "JPEG", exif=exif)
    answer, _ = report("--track", shared_data / "aegean/fenix5.gpx", *sorted(tmp_path.iterdir()))
    errors = [
        distance_m(Position(one["lat"], one["lon"]), Position(own["lat"], own["lon"]))
        for one in answer["photos"]
        if (own := truth[Path(one["file"]).name])["lat"] is not None
    ]
    assert len(errors) == 74
    assert sorted(errors)[37] < 15


@pytest.mark.parametrize(
    ("receiver", "offset_s", "applied"),
    [("fenix5", -7200, True), ("gpsmap66sr", -7200, True), ("gpsmap86i", -7200, True), ("iphone", 0, False)],
)
def test_the_clock_of_aegean_by_each_receiver(shared_data, receiver, offset_s, applied):
    """Its phone wrote the zone +2 h; `iphone.gpx` wrote local time as UTC, which is for a person to judge."""
    images = sorted((shared_data / "aegean/images").glob("IMG_*.jpeg"))
    answer, _ = report("--track", shared_data / f"aegean/{receiver}.gpx", *images)
    (camera,) = answer["cameras"]
    assert camera["clock_offset_s"] == pytest.approx(offset_s, abs=15)
    assert camera["probability"] >= 0.99
    assert camera["applied"] is applied
    assert answer["photos"][0]["clock_offset_s"] == pytest.approx(-7200, abs=15)


def test_places_on_the_track_correct_a_camera_and_say_so(tmp_path, track):
    """Set to local time and 63 minutes ahead; three photos know their place."""
    files = [
        photo(tmp_path / f"{i}.jpg", local(i + 63), at=(46 + 60 * i / 111_195, 7) if i % 3 == 1 else None)
        for i in range(9)
    ]
    answer, _ = report("--track", track, *files)
    (camera,) = answer["cameras"]
    assert camera["applied"] is True
    assert camera["clock_offset_s"] == pytest.approx(-7200 - 63 * 60, abs=20)
    assert {one["source"] for one in answer["photos"]} == {"exif_gps", "track"}
    assert "from places that match the track, sure" in run("--track", track, *files).stdout


def test_a_likelier_offset_is_proposed_in_the_table(tmp_path, track):
    files = [
        photo(tmp_path / f"{i}.jpg", local(i + 300), at=(46 + 60 * i / 111_195, 7) if i in (2, 7) else None)
        for i in range(9)
    ]
    answer, _ = report("--track", track, *files)
    (camera,) = answer["cameras"]
    assert camera["applied"] is False
    assert camera["clock_offset_s"] == pytest.approx(-7200 - 300 * 60, abs=20)
    assert answer["photos"][0]["clock_offset_s"] == -7200
    printed = run("--track", track, *files).stdout
    assert re.search(r"0% sure; rather (6:59|7:00):\d\d ahead of UTC, 100% sure", printed)
