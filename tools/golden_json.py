#!/usr/bin/env python3
"""Writes the fixtures of peft-models' tests of JSON with Python's own json module.

Needs Python 3.11 alone. The build does not need this script; run it only to renew the fixtures:

    python tools/golden_json.py peft-models/src/test/resources/golden/json

writer.txt holds digests of what Python writes for numbers, texts and maps that both sides draw from the same generator, one digest for each
hundred. reader.jsonl holds texts, most of them damaged in one or two places, each with what Python makes of it: its value, written again,
or null where Python refuses it.
"""

import hashlib
import json
import pathlib
import random
import struct
import sys

MASK = (1 << 64) - 1
BLOCK = 100
CASES = 800


class Draws:
    """SplitMix64, which the tests have too."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def number(self, kind):
        """Any double; one of few digits; a power of two and its neighbours; a quotient of whole numbers; a float32."""
        bits = self.next()
        if kind == 0:
            return struct.unpack("<d", struct.pack("<Q", bits))[0]
        if kind == 1:
            return float(bits % 1000) / 10.0 ** (bits // 1000 % 23)
        if kind == 2:
            exponent = bits % 2046
            return struct.unpack("<d", struct.pack("<Q", (exponent << 52) + bits // 2046 % 3))[0]
        if kind == 3:
            return float(bits % 100003) / float(1 + bits // 100003 % 997)
        return struct.unpack("<f", struct.pack("<I", bits & 0xFFFFFFFF))[0]

    def text(self):
        limits = [0x80, 0x20, 0x100, 0x3000, 0x10000, 0x110000]
        length = self.next() % 12
        return "".join(chr(self.next() % limits[self.next() % len(limits)]) for _ in range(length))


def surrogates_joined(text):
    """Java cannot tell two lone surrogates that happen to pair up from the character they stand for."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def digest(lines):
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def written(folder):
    out = []
    for block in range(100):
        draws = Draws(block)
        lines = []
        while len(lines) < BLOCK:
            value = draws.number(block % 5)
            if value == value and abs(value) != float("inf"):
                lines.append(json.dumps(value))
        out.append(digest(lines))
    for block in range(20):
        draws = Draws(1000 + block)
        out.append(digest([json.dumps(surrogates_joined(draws.text())) for _ in range(BLOCK)]))
    for block in range(20):
        draws = Draws(2000 + block)
        value = {surrogates_joined(draws.text()): [draws.next() >> 1, {}, [], None, True, draws.number(3)] for _ in range(20)}
        out.append(digest([json.dumps(value, indent=2, sort_keys=True)]))
    (folder / "writer.txt").write_text("\n".join(out) + "\n")


TEXTS = [
    '{"r": 8, "lora_alpha": 32.5, "target_modules": ["q_proj", "v_proj"], "bias": "none", "x": null}',
    '[1, -2, 3.5, 1e-05, -0, -0.0, 1E+2, 123456789012345678901234567890, 9223372036854775807, 2147483648]',
    '{"a": NaN, "b": Infinity, "c": -Infinity, "d": true, "e": false}',
    '"caf\\u00e9 \\ud83d\\ude00 \\ud800 \\" \\\\ \\/ \\b\\f\\n\\r\\t \u00e9\u4e2d\U0001f600\u2028"',
    '{"a": 1, "b": {"a": 2, "a": [3, {}]}, "a": [[], {}, [[]]]}',
    ' \t\r\n{ "k" : [ 1 , 2 ] ,\n"l":"" } \n',
    "1e999", "-1e999", "5e-324", "1e-400", '""', "[]", "{}", "0", "-1", "true", "null", "NaN",
]
PIECES = list('{}[]:,"\\\'0123456789.-+eE \n\t\r\x00\x1f\x7funtfNIa/#\u00e9\ufeff') + ["null", "True", "NaN", "-", "\\u12", "\\ud83d", "\\ude00", "00", ".5", "//", "[[", ',"a":'] # fmt: skip


def damaged(random):
    text = random.choice(TEXTS)
    for _ in range(random.choice([0, 1, 1, 1, 2, 3])):
        at = random.randrange(len(text) + 1)
        to = min(len(text), at + random.choice([0, 0, 1, 1, 2, 5]))
        text = text[:at] + random.choice(PIECES + [""] * 10) + text[to:]
    return text


def read(text):
    try:
        return json.dumps(json.loads(text))
    except json.JSONDecodeError:
        return None


def texts(folder):
    draw = random.Random(7)
    cases = dict.fromkeys(TEXTS)
    while len(cases) < CASES:
        text = damaged(draw)
        # A byte order mark at the beginning is refused by json.loads and skipped by those who read files with utf-8-sig, as we do.
        if not text.startswith("\ufeff"):
            cases[text] = None
    with open(folder / "reader.jsonl", "w") as out:
        for text in cases:
            out.write(json.dumps([text, read(text)]) + "\n")


if __name__ == "__main__":
    target = pathlib.Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    written(target)
    texts(target)
