"""24-megapixel JPEGs to all renditions, beside the floor: the same encodes alone, of images shrunk before.

    python -m benchmarks.renditions [PHOTO...]

Every PHOTO is laid out at its own size, with the next ones beside and below it, to a picture of 24
megapixels: real detail, as a camera of today has it. Without any it paints one whose detail falls off with
its scale.

Prints CPU seconds of what a photo costs on its way in (the check on arrival with the first rendition, and the
job with the others), their ratio to the floor; the same files made by `vipsthumbnail` (libvips), where it is
installed; photos per minute through the workshop; and the peak memory of a bench.
"""

import io
import itertools
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from blog.photos import renditions, workshop
from blog.photos.renditions import Credit, Rendered, RenditionFormat, Verified, encode, prepare, step_down

SIZE = (6000, 4000)
MEGAPIXELS = 24
ROUNDS = 3
AT_ONCE = 8  # photos through the workshop
VIPS = shutil.which("vipsthumbnail")
VIPS_OPTIONS = {
    RenditionFormat.AVIF: "Q=55,effort=1,strip",  # nine minus the speed
    RenditionFormat.JPEG: "Q=70,interlace,optimize-coding,strip",
}


def main() -> None:
    given = [Path(name) for name in sys.argv[1:]]
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.jpg" for number in range(max(1, len(given)))]
        for number, path in enumerate(paths):
            lay_out(path, given[number:] + given[:number]) if given else paint(path)
        for path in paths:
            compare(path)
        print_throughput(paths)


def lay_out(path: Path, photos: list[Path]) -> None:
    """A picture of 24 megapixels from photos at their own size, in rows."""
    image = Image.new("RGB", SIZE)
    x = y = below = 0
    for photo in itertools.cycle(photos):
        with Image.open(photo) as opened:
            part = opened.convert("RGB")
        image.paste(part, (x, y))
        x, below = x + part.width, max(below, y + part.height)
        if x >= SIZE[0]:
            x, y = 0, below
        if y >= SIZE[1]:
            break
    image.save(path, quality=92)


def paint(path: Path) -> None:
    """Noise at every scale, its strength falling with its frequency, over hard-edged hills."""
    random = np.random.default_rng(1)
    picture = np.zeros((SIZE[1], SIZE[0], 3), np.float32)
    for octave in range(2, 13):
        grid = (max(2, SIZE[0] >> (12 - octave)), max(2, SIZE[1] >> (12 - octave)))
        noise = Image.fromarray(random.integers(0, 256, (grid[1], grid[0], 3), np.uint8))
        picture += np.asarray(noise.resize(SIZE, Image.Resampling.BICUBIC), np.float32) / 1.05**octave
    image = Image.fromarray((255 * picture / picture.max()).astype(np.uint8))
    shapes = ImageDraw.Draw(image, "RGBA")
    for hill in range(12):
        left = int(random.integers(-2000, 6000))
        top = 1500 + 200 * hill
        colour = (*map(int, random.integers(0, 160, 3)), 110)
        shapes.polygon([(left, 4000), (left + 1500, top), (left + 3000, 4000)], fill=colour)
    image.save(path, quality=92)


def compare(path: Path) -> None:
    photo = path.read_bytes()
    prepared, widths = prepare(io.BytesIO(photo), 1)
    images = list(step_down(prepared, widths))
    rounds = [
        (
            cpu_seconds(lambda: arrival(photo)),
            cpu_seconds(lambda: job(photo, images[-1].width)),
            cpu_seconds(lambda: encodes_alone(images)),
            cpu_seconds(lambda: by_vips(path, widths)) if VIPS else 0,
        )
        for _ in range(ROUNDS)
    ]
    check, others, floor, vips = (min(column) for column in zip(*rounds, strict=True))
    print(f"{path.name}, {len(photo) / 1e6:.1f} MB")
    for image in images:
        sizes = [f"{f} {len(encode(image, f)) / 1000:.0f} kB" for f in RenditionFormat]
        print(f"  {image.width:>5}: {', '.join(sizes)}")
    print(
        f"  check and first rendition {check:.3f} CPU-s, the others {others:.3f}, encodes alone {floor:.3f}"
    )
    print(f"  ratio of all to the floor {(check + others) / floor:.3f}, of the job {others / floor:.3f}")
    if VIPS:
        print(f"  vipsthumbnail {vips:.3f} CPU-s, Roadbook {(check + others) / vips:.2f} × that")
    print(f"  peak memory of a bench {peak_megabytes(path):.0f} MB")


def arrival(photo: bytes) -> Verified:
    return renditions.verify(io.BytesIO(photo), MEGAPIXELS)


def job(photo: bytes, there: int) -> Rendered:
    return renditions.render(io.BytesIO(photo), 1, (), Credit(), (there,))


def encodes_alone(images: list[Image.Image]) -> int:
    return sum(
        len(encode(image, rendition_format)) for image in images for rendition_format in RenditionFormat
    )


def by_vips(path: Path, widths: tuple[int, ...]) -> None:
    """The same sizes and formats; it decodes once for each of them."""
    for width in widths:
        for rendition_format, options in VIPS_OPTIONS.items():
            target = f"{path.parent}/vips-{width}.{rendition_format}[{options}]"
            command = [VIPS or "", "--size", f"{width}x", "-o", target, str(path)]
            subprocess.run(command, check=True, env=os.environ | {"VIPS_CONCURRENCY": "1"})


def cpu_seconds(work: Callable[[], object]) -> float:
    """Of this process and of those that it started and that have ended."""
    start = used()
    work()
    return used() - start


def used() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def print_throughput(paths: list[Path]) -> None:
    """Photos through the workshop, as many at once as it has benches: by the clock, and CPU time of all."""
    photos = list(itertools.islice(itertools.cycle(paths), AT_ONCE))
    start, cpu = time.monotonic(), used()
    with ThreadPoolExecutor(workshop.BENCHES) as pool:
        list(pool.map(through, photos))
    wall = time.monotonic() - start
    workshop.close()
    seconds = (used() - cpu) / len(photos)
    print(f"{len(photos)} photos by {workshop.BENCHES} benches: {60 * len(photos) / wall:.0f} a minute,")
    print(
        f"  {seconds:.2f} CPU-s a photo, which leaves room for {60 * workshop.BENCHES / seconds:.0f} a minute"
    )


def through(path: Path) -> None:
    limits = {"seconds": 120, "megabytes": workshop.megabytes_for(MEGAPIXELS)}
    with path.open("rb") as file:
        first: Verified = workshop.do(renditions.verify, file, MEGAPIXELS, **limits)
        workshop.do(renditions.render, file, 1, (), Credit(), first.first.widths, **limits)


def peak_megabytes(path: Path) -> float:
    """Of a new bench, with Python and its libraries, that takes this photo."""
    workshop.close()
    through(path)
    return high_water_megabytes(workshop.workshop.idle[-1].process.pid)


def high_water_megabytes(process: int) -> float:
    """Peak resident memory of a process."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) / 1024


if __name__ == "__main__":
    main()
