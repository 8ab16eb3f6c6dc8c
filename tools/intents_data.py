"""Makes the rows of the intents example: train.jsonl and test.jsonl of what people say to a voice assistant, and which of eight things they want.

    python tools/intents_data.py peft-examples/src/main/resources/intents

Every sentence is one of the patterns below with words put into its places, drawn by a fixed seed; no sentence is taken from anywhere. The last three
patterns of each intent are used for the held-out rows alone, so that these are said in ways that training has not seen.
"""

import itertools
import json
import pathlib
import random
import re
import sys

HELD_OUT_PATTERNS = 3
FROM_A_PATTERN = 12
ROWS = {"train": 60, "test": 20}  # of each intent

WORDS = {
    "time": ["six", "half past seven", "8:15", "noon", "a quarter to ten", "5 pm", "midnight", "nine thirty"],
    "day": ["today", "tomorrow", "on Monday", "this weekend", "on Friday night", "next Tuesday", "in the morning"],
    "city": ["Oslo", "Lisbon", "Nairobi", "Kyoto", "Quito", "Leeds", "Tunis", "Perth", "Graz"],
    "music": ["some jazz", "my running playlist", "the new album by Nina", "a song from the eighties", "piano music", "the Beatles", "something calm"],
    "room": ["kitchen", "hall", "bedroom", "garage", "living room", "bathroom", "attic"],
    "person": ["Anna", "my sister", "Doctor Lund", "the office", "Mister Okafor", "grandma", "Ravi"],
    "message": ["I am late", "dinner is ready", "the train is cancelled", "happy birthday", "call me back", "I found the keys"],
    "thing": ["milk", "two light bulbs", "bread and butter", "a bag of rice", "tomatoes", "dog food", "batteries"],
    "food": ["pancakes", "a mushroom risotto", "lentil soup", "an apple pie", "fried rice", "fish tacos"],
    "minutes": ["five", "ten", "twenty", "forty-five", "three", "ninety"],
}

PATTERNS = {
    "alarm": [
        "wake me up at {time}",
        "set an alarm for {time} {day}",
        "I need to get up at {time} {day}",
        "please set my alarm to {time}",
        "alarm at {time}",
        "can you wake me {day} at {time}",
        "make sure I am out of bed by {time}",
        "ring the bell at {time} so that I do not oversleep",
        "I must not sleep past {time} {day}",
    ],
    "timer": [
        "start a timer for {minutes} minutes",
        "count down {minutes} minutes",
        "tell me when {minutes} minutes are over",
        "set a timer, {minutes} minutes",
        "{minutes} minute timer please",
        "give me {minutes} minutes on the clock",
        "let me know in {minutes} minutes",
        "begin a countdown of {minutes} minutes",
        "beep after {minutes} minutes, the eggs are on",
    ],
    "weather": [
        "what is the weather like in {city} {day}",
        "will it rain in {city} {day}",
        "how cold does it get {day}",
        "is it sunny in {city}",
        "weather forecast for {city}",
        "how warm is it in {city} now",
        "do I need an umbrella {day}",
        "any snow expected in {city} {day}",
        "should I wear a coat in {city} {day}",
    ],
    "music": [
        "play {music}",
        "I want to listen to {music}",
        "put on {music} in the {room}",
        "start {music} please",
        "can you play {music}",
        "let us hear {music}",
        "turn up {music}",
        "I feel like dancing, how about {music}",
        "shuffle {music} for the party",
    ],
    "lights": [
        "turn on the lights in the {room}",
        "switch off the {room} light",
        "make it brighter in the {room}",
        "dim the lamps in the {room}",
        "lights out in the {room}",
        "please turn the {room} lights down",
        "it is too dark in the {room}",
        "I cannot see a thing in the {room}",
        "somebody left the lamp burning in the {room}",
    ],
    "message": [
        "text {person} that {message}",
        "send a message to {person} saying {message}",
        "tell {person} {message}",
        "write to {person}: {message}",
        "message {person} that {message}",
        "let {person} know that {message}",
        "drop {person} a line, {message}",
        "could you pass on to {person} that {message}",
        "answer {person} with {message}",
    ],
    "shopping": [
        "add {thing} to my shopping list",
        "put {thing} on the list",
        "we need {thing}",
        "I have to buy {thing} {day}",
        "shopping list: {thing}",
        "remember to get {thing}",
        "we are out of {thing}",
        "order {thing} from the store",
        "there is no more {thing} in the house",
    ],
    "recipe": [
        "how do I make {food}",
        "find me a recipe for {food}",
        "what goes into {food}",
        "I want to cook {food} {day}",
        "recipe for {food} please",
        "how long does {food} take in the oven",
        "show me how to prepare {food}",
        "teach me to cook {food}",
        "which spices belong in {food}",
    ],
}


def sentences(pattern: str) -> list[str]:
    places = re.findall(r"{(\w+)}", pattern)
    return [pattern.format(**dict(zip(places, words))) for words in itertools.product(*(WORDS[place] for place in places))]


def some(chance: random.Random, texts: list[str], most: int) -> list[str]:
    return chance.sample(texts, min(len(texts), most))


def main(target: str) -> None:
    chance = random.Random(0)
    rows = {part: [] for part in ROWS}
    for intent, patterns in PATTERNS.items():
        parts = {"train": patterns[:-HELD_OUT_PATTERNS], "test": patterns[-HELD_OUT_PATTERNS:]}
        for part, own in parts.items():
            drawn = [text for pattern in own for text in some(chance, sentences(pattern), FROM_A_PATTERN)]
            rows[part] += [{"text": text, "label": intent} for text in some(chance, drawn, ROWS[part])]
    folder = pathlib.Path(target)
    folder.mkdir(parents=True, exist_ok=True)
    for part, own in rows.items():
        chance.shuffle(own)
        (folder / f"{part}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in own))


if __name__ == "__main__":
    main(*sys.argv[1:])
