"""Makes the rows of the entities example: train.jsonl and test.jsonl of short news, word by word, with who, where, which company and when.

    python tools/entities_data.py peft-examples/src/main/resources/entities

Every sentence is one of the patterns below with names put into its places, drawn by a fixed seed; no sentence is taken from anywhere, and names are made
up of parts. The last patterns, and the last names of each list, are used for the held-out rows alone. Tags are IOB2: B- begins what is meant, I- goes on.
"""

import json
import pathlib
import random
import re
import sys

ROWS = {"train": 400, "test": 120}
HELD_OUT_PATTERNS = 6
HELD_OUT_NAMES = 4  # the last of each list

FIRST = "Anna Ravi Mei Tomas Leila Kofi Ingrid Pablo Noor Sven Chiara Emeka Hana Luka Aisha Joao Greta Yusuf Maren Otis".split()
LAST = "Lund Okafor Tanaka Moreau Haddad Silva Novak Berg Castillo Mensah Rossi Farouk Weiss Dlamini Kaur Olsen Pereira Sato Vance Zeman".split()
PLACES = (
    "Oslo; Lisbon; Nairobi; Kyoto; Quito; Leeds; Tunis; Perth; Graz; New Haven; San Marino; Cape Verde; Novi Sad; Lake Tahoe; Ghent; Porto Alegre;"
    " Tartu; Hue; La Paz; Split"
).split("; ")
COMPANIES = (
    "Northwind Air; Blue Harbor; Kestrel; Summit Foods; Halcyon Energy; Redwood & Sons; Orbital; Fairmont Steel; Lumen; Polar Lines; Quill Books;"
    " Terra Nova Mining; Vega; Copperfield Bank; Minto; Aster Labs"
).split("; ")
DAYS = (
    "Monday; Tuesday; 3 May; last Friday; 12 June 2019; the end of March; Thursday evening; August; 1 January; next week; 20 November; early 2021;"
    " Sunday; the summer of 1998; 7 July; Wednesday"
).split("; ")

PATTERNS = [
    "{PER} moved from {LOC} to {LOC} on {DATE} .",
    "{ORG} opens a new office in {LOC} .",
    "{PER} was named head of {ORG} on {DATE} .",
    "The mayor of {LOC} , {PER} , met {PER} on {DATE} .",
    "Shares of {ORG} fell after {PER} resigned .",
    "{ORG} and {ORG} agreed to merge by {DATE} .",
    "On {DATE} {PER} will speak in {LOC} about {ORG} .",
    "A fire in {LOC} closed a plant of {ORG} until {DATE} .",
    "{PER} , who founded {ORG} , lives near {LOC} .",
    "Nobody from {ORG} could be reached in {LOC} .",
    "The train to {LOC} was late again .",
    "It rained in {LOC} until {DATE} .",
    "Prices rose by four percent , said {PER} of {ORG} .",
    "Since {DATE} no ship of {ORG} has left {LOC} .",
    "{PER} and {PER} won the race in {LOC} .",
    "The strike at {ORG} ended on {DATE} .",
    "{LOC} honoured the painter {PER} with a museum .",
    "Workers of {ORG} in {LOC} asked {PER} for an answer by {DATE} .",
    "Born in {LOC} , {PER} joined {ORG} on {DATE} .",
    "The court in {LOC} fined {ORG} , and {PER} appealed .",
    "Two flights of {ORG} to {LOC} were cancelled on {DATE} .",
    "{PER} left for {LOC} without a word .",
    "Nothing has been heard from {ORG} since {DATE} .",
    "According to {PER} , the bridge near {LOC} reopens on {DATE} .",
]


def name(chance: random.Random, kind: str, part: str) -> str:
    def of(names: list[str]) -> str:
        own = names[-HELD_OUT_NAMES:] if part == "test" else names[:-HELD_OUT_NAMES]
        return chance.choice(own)

    if kind == "PER":
        return of(LAST) if chance.random() < 0.25 else f"{of(FIRST)} {of(LAST)}"
    return of({"LOC": PLACES, "ORG": COMPANIES, "DATE": DAYS}[kind])


def row(chance: random.Random, pattern: str, part: str) -> dict:
    tokens, tags = [], []
    for word in pattern.split():
        place = re.fullmatch(r"{(\w+)}", word)
        words = name(chance, place[1], part).split() if place else [word]
        tokens += words
        tags += [f"{'B' if i == 0 else 'I'}-{place[1]}" for i in range(len(words))] if place else ["O"]
    return {"tokens": tokens, "tags": tags}


def main(target: str) -> None:
    chance = random.Random(0)
    folder = pathlib.Path(target)
    folder.mkdir(parents=True, exist_ok=True)
    parts = {"train": PATTERNS[:-HELD_OUT_PATTERNS], "test": PATTERNS[-HELD_OUT_PATTERNS:]}
    for part, patterns in parts.items():
        rows = [row(chance, patterns[i % len(patterns)], part) for i in range(ROWS[part])]
        chance.shuffle(rows)
        (folder / f"{part}.jsonl").write_text("".join(json.dumps(each) + "\n" for each in rows))


if __name__ == "__main__":
    main(*sys.argv[1:])
