"""What is done to a film, in a process of its own: look at it, take its poster, copy it for browsers.

Run by its path (`python -I …/filmwork.py`), so that nothing of the application is loaded and FFmpeg never is
in the server. The film is standard input, a file that is read by position; FFmpeg opens nothing by name. Each
line of the output is a JSON object: {"progress": 0 to 1}, and at last {"result": …} or {"refused": words}.
"""

import contextlib
import errno
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.bitstream import BitStreamFilterContext
from av.container import InputContainer, OutputContainer
from av.filter import Graph
from av.packet import Packet
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

# What phones, cameras and editors write. FFmpeg knows hundreds more; the old ones are where it breaks.
VIDEO_CODECS = {"h264", "hevc", "av1", "libdav1d", "vp9", "libvpx-vp9", "mpeg4", "mjpeg", "prores", "h263"}
AUDIO_CODECS = {"aac", "mp3", "mp3float", "alac", "ac3", "eac3", "opus", "libopus", "amrnb", "amrwb", "flac"}
PLAYED_PROFILES = {"Baseline", "Constrained Baseline", "Main", "High"}
PLAYED_PIXELS = {"yuv420p", "yuvj420p"}
LONG_SIDE, SHORT_SIDE = 1920, 1080
MOST_PIXELS = 40_000_000  # 8K has 33
MOST_TAGS, LONGEST_TAG = 100, 500
POSTER_AT_S = 1.0
MOST_FRAMES_TO_POSTER = 300
POSTER_SIDE = 2560
FASTEST = 60  # frames a second; more help nobody who watches
SOUND_BITS = 128_000
TURNS = {-90: "clock", 90: "cclock", 270: "clock", -270: "cclock"}
REPORT_EVERY_S = 1.0

Report = Callable[[float], None]


class Refused(Exception):
    """A film that cannot be used; the message says why in the user's words."""


class Window:
    """A file from `offset` on, read by position: its owner's own position stays."""

    def __init__(self, descriptor: int, offset: int) -> None:
        self.descriptor, self.offset, self.at = descriptor, offset, 0
        self.size = os.fstat(descriptor).st_size - offset

    def read(self, size: int) -> bytes:
        data = os.pread(self.descriptor, size, self.offset + self.at)
        self.at += len(data)
        return data

    def seek(self, position: int, whence: int = 0) -> int:
        self.at = max(0, position + {0: 0, 1: self.at, 2: self.size}[whence])
        return self.at

    def tell(self) -> int:
        return self.at


@contextlib.contextmanager
def opened(offset: int) -> Iterator[InputContainer]:
    """The film, whatever it pretends: read as MP4 or MOV, and nothing that it points to."""
    options = {"enable_drefs": "0", "protocol_whitelist": "none"}
    file = Window(0, offset)
    with av.open(file, "r", format="mov", options=options, metadata_errors="replace") as container:
        yield container


def picture_of(container: InputContainer) -> VideoStream:
    """The film's picture: not a cover, and in a codec that is decoded here."""
    streams = [s for s in container.streams.video if not int(s.disposition) & ATTACHED]
    if not streams:
        raise Refused("This file has no moving picture that Roadbook can show.")
    stream = streams[0]
    name = stream.codec_context.name if stream.codec_context else "unknown"
    if name not in VIDEO_CODECS:
        raise Refused(f"Roadbook cannot read films in this codec ({name}). Save it as H.264 and try again.")
    if stream.width * stream.height > MOST_PIXELS:
        raise Refused(f"The pictures of this film are too large ({stream.width} × {stream.height}).")
    stream.codec_context.thread_count = 2
    return stream


ATTACHED = 0x400  # AV_DISPOSITION_ATTACHED_PIC


def sound_of(container: InputContainer) -> AudioStream | None:
    """The film's sound, if it can be decoded. Most PCM there is begins with "pcm_"."""
    for stream in container.streams.audio:
        name = stream.codec_context.name if stream.codec_context else ""
        if name in AUDIO_CODECS or name.startswith("pcm_"):
            return stream
    return None


def first_frame(frames: Iterator[VideoFrame]) -> VideoFrame:
    for frame in frames:
        return frame
    raise Refused("This film is damaged: not one picture of it can be read.")


def shown_size(stream: VideoStream, frame: VideoFrame) -> tuple[int, int]:
    """Width and height with square pixels, upright."""
    shape = stream.sample_aspect_ratio or Fraction(1)
    shape = shape if Fraction(1, 4) <= shape <= 4 else Fraction(1)
    width, height = round(frame.width * shape), frame.height
    return (height, width) if frame.rotation % 180 else (width, height)


def plays(stream: VideoStream, frame: VideoFrame) -> bool:
    """Whether every browser shows these pictures as they are, and they are no larger than readers need."""
    is_h264 = stream.codec_context.name == "h264" and (stream.profile or "") in PLAYED_PROFILES
    sides = sorted((frame.width, frame.height))
    fits = sides[1] <= LONG_SIDE and sides[0] <= SHORT_SIDE + 8  # 1088 lines are 1080 in blocks of 16
    return is_h264 and frame.format.name in PLAYED_PIXELS and fits and frame.rotation % 90 == 0


