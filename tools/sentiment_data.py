"""Makes the rows of the sentiment example: train.jsonl, dev.jsonl and test.jsonl of short sentences from reviews of films.

    python tools/sentiment_data.py vaderSentiment-3.2.1.tar.gz peft-examples/src/main/resources/sentiment

The first argument is the source distribution of the PyPI package vaderSentiment 3.2.1 (`pip download --no-deps --no-binary :all: vaderSentiment==3.2.1`),
whose additional_resources hold the data of

    C.J. Hutto and Eric Gilbert, VADER: A Parsimonious Rule-based Model for Sentiment Analysis of Social Media Text, ICWSM 2014

under the MIT licence, which is written beside the rows: 10,605 sentences of the reviews that Pang and Lee collected (2004), each with the mean of at least
twenty people's ratings from -4 to 4. Taken are those that people agree on, with a mean of 1 or more from 0 on either side; a sentence that is there twice
is taken once. They are shuffled by a fixed seed and cut once, each part with as many of one label as of the other.
"""

import hashlib
import io
import json
import pathlib
import random
import sys
import tarfile

SHA256 = "5dce530a78315563f8b3cd01033bbdd3bf4985fabf359ca68d4167728081c803"
CLEAR = 1.0
PARTS = {"train": 1200, "dev": 200, "test": 400}  # of each label


def inner(archive: tarfile.TarFile, end: str) -> bytes:
    [name] = [name for name in archive.getnames() if name.endswith(end)]
    return archive.extractfile(name).read()


def main(source: str, target: str) -> None:
    data = pathlib.Path(source).read_bytes()
    if hashlib.sha256(data).hexdigest() != SHA256:
        sys.exit(f"{source} is not vaderSentiment 3.2.1's source distribution, whose SHA-256 is {SHA256}")
    with tarfile.open(fileobj=io.BytesIO(data)) as package:
        licence = inner(package, "LICENSE.txt").decode().replace("\r\n", "\n").rstrip() + "\n"
        with tarfile.open(fileobj=io.BytesIO(inner(package, "hutto_ICWSM_2014.tar.gz"))) as resources:
            lines = inner(resources, "movieReviewSnippets_GroundTruth.txt").decode().splitlines()
    rows = {"negative": [], "positive": []}
    seen = set()
    for line in lines:
        _, rating, text = line.split("\t")
        text = " ".join(text.replace("''", '"').split())
        if text.lower() not in seen and abs(float(rating)) >= CLEAR:
            rows["positive" if float(rating) > 0 else "negative"].append(text)
        seen.add(text.lower())
    chance = random.Random(0)
    for texts in rows.values():
        chance.shuffle(texts)
    folder = pathlib.Path(target)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "LICENSE.txt").write_text(licence)
    start = 0
    for part, count in PARTS.items():
        taken = [{"text": text, "label": label} for label, texts in rows.items() for text in texts[start : start + count]]
        start += count
        chance.shuffle(taken)
        (folder / f"{part}.jsonl").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in taken))


if __name__ == "__main__":
    main(*sys.argv[1:])
