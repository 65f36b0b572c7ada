"""What a text sounds like: the words that a classifier weighs, and what it makes of them. PURE."""

from __future__ import annotations

import json
import math
import re
import unicodedata
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

READ = 3_000  # characters: what spam has to say, it says at the beginning
MOST_FEATURES = 600
MOST_NAMED = 3
LARGEST = 8_000_000  # bytes of weights, unpacked
STEM = 5
LENGTHS = (4, 8, 15, 25, 40)  # words

LINK = re.compile(r"https?:\S+|www\.\S+|\b[\w-]{2,40}\[?\.\]?(?:com|net|org|info|biz|ru|tk|ly|be|xyz)\b\S*")
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\d+")


def plain(text: str) -> str:
    """Small letters, one form of each character, nothing that cannot be seen."""
    folded = unicodedata.normalize("NFKC", text[:READ]).casefold()[:READ]
    return "".join(c for c in folded if unicodedata.category(c) != "Cf")


def features(text: str) -> list[str]:
    """Words, pairs of neighbours, the first word (`<hey`), beginnings of long words (`^subsc`) and marks
    (`*link`), each once.
    """
    flat = plain(text)
    words = ["0" if word.isdigit() else word for word in WORD.findall(LINK.sub(" ", flat))]
    found = dict.fromkeys(marks(text, flat))
    found |= dict.fromkeys(f"<{word}" for word in words[:1])
    found |= dict.fromkeys(words)
    found |= dict.fromkeys(f"{one} {next_one}" for one, next_one in pairwise(words))
    found |= dict.fromkeys(f"^{word[:STEM]}" for word in words if len(word) > STEM)
    return list(found)[:MOST_FEATURES]


def marks(text: str, flat: str) -> list[str]:
    """What is seen without reading: links, length, capitals, exclamation marks."""
    links, length = len(LINK.findall(flat)), len(flat.split())
    letters = sum(c.isalpha() for c in text[:READ])
    capitals = sum(c.isupper() for c in text[:READ])
    seen = {
        "*link": links > 0,
        "*links": links > 1,
        "*capitals": capitals > 0.3 * max(letters, 1),
        "*!": "!" in text,
        "*!!": "!!" in text,
        "*/": "/" in flat,
        "*lines": "\n" in text,
    }
    seen |= {f"*longer than {most}": length > most for most in LENGTHS}
    return [mark for mark, is_there in seen.items() if is_there]


@dataclass(frozen=True)
class Weights:
    """What a classifier knows: how much each feature speaks for spam (above 0) or against it."""

    bias: float
    of: Mapping[str, float]

    def chance(self, text: str) -> float:
        """How likely it is that a text is spam, 0 to 1."""
        total = self.bias + sum(self.of.get(feature, 0.0) for feature in features(text))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))

    def telling(self, text: str) -> list[str]:
        """The words of a text that speak most for spam, the strongest first; pairs count with their words."""
        strength = {f: self.strength(f) for f in features(text) if f[0] not in "*^<0"}
        chosen: list[str] = []
        for feature in sorted(strength, key=lambda f: -strength[f]):
            if len(chosen) == MOST_NAMED or strength[feature] <= 0:
                break
            words = set(feature.split())
            if not any(words & set(named.split()) for named in chosen):
                chosen.append(feature)
        return chosen

    def strength(self, feature: str) -> float:
        parts = feature.split() if " " in feature else []
        return sum(self.of.get(part, 0.0) for part in (feature, *parts))

    def packed(self) -> bytes:
        kept = {feature: round(weight, 4) for feature, weight in self.of.items()}
        return zlib.compress(json.dumps({"bias": self.bias, "of": kept}).encode())

    @classmethod
    def unpacked(cls, content: bytes) -> Weights:
        """Raises `ValueError` for what is none."""
        unpacker = zlib.decompressobj()
        try:
            plain_content = unpacker.decompress(content, LARGEST)
            values = json.loads(plain_content)
            return cls(float(values["bias"]), {str(f): float(w) for f, w in values["of"].items()})
        except (zlib.error, KeyError, TypeError, AttributeError) as error:
            raise ValueError("These are no weights.") from error
