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
CITIES = "London Paris Rome Berlin Vienna Madrid Boston Chicago Denver Dublin Oslo Athens Lisbon Prague Geneva Cairo Tokyo Sydney Toronto Dallas".split()
ITEMS = "chair table lamp clock mirror carpet sofa desk shelf bench vase kettle bowl plate spoon blanket pillow basket candle ladder".split()
COLOURS = "red blue green white black yellow brown grey pink purple".split()
COUNTS = range(2, 10)
TEXTS = (
    "{name} from {city} would like {count} {colour} {item}s.",
    "Please send {count} {colour} {item}s to {name} in {city}.",
    "This is {name}. I need {count} {item}s, all of them {colour}, here in {city}.",
    "{count} {colour} {item}s for {name}, to be delivered in {city}.",
    "Hello, my name is {name} and I live in {city}. Can I have {count} {colour} {item}s?",
    "We have an order from {city}: {name} wants {count} {item}s in {colour}.",
    "In {city} there is a customer called {name} who asks for {count} {colour} {item}s.",
    "{name} called this morning. The {count} {item}s must be {colour}, and they go to {city}.",
)


def row(rng):
    record = {"name": rng.choice(NAMES), "count": rng.choice(COUNTS), "colour": rng.choice(COLOURS), "item": rng.choice(ITEMS), "city": rng.choice(CITIES)}
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
