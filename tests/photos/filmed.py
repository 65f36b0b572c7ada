"""Small real films that the tests make, as phones and cameras write them."""

import io
from collections.abc import Mapping
from fractions import Fraction

import av
import numpy as np

from .samples import scene

APPLE = {
    "creation_time": "2024-05-17T00:30:16.000000Z",
    "com.apple.quicktime.creationdate": "2024-05-17T09:30:15+0900",
    "com.apple.quicktime.location.ISO6709": "+41.5000+129.7500+012.000/",
    "com.apple.quicktime.make": "Apple",
    "com.apple.quicktime.model": "iPhone 15",
}
ANDROID = {"creation_time": "2024-05-17T00:30:16.000000Z", "location": "+41.5000+129.7500/"}


def film(
    codec: str = "libx264",
    container: str = "mp4",
    size: tuple[int, int] = (160, 120),
    seconds: float = 1.0,
    rotation: int = 0,
    pixels: str = "yuv420p",
    sound: str | None = "aac",
    tags: Mapping[str, str] = {},
) -> bytes:
    """As `scene`, before the film is turned by `rotation` degrees."""
    file, rate = io.BytesIO(), 10
    picture = np.asarray(scene(*size))
    with av.open(file, "w", format=container, options={"movflags": "use_metadata_tags"}) as made:
        made.metadata.update(tags)
        stream = made.add_stream(codec, rate=rate)
        stream.width, stream.height, stream.pix_fmt = *size, pixels
        stream.options = {"x265-params": "log-level=none"} if codec == "libx265" else {}
        if rotation:
            stream.set_display_rotation(rotation)
        heard = made.add_stream(sound, rate=44_100, layout="mono") if sound else None
        for number in range(round(seconds * rate)):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, rate)
            made.mux(stream.encode(frame))
        made.mux(stream.encode(None))
        if heard:
            mute = np.zeros((1, round(44_100 * seconds)), dtype="float32")
            frame = av.AudioFrame.from_ndarray(mute, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 44_100, 0
            made.mux(heard.encode(frame))
            made.mux(heard.encode(None))
    return file.getvalue()