def sound_plays(stream: AudioStream | None) -> bool:
    return stream is None or (
        stream.codec_context.name == "aac" and stream.codec_context.layout.nb_channels <= 2
    )


def duration_of(container: InputContainer) -> float:
    return max(0.0, (container.duration or 0) / 1_000_000)


def probe(offset: int) -> dict[str, Any]:
    """What a film is and says, with one picture decoded to see that it can be."""
    with opened(offset) as container:
        stream = picture_of(container)
        sound = sound_of(container)
        frame = first_frame(container.decode(stream))
        width, height = shown_size(stream, frame)
        tags = {**stream.metadata, **container.metadata}
        return {
            "duration_s": round(duration_of(container), 3),
            "width": width,
            "height": height,
            "video_codec": stream.codec_context.name,
            "audio_codec": sound.codec_context.name if sound else None,
            "plays_as_it_is": plays(stream, frame) and sound_plays(sound),
            "tags": {str(k)[:100]: str(v)[:LONGEST_TAG] for k, v in list(tags.items())[:MOST_TAGS]},
        }


def poster(offset: int, target: str) -> dict[str, Any]:
    """One picture of the film as a JPEG: after a second, because the first is often dark or shaken."""
    with opened(offset) as container:
        stream = picture_of(container)
        wanted = min(POSTER_AT_S, duration_of(container) / 2)
        frames = container.decode(stream)
        chosen = first_frame(frames)
        for count, frame in enumerate(frames):
            chosen = frame
            if count >= MOST_FRAMES_TO_POSTER or (frame.time or 0.0) >= wanted:
                break
        width, height = shown_size(stream, chosen)
        factor = min(1.0, POSTER_SIDE / max(width, height))
        size = max(1, round(width * factor)), max(1, round(height * factor))
        stored = (size[1], size[0]) if chosen.rotation % 180 else size
        image = chosen.to_image(width=stored[0], height=stored[1])
        if turn := round(chosen.rotation / 90) * 90:
            image = image.rotate(turn, expand=True)
        image.save(target, "JPEG", quality=95, subsampling=0)
    return {}


def copy(offset: int, target: str, is_silent: bool, report: Report) -> dict[str, Any]:
    """The film as MP4 that browsers play and seek in, without anything it says of place, time or camera.

    Pictures and sound that browsers play are taken over as they are; others become H.264 and AAC.
    """
    with opened(offset) as source, av.open(target, "w", format="mp4", options=MP4) as made:
        stream = picture_of(source)
        sound = None if is_silent else sound_of(source)
        frame = first_frame(source.decode(stream))
        source.seek(0)
        pictures = Taken(stream, made, frame) if plays(stream, frame) else Encoded(stream, made, frame)
        tracks: dict[int, Any] = {stream.index: pictures}
        if sound:
            tracks[sound.index] = TakenSound(sound, made) if sound_plays(sound) else EncodedSound(sound, made)
        made.metadata.clear()
        length = duration_of(source) or 1.0
        for packet in source.demux(*[s for s in (stream, sound) if s]):
            made.mux(tracks[packet.stream.index].feed(packet))
            if packet.pts is not None and packet.stream is stream:
                report(float(packet.pts * packet.time_base) / length)
        for track in tracks.values():
            made.mux(track.finish())
    return {"byte_size": Path(target).stat().st_size}


# Playing begins before all is there; no time code, and no names of programs.
MP4 = {"movflags": "+faststart", "write_tmcd": "0", "fflags": "+bitexact"}


class Taken:
    """Pictures as they are, without the messages (SEI) between them, where cameras may say where they are."""

    def __init__(self, stream: VideoStream, made: OutputContainer, frame: VideoFrame) -> None:
        self.out = made.add_stream_from_template(stream)
        self.out.metadata.clear()
        self.out.set_display_rotation(frame.rotation)
        self.filter = BitStreamFilterContext("filter_units=remove_types=6", stream, self.out)

    def feed(self, packet: Packet) -> list[Packet]:
        if packet.dts is None:
            return []
        return [self.ours(kept) for kept in self.filter.filter(packet)]

    def finish(self) -> list[Packet]:
        return [self.ours(kept) for kept in self.filter.filter(None)]

    def ours(self, packet: Packet) -> Packet:
        packet.stream = self.out
        return packet


