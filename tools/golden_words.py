#!/usr/bin/env python3
"""Writes what transformers makes of words that were split before, and of two texts: a fixture of peft-models' tests of package text.

Needs transformers 5.23.0 and tokenizers 0.23. The build does not need this script; run it only to renew the fixture:

    python tools/golden_words.py peft-models/src/test/resources/text

It reads the folders of tokenizers.jsonl and tokenizer_classes.jsonl there and writes words.jsonl: the cases, and for each folder the ids and the number
of each id's word (-1 for none), the ids and types of both texts, whole and cut (by case, side and length), and whether types are an input of models of this class.
"""

import json
import pathlib
import sys
import tempfile

import tokenizers
import transformers
from transformers import AutoTokenizer

WORDS = [
    ["Hello", "world"], ["naïve", "tokenizer", ",", "2024"], ["a"], ["It's", "😀", "\u200b", "fox"], ["New York", "", "jumps"], ["[MASK]", "<s>", "</s>"], ["▁the", " lazy", "dog "],
]  # fmt: skip
PAIRS = [["Hello world", "the dog"], ["a\u0000b", "\u0000"], ["a", " b"], ["naïve 😀", "2024"], ["x", "\n"]]
CUT = [["Hello world, the fox", ""], ["one two three four", "six seven eight"], ["x", "Hello [MASK] the lazy dog"]]
MOST = [6, 9]


def expected(folder):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    words, pairs = [], []
    for case in WORDS:
        made = tokenizer(case, is_split_into_words=True)
        words.append([made["input_ids"], [-1 if word is None else word for word in made.word_ids()]])
    for first, second in PAIRS:
        made = tokenizer(first, second, return_token_type_ids=True)
        pairs.append([made["input_ids"], made["token_type_ids"]])
    types = "token_type_ids" in tokenizer.model_input_names
    cut = []
    for first, second in CUT:
        for side in ("right", "left"):
            tokenizer.truncation_side = side
            for most in MOST:
                made = tokenizer(first, second or None, truncation=True, max_length=most, return_token_type_ids=True)
                cut.append([made["input_ids"], *([made["token_type_ids"]] if types else [])])
    return {"words": words, "pairs": pairs, "cut": cut, "types": types}


def main(resources):
    lines = [{"metadata": {"transformers": transformers.__version__, "tokenizers": tokenizers.__version__}, "words": WORDS, "pairs": PAIRS, "cut": CUT, "most": MOST}, {}]
    for file in ("tokenizers.jsonl", "tokenizer_classes.jsonl"):
        _, stored, folders = (json.loads(line) for line in (resources / file).read_text(encoding="utf-8").splitlines())
        for name, entry in folders.items():
            with tempfile.TemporaryDirectory() as work:
                for written, content in {**entry["files"], "tokenizer.json": stored[entry["tokenizer"]]}.items():
                    (pathlib.Path(work) / written).write_text(json.dumps(content), encoding="utf-8")
                lines[1][name] = expected(work)
    text = "\n".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) for line in lines)
    (resources / "words.jsonl").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
