"""The quickstart's task: orders in free text, and the record that is wanted of each. Held-out rows are combinations that no training row has.

    python task.py OUT
"""
import json
import random
import sys
from pathlib import Path

SEED, TRAINING, HELD_OUT = 7, 2000, 64

NAMES = ("Anna Ben Clara David Emma Frank Grace Henry Ivy Jack Kate Liam Mary Noah Olive Paul Rose Sam Tara Victor Wendy Adam Bella Carl Diana Eric "
         "Fiona George Helen Ian Julia Kevin Laura Mark Nina Oscar Peter Ruth Simon Vera").split()
ITEMS = "chair table lamp clock mirror carpet sofa desk shelf bench vase kettle bowl plate spoon blanket pillow basket candle ladder".split()
COLOURS = "red blue green white black yellow brown grey pink purple".split()
COUNTS = range(2, 10)
TEXTS = (
    "{name} would like {count} {colour} {item}s.",
    "Please send {count} {colour} {item}s to {name}.",
    "This is {name}. I need {count} {colour} {item}s by Friday.",
    "{count} {colour} {item}s for {name}, to be delivered next week.",
    "Hello, my name is {name}. Can I have {count} {colour} {item}s?",
    "We have an order: {name} wants {count} {colour} {item}s at once.",
    "There is a customer called {name} who asks for {count} {colour} {item}s.",
    "{name} called this morning and asked for {count} {colour} {item}s.",
)


def row(rng):
    record = {"name": rng.choice(NAMES), "count": rng.choice(COUNTS), "colour": rng.choice(COLOURS), "item": rng.choice(ITEMS)}
    text = rng.choice(TEXTS).format(**record)
    return {"prompt": text + "\n", "completion": json.dumps(record, separators=(",", ":"))}


def main(out: Path) -> None:
    rng = random.Random(SEED)
    records = {}
    while len(records) < TRAINING + HELD_OUT:
        made = row(rng)
        records.setdefault(made["completion"], made)
    rows = list(records.values())
    for name, part in (("train.jsonl", rows[:TRAINING]), ("held_out.jsonl", rows[TRAINING:])):
        (out / name).write_text("".join(json.dumps(made, separators=(",", ":")) + "\n" for made in part))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
