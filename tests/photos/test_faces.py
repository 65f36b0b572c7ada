"""Regions with names, and which panoramas are full spheres."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog.photos.faces import Projection, upright
from blog.photos.metadata import Metadata, read_metadata
from blog.photos.renditions import prepare

from .samples import camera_exif, saved, scene, with_segments, xmp_packet, xmp_segment

SPACES = (
    'xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/" '
    'xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#" '
    'xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#"'
)
GPANO = 'xmlns:GPano="http://ns.google.com/photos/1.0/panorama/"'


def regions(*items: str, size: tuple[int, int] = (480, 320)) -> str:
    return (
        f'<mwg-rs:Regions {SPACES} rdf:parseType="Resource">'
        f'<mwg-rs:AppliedToDimensions stDim:w="{size[0]}" stDim:h="{size[1]}" stDim:unit="pixel"/>'
        f"<mwg-rs:RegionList><rdf:Bag>{''.join(items)}</rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>"
    )


def region(name: str = "Ana", area: str = 'x="0.25" y="0.25" w="0.5" h="0.5"') -> str:
    """As Lightroom and digiKam write it: the middle, width and height, in parts of the stored picture."""
    attributes = " ".join(f"stArea:{part}" for part in area.split())
    return (
        f'<rdf:li><rdf:Description mwg-rs:Name="{name}" mwg-rs:Type="Face">'
        f'<mwg-rs:Area {attributes} stArea:unit="normalized"/></rdf:Description></rdf:li>'
    )


def read(inside: str, orientation: int = 1, size: tuple[int, int] = (480, 320)) -> Metadata:
    jpeg = saved(scene(*size), exif=camera_exif(orientation)).getvalue()
    return read_metadata(io.BytesIO(with_segments(jpeg, xmp_segment(inside))))


def test_a_face_has_its_name_and_its_corners():
    faces = read(regions(region("Ana Writer"), region(""))).faces
    assert faces == ({"name": "Ana Writer", "region": [[0.0, 0.0], [0.5, 0.5]]},)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_face_lies_on_the_same_pixels_however_the_photo_was_turned(orientation):
    """The red quarter of the stored picture carries the name, and is found red in the upright one."""
    jpeg = with_segments(
        saved(scene(480, 320), exif=camera_exif(orientation)).getvalue(), xmp_segment(regions(region()))
    )
    (left, top), (right, bottom) = read_metadata(io.BytesIO(jpeg)).faces[0]["region"]
    image, _widths = prepare(io.BytesIO(jpeg), orientation)
    red, green, blue = image.getpixel(
        (int((left + right) / 2 * image.width), int((top + bottom) / 2 * image.height))
    )
    assert red > 150 and green < 80 and blue < 80


def test_a_program_that_turned_the_photo_first_says_so_by_its_size():
    turned = read(regions(region(), size=(320, 480)), orientation=6)
    assert turned.faces[0]["region"] == [[0.0, 0.0], [0.5, 0.5]]
    stored = read(regions(region()), orientation=6)
    assert stored.faces[0]["region"] != turned.faces[0]["region"]


def test_faces_of_a_photo_that_was_cropped_since_are_left_out():
    assert read(regions(region(), size=(480, 200))).faces == ()


@pytest.mark.parametrize(
    "area",
    [
        'x="NaN" y="0.5" w="0.5" h="0.5"',
        'x="0.5" y="0.5" w="0" h="0.5"',
        'x="9" y="9" w="0.5" h="0.5"',
        'x="a" y="0.5" w="0.5" h="0.5"',
        'y="0.5" w="0.5" h="0.5"',
        'x="1e300" y="0.5" w="1e300" h="0.5"',
    ],
)
def test_regions_that_cover_no_part_of_the_photo_are_left_out(area):
    assert read(regions(region(area=area), region("Jo"))).faces[0]["name"] == "Jo"


def test_a_circle_is_the_square_around_it():
    face = read(regions(region(area='x="0.5" y="0.5" d="0.5"'))).faces[0]
    assert face["region"] == [[pytest.approx(1 / 3, abs=1e-4), 0.25], [pytest.approx(2 / 3, abs=1e-4), 0.75]]


@given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 8))
def test_turning_keeps_a_point_in_the_picture(x, y, orientation):
    assert all(0 <= part <= 1 for part in upright((x, y), orientation))


def pano(
    full: tuple[int, int],
    cropped: tuple[int, int],
    left: int = 0,
    top: int = 0,
    kind: str = "equirectangular",
) -> str:
    return (
        f"<GPano:ProjectionType {GPANO}>{kind}</GPano:ProjectionType>"
        f"<GPano:FullPanoWidthPixels {GPANO}>{full[0]}</GPano:FullPanoWidthPixels>"
        f"<GPano:FullPanoHeightPixels {GPANO}>{full[1]}</GPano:FullPanoHeightPixels>"
        f"<GPano:CroppedAreaImageWidthPixels {GPANO}>{cropped[0]}</GPano:CroppedAreaImageWidthPixels>"
        f"<GPano:CroppedAreaImageHeightPixels {GPANO}>{cropped[1]}</GPano:CroppedAreaImageHeightPixels>"
        f"<GPano:CroppedAreaLeftPixels {GPANO}>{left}</GPano:CroppedAreaLeftPixels>"
        f"<GPano:CroppedAreaTopPixels {GPANO}>{top}</GPano:CroppedAreaTopPixels>"
    )


@pytest.mark.parametrize(
    ("said", "size", "projection"),
    [
        (pano((4000, 2000), (4000, 2000)), (400, 200), Projection.SPHERE),
        (pano((4000, 2000), (4000, 900), top=600), (400, 90), Projection.FLAT),  # a phone's panorama
        (pano((4000, 2000), (4000, 2000), left=5), (400, 200), Projection.FLAT),
        (pano((4000, 1500), (4000, 1500)), (400, 150), Projection.FLAT),
        (pano((4000, 2000), (4000, 2000), kind="cylindrical"), (400, 200), Projection.FLAT),
        (pano((4000, 2000), (4000, 2000)), (400, 300), Projection.FLAT),  # cropped since
        (pano((0, 0), (0, 0)), (400, 200), Projection.FLAT),
        ("", (400, 200), None),
    ],
)
def test_only_a_whole_sphere_is_one(said, size, projection):
    assert read(said, size=size).projection is projection


def test_a_webp_says_the_same():
    packet = xmp_packet(regions(region()) + pano((4000, 2000), (4000, 2000))).encode()
    metadata = read_metadata(saved(scene(480, 240), "WEBP", xmp=packet))
    assert metadata.projection is Projection.SPHERE
    assert metadata.faces == ()  # they were applied to another shape