class Encoded:
    """Pictures decoded, upright, with square pixels, no larger than 1080p, as H.264."""

    def __init__(self, stream: VideoStream, made: OutputContainer, frame: VideoFrame) -> None:
        width, height = shown_size(stream, frame)
        sides = sorted((width, height))
        factor = min(1.0, LONG_SIDE / sides[1], SHORT_SIDE / sides[0])
        self.size = tuple(max(2, round(side * factor / 2) * 2) for side in (width, height))
        self.rotation = round(frame.rotation / 90) * 90
        self.stream, self.last = stream, -1.0
        self.graph: Graph | None = None
        self.shape: tuple[Any, ...] = ()
        rate = min(Fraction(FASTEST), stream.average_rate or Fraction(30))
        ticks = stream.time_base or Fraction(1, 90_000)
        self.out = made.add_stream("libx264", rate=rate, options={"preset": "veryfast", "crf": "23"})
        context = self.out.codec_context
        context.width, context.height = self.size
        context.pix_fmt, context.time_base = "yuv420p", ticks
        context.gop_size = max(1, round(rate * 2))  # to seek by two seconds
        context.thread_count = 2
        # The colours stay those of the film: browsers know what to do with HLG and PQ.
        context.color_primaries, context.color_trc = frame.color_primaries, frame.color_trc
        context.colorspace, context.color_range = frame.colorspace, 1

    def feed(self, packet: Packet) -> list[Packet]:
        return [done for frame in self.decoded(packet) for done in self.out.encode(frame)]

    def finish(self) -> list[Packet]:
        return list(self.out.encode(None))

    def decoded(self, packet: Packet) -> Iterator[VideoFrame]:
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:  # a damaged stretch is left out
            return
        for frame in frames:
            at = frame.time if frame.time is not None else self.last + 1 / FASTEST
            if at < self.last + 0.9 / FASTEST:
                continue
            self.last = at
            yield self.turned(frame)

    def turned(self, frame: VideoFrame) -> VideoFrame:
        shape = (frame.width, frame.height, frame.format.name)
        if self.graph is None or shape != self.shape:
            self.graph, self.shape = self.make_graph(frame), shape
        self.graph.push(frame)
        made = cast(VideoFrame, self.graph.pull())
        made.pict_type = PictureType.NONE  # the encoder chooses
        return made

    def make_graph(self, frame: VideoFrame) -> Graph:
        graph = Graph()
        steps = [
            graph.add_buffer(
                width=frame.width, height=frame.height, format=frame.format, time_base=self.stream.time_base
            )
        ]
        if self.rotation % 360 in (90, 270):
            steps.append(graph.add("transpose", TURNS[self.rotation]))
        elif self.rotation % 360 == 180:
            steps += [graph.add("hflip"), graph.add("vflip")]
        steps.append(graph.add("scale", f"{self.size[0]}:{self.size[1]}:out_range=limited"))
        steps += [graph.add("setsar", "1"), graph.add("format", "yuv420p"), graph.add("buffersink")]
        graph.link_nodes(*steps).configure()
        return graph


class TakenSound:
    def __init__(self, stream: AudioStream, made: OutputContainer) -> None:
        self.out = made.add_stream_from_template(stream)
        self.out.metadata.clear()

    def feed(self, packet: Packet) -> list[Packet]:
        if packet.dts is None:
            return []
        packet.stream = self.out
        return [packet]

    def finish(self) -> list[Packet]:
        return []


class EncodedSound:
    def __init__(self, stream: AudioStream, made: OutputContainer) -> None:
        context = stream.codec_context
        rate = context.sample_rate if context.sample_rate in (32_000, 44_100, 48_000) else 48_000
        layout = "mono" if context.layout.nb_channels == 1 else "stereo"
        self.out = made.add_stream("aac", rate=rate, layout=layout)
        self.out.bit_rate = SOUND_BITS
        self.resampler = AudioResampler(format="fltp", layout=layout, rate=rate)

    def feed(self, packet: Packet) -> list[Packet]:
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            return []
        return [
            done
            for frame in frames
            for even in self.resampler.resample(cast(AudioFrame, frame))
            for done in self.out.encode(even)
        ]

    def finish(self) -> list[Packet]:
        rest = [done for even in self.resampler.resample(None) for done in self.out.encode(even)]
        return [*rest, *self.out.encode(None)]


def say(**what: Any) -> None:
    print(json.dumps(what), flush=True)


def reporter() -> Report:
    """Tells how far it is, once a second. The owner of the output being dead, it ends this process."""
    last, furthest = time.monotonic(), 0.0

    def report(part: float) -> None:
        nonlocal last, furthest
        furthest = max(furthest, part)  # packets come in the order of decoding
        if time.monotonic() - last >= REPORT_EVERY_S:
            last = time.monotonic()
            say(progress=min(0.99, furthest))

    return report


def within_bounds(memory: int, seconds: int, file_bytes: int) -> None:
    os.nice(10)
    for limit, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # a system without this limit
            resource.setrlimit(limit, (most, most))


def main(order: dict[str, Any]) -> None:
    within_bounds(order["memory"], order["seconds"], order["file_bytes"])
    av.logging.set_level(None)
    kind, offset = order["kind"], order["offset"]
    try:
        if kind == "probe":
            result = probe(offset)
        elif kind == "poster":
            result = poster(offset, order["target"])
        else:
            result = copy(offset, order["target"], order["is_silent"], reporter())
    except Refused as refusal:
        say(refused=str(refusal))
    except MemoryError:
        say(refused="This film needs more memory than Roadbook gives to one.")
    except OSError as error:  # FFmpeg's own errors are among them
        if error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
            raise  # nothing is wrong with the film
        say(refused="This film is damaged: it cannot be read.")
    except (ValueError, av.error.FFmpegError):
        say(refused="This film is damaged: it cannot be read.")
    else:
        say(result=result)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
