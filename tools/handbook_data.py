"""Makes the rows of the embeddings example: train.jsonl and test.jsonl of questions about things at home, and the titles of the entries that answer.

    python tools/handbook_data.py peft-examples/src/main/resources/handbook

Every question is one of the patterns below with a thing put into it, drawn by a fixed seed; nothing is taken from anywhere. People ask in everyday words,
the handbook answers in its own. The last two patterns of each entry, and the last things of the list, are used for the held-out rows alone: neither a
question nor a title of these is seen in training, only how this handbook calls what people mean.
"""

import json
import pathlib
import random
import sys

HELD_OUT_PATTERNS = 2
HELD_OUT_THINGS = 5

THINGS = (
    "dishwasher; kettle; vacuum cleaner; printer; headphones; router; hair dryer; electric bike; sewing machine; lawn mower; television; doorbell;"
    " coffee machine; tumble dryer; air conditioner; toaster; projector"
).split("; ")

ENTRIES = {
    "restoring the supply of mains voltage": [
        "my {} won't turn on",
        "nothing happens when I press the button of the {}",
        "the {} is dead",
        "I plugged the {} in and it stays dark",
        "the {} does not start any more",
        "no sign of life from my {}",
        "why doesn't the {} come on",
    ],
    "acoustic emission and its damping": [
        "my {} is too loud",
        "the {} makes a terrible noise",
        "how do I make the {} quieter",
        "the {} hums all night",
        "my neighbours complain when I use the {}",
        "the {} rattles and squeaks",
        "can hardly hear myself speak over the {}",
    ],
    "terms of revocation and reimbursement": [
        "how do I get my money back for the {}",
        "I want to return the {}",
        "can I send the {} back",
        "I don't like the {}, what now",
        "refund for a {}",
        "I changed my mind about the {}",
        "how many days do I have to give back the {}",
    ],
    "thermal dissipation": [
        "the {} gets really hot",
        "is it normal that the {} burns my fingers",
        "the {} overheats",
        "the {} switches itself off when it gets warm",
        "how do I cool down the {}",
        "you could fry an egg on my {}",
        "steam and heat come out of the {}",
    ],
    "sanitation and upkeep of surfaces": [
        "how do I clean the {}",
        "the {} is filthy",
        "what removes stains from the {}",
        "can I wipe the {} with vinegar",
        "there is mould on the {}",
        "my {} smells bad",
        "get the dust out of the {}",
    ],
    "wireless interoperability": [
        "does the {} hook up to my phone",
        "pair the {} with a mobile",
        "control the {} by an app",
        "the {} is not found by bluetooth",
        "connect the {} to my network",
        "can I run the {} from my tablet",
        "my iPhone doesn't see the {}",
    ],
    "physical dimensions and mass": [
        "how heavy is the {}",
        "size of the {}",
        "will the {} fit under my desk",
        "how tall is the {}",
        "can one person carry the {}",
        "is there room for the {} in a narrow cupboard",
        "what does the {} weigh",
    ],
    "statutory conformity obligations of the vendor": [
        "the {} broke after a month, who pays",
        "is my {} still covered",
        "how long is the guarantee of the {}",
        "do I get a new {} for the broken one",
        "free repair of the {}",
        "my {} fell apart, is that your problem or mine",
        "I bought the {} a year ago and it stopped working",
    ],
    "annual energy consumption": [
        "what does the {} cost to run",
        "does the {} eat a lot of electricity",
        "how many watts does the {} need",
        "the {} and my power bill",
        "is the {} expensive when it is on all day",
        "does it save money to unplug the {}",
        "how green is the {}",
    ],
    "end of life and material recovery": [
        "where do I throw away the old {}",
        "get rid of my {}",
        "can the {} go in the bin",
        "how do I recycle the {}",
        "who takes back a {} that I don't need any more",
        "scrapping a {}",
        "may I leave the {} on the pavement for the garbage truck",
    ],
    "minimum age and hazard notices": [
        "my kid wants to use the {}",
        "is the {} safe for children",
        "toddlers and the {}",
        "my daughter is eight, may she switch on the {}",
        "can a baby get hurt by the {}",
        "is there a child lock on the {}",
        "from how many years on can my son work the {}",
    ],
    "procurement of components": [
        "where do I buy a new lid for the {}",
        "I lost a screw of the {}",
        "order a filter for the {}",
        "the cable of my {} is torn, where do I get another",
        "do you sell parts of the {}",
        "I need a replacement knob for my {}",
        "something snapped off the {} and I want that piece again",
    ],
    "commissioning": [
        "I just unpacked the {}, what do I do first",
        "set up the {}",
        "how do I put the {} together",
        "first steps with the {}",
        "install the {}",
        "my new {} came in a box, how do I begin",
        "using the {} for the very first time",
    ],
    "diagnostic codes": [
        "the {} shows E4",
        "what does the red light on the {} mean",
        "a number blinks on the {}",
        "the {} beeps three times",
        "there is a warning triangle on the {}",
        "why does my {} flash",
        "strange letters on the display of the {}",
    ],
    "firmware revision": [
        "how do I update the {}",
        "newest software for the {}",
        "is there a new version for my {}",
        "the {} asks me to upgrade",
        "download the latest release for the {}",
        "my {} is out of date",
        "did the last patch break the {}",
    ],
    "moisture ingress": [
        "I spilled juice on the {}",
        "can the {} get wet",
        "the {} stood in the rain",
        "is the {} waterproof",
        "water got into my {}",
        "may I use the {} in the bath",
        "I dropped the {} into a puddle",
    ],
}


def rows(chance: random.Random, things: list[str], patterns: slice, of_each: int) -> list[dict]:
    made = []
    for thing in things:
        for entry, asked in ENTRIES.items():
            for pattern in chance.sample(asked[patterns], of_each):
                made.append({"anchor": pattern.format(thing), "positive": f"{thing.capitalize()}: {entry}"})
    chance.shuffle(made)
    return made


def main(target: str) -> None:
    chance = random.Random(0)
    parts = {
        "train": rows(chance, THINGS[:-HELD_OUT_THINGS], slice(None, -HELD_OUT_PATTERNS), 1),
        "test": rows(chance, THINGS[-HELD_OUT_THINGS:], slice(-HELD_OUT_PATTERNS, None), HELD_OUT_PATTERNS),
    }
    folder = pathlib.Path(target)
    folder.mkdir(parents=True, exist_ok=True)
    for part, own in parts.items():
        (folder / f"{part}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in own))


if __name__ == "__main__":
    main(*sys.argv[1:])
