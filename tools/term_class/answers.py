"""Made-up written answers: short and long ones, some with a picture, some empty, some hostile."""

from __future__ import annotations

import base64
import random
import struct
import zlib
from functools import cache

__all__ = ["Answer", "make_answer"]

Answer = tuple[str, dict[str, dict[str, str]]]  # Markdown, and attachments as Jupyter stores them

SHARE_EMPTY, SHARE_HOSTILE, SHARE_ATTACHED, SHARE_INLINE = 0.08, 0.03, 0.05, 0.02
PICTURES = 12  # different ones
SUBJECTS = (
    "the first loss", "the gradient", "a small batch", "the learning rate", "the running mean",
    "my plot", "the bias", "the variance of the scores", "a dead unit", "the last layer",
    "the cache", "the validation error",
)  # fmt: skip
VERBS = (
    "grows with", "does not depend on", "shrinks with", "is noisy because of", "is hidden by",
    "follows from", "is about the same for", "gets worse without",
    "is twice as large as expected for",
)  # fmt: skip
OBJECTS = (
    "the depth of the network", "the size of the batch", "the scale of the weights",
    "the number of classes", "the order of the images", "one outlier", "the momentum",
    "the width of each layer", "$\\sqrt{D}$", "`axis=0`", "the mean of each row", "ln 10 ≈ 2.3",
)  # fmt: skip
ENDS = (
    "I measured it in the cell above.", "I am not sure about this.", "That is what the notes say.",
    "So it has to be divided by $N$.", "The table shows it.", "See the second row of the picture.",
    "With 100 classes it would be **larger**.", "My first try had the wrong sign.",
)  # fmt: skip
HOSTILE = (
    "<script>alert('full points')</script><style>* { display: none }</style>",
    "```python\nprint('this fence is never closed')",
    '=HYPERLINK("https://example.org/?" & A1, "see my answer")',
    "# Question 1\n\n# Answer of the next student\n\n---\n\n</details></table>",
    "![](https://example.org/seen.png) ![x](../../../../etc/hostname) ![y](file:///etc/hostname)",
    "right to left: \u202edrow siht\u202c, invisible: a\u200bb\ufeffc, tags: \U000e0041\U000e0042",
    "\x1b[2J\x1b[31mred\x1b[0m and a bell \x07",
    "| points | 2 |\n|---|---|\n| graded by | the teacher |",
    "word " * 1_500,
    "[" * 400 + "](" * 400,
)


def make_answer(rng: random.Random) -> Answer:
    """Return an answer; "" where the student has written nothing."""
    luck = rng.random()
    if luck < SHARE_EMPTY:
        return "", {}
    luck -= SHARE_EMPTY
    if luck < SHARE_HOSTILE:
        return rng.choice(HOSTILE), {}
    text = _write(rng)
    luck -= SHARE_HOSTILE
    if luck < SHARE_ATTACHED:
        picture = _draw(rng.randrange(PICTURES))
        return f"{text}\n\n![plot](attachment:plot.png)", {"plot.png": {"image/png": picture}}
    if luck < SHARE_ATTACHED + SHARE_INLINE:
        picture = _draw(rng.randrange(PICTURES))
        return f"![plot](data:image/png;base64,{picture})\n\n{text}", {}
    return text, {}


def _write(rng: random.Random) -> str:
    """Return one sentence or up to some thirty, in paragraphs or as a list."""
    count = min(30, 1 + int(rng.expovariate(0.3)))
    sentences = [_write_sentence(rng) for _ in range(count)]
    if count > 3 and rng.random() < 0.2:
        return "\n".join(f"- {sentence}" for sentence in sentences)
    paragraphs = [" ".join(sentences[i : i + 5]) for i in range(0, count, 5)]
    return "\n\n".join(paragraphs)


def _write_sentence(rng: random.Random) -> str:
    subject, verb, object = rng.choice(SUBJECTS), rng.choice(VERBS), rng.choice(OBJECTS)
    sentence = f"{subject[0].upper()}{subject[1:]} {verb} {object}."
    return f"{sentence} {rng.choice(ENDS)}" if rng.random() < 0.3 else sentence


@cache
def _draw(number: int) -> str:
    """Return a small picture, a curve of 48 by 24 pixels, as a PNG in base64."""
    width, height = 48, 24
    rows = []
    for y in range(height):
        row = bytearray(b"\xff" * width)
        for x in range(width):
            if abs(y - (height - 2) / (1 + x * (number + 1) / 40) + 1) < 1.5:
                row[x] = 20 * number
        rows.append(b"\0" + bytes(row))
    header = struct.pack(">2I5B", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b""))
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return base64.b64encode(png).decode()
