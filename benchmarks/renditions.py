"""One 24-megapixel JPEG to all renditions, beside the floor: the same encodes alone, of images shrunk before.

    python benchmarks/renditions.py [PHOTO]

Prints CPU seconds of both, their ratio, and the peak memory of a process that does nothing else. Without
PHOTO it paints one whose detail falls off with its scale as it does in photographs.
"""

import io
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from blog.photos.renditions import RenditionFormat, encode, prepare, step_down, summarise

SIZE = (6000, 4000)
ROUNDS = 7


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


def all_renditions(photo: bytes) -> int:
    """Bytes of all renditions, made as Roadbook makes them."""
    prepared, widths = prepare(io.BytesIO(photo), 1)
    size = 0
    for image in step_down(prepared, widths):
        size += sum(len(encode(image, rendition_format)) for rendition_format in RenditionFormat)
    summarise(image)
    return size


def shrunk_before(photo: bytes) -> list[Image.Image]:
    prepared, widths = prepare(io.BytesIO(photo), 1)
    return list(step_down(prepared, widths))


def encodes_alone(images: list[Image.Image]) -> int:
    return sum(
        len(encode(image, rendition_format)) for image in images for rendition_format in RenditionFormat
    )


def cpu_seconds(work: Callable[[], int]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def compare_cpu(photo: bytes) -> tuple[float, float]:
    """(all renditions, encodes alone): the least of runs in turns; other work on the machine only adds."""
    images = shrunk_before(photo)
    rounds = [
        (cpu_seconds(lambda: all_renditions(photo)), cpu_seconds(lambda: encodes_alone(images)))
        for _ in range(ROUNDS)
    ]
    return min(whole for whole, _ in rounds), min(floor for _, floor in rounds)


def peak_megabytes(path: Path) -> tuple[float, float]:
    """(peak, before the photo) of a fresh process that makes the renditions once."""
    command = [sys.executable, __file__, "--once", str(path)]
    before, peak = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(peak), float(before)


def once(path: Path) -> None:
    photo = path.read_bytes()
    before = high_water_megabytes()
    all_renditions(photo)
    print(before, high_water_megabytes())


def high_water_megabytes() -> float:
    """Peak resident memory of this process alone; `getrusage` would count its parent's before `exec`."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) / 1024


def compare(path: Path) -> None:
    photo = path.read_bytes()
    images = shrunk_before(photo)
    whole, floor = compare_cpu(photo)
    peak, before = peak_megabytes(path)
    print(f"{path.name}, {len(photo) / 1e6:.1f} MB")
    for image in images:
        sizes = [f"{f} {len(encode(image, f)) / 1000:.0f} kB" for f in RenditionFormat]
        print(f"  {image.width:>5}: {', '.join(sizes)}")
    print(f"all renditions {whole:.2f} CPU-s, encodes alone {floor:.2f} CPU-s, ratio {whole / floor:.3f}")
    print(f"peak memory {peak:.0f} MB (of which {before:.0f} MB before the photo)")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--once"]:
        once(Path(sys.argv[2]))
    elif sys.argv[1:]:
        compare(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            paint(Path(folder) / "photo.jpg")
            compare(Path(folder) / "photo.jpg")
