"""How well the classifier tells spam: taught by one set of labelled comments, asked about another.

    python -m benchmarks.spam ONE.csv OTHER.csv

The files have the columns `content` and `spam` (1 or 0), as the YouTube Spam Collection does. Each teaches
while the other asks, with none, 20, 100 and all of its comments as a moderator's decisions, on top of the
evidence that comes with Roadbook. "Called spam" goes to spam; "kept back" is that and what waits for a
moderator under every policy. The rows with a range draw their 20 decisions ten times over. Besides, the
processor time of an answer and of a lesson, and their memory.
"""

import csv
import random
import resource
import statistics
import sys
import time
import tracemalloc
from pathlib import Path

from blog.comments.judging import SURE, UNSURE
from blog.comments.learning import evidence, taught
from blog.comments.verdict import is_spam, signs_of
from blog.comments.wording import Weights

Rows = list[tuple[str, bool]]

DRAWS = 10


def read(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["content"], row["spam"] == "1") for row in csv.DictReader(file)]


def lesson(rows: Rows) -> Weights:
    packed = taught(evidence() + rows)
    assert packed, "Nothing was learned."
    return Weights.unpacked(packed)


def score(weights: Weights, rows: Rows, least: float, with_looks: bool = False) -> tuple[float, float, int]:
    """Precision, recall and false positives where spam is what is likely by at least `least`."""
    called = [
        weights.chance(text) >= least or (with_looks and is_spam(signs_of(text, "Someone", 30.0, "")))
        for text, _ in rows
    ]
    right = sum(is_called and was_spam for is_called, (_, was_spam) in zip(called, rows, strict=True))
    wrong = sum(called) - right
    return right / max(1, sum(called)), right / sum(was_spam for _, was_spam in rows), wrong


def print_scores(name: str, weights: Weights, asked: Rows) -> None:
    parts = []
    for what, least, with_looks in (
        ("called spam", SURE, False),
        ("with looks", SURE, True),
        ("kept back", UNSURE, True),
    ):
        precision, recall, wrong = score(weights, asked, least, with_looks)
        parts.append(f"{what}: precision {precision:.3f} recall {recall:.3f} false {wrong:2}")
    print(f"{name:22} " + " | ".join(parts))


def print_draws(teaching: Rows, asked: Rows) -> None:
    """Whether 20 decisions are enough should not hang on which 20."""
    draw = random.Random(20)
    found = [score(lesson(draw.sample(teaching, 20)), asked, SURE) for _ in range(DRAWS)]
    for what, values in (("precision", [f[0] for f in found]), ("recall", [f[1] for f in found])):
        low, middle, high = min(values), statistics.median(values), max(values)
        print(f"    20 at random, called spam: {what} {low:.3f} – {middle:.3f} – {high:.3f}")


def print_costs(weights: Weights, rows: Rows) -> None:
    texts = [text for text, _ in rows]
    begin = time.process_time()
    for text in texts:
        weights.chance(text)
    each = (time.process_time() - begin) / len(texts)
    packed = weights.packed()
    tracemalloc.start()
    kept = Weights.unpacked(packed)
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"An answer takes {each * 1e6:.0f} µs; {len(kept.of)} weights take {size / 1e6:.1f} MB of a server."
    )
    begin = time.perf_counter()
    lesson((rows * (20_000 // len(rows) + 1))[:20_000])
    print(f"A lesson of 20,000 decisions takes {time.perf_counter() - begin:.1f} s.")
    before, children = children.ru_maxrss, resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"Its process takes {children.ru_maxrss / 1024:.0f} MB; {before / 1024:.0f} MB with 350 decisions.")


def main() -> None:
    one, other = (Path(path) for path in sys.argv[1:3])
    for teacher, asker in ((one, other), (other, one)):
        teaching, asked = read(teacher), read(asker)
        print(f"{teacher.stem} teaches, {asker.stem} asks ({len(asked)} comments)")
        for count in (0, 20, 100, len(teaching)):
            print_scores(f"  {count} decisions", lesson(teaching[:count]), asked)
        print_draws(teaching, asked)
    print_costs(lesson(read(one)), read(other))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main()
