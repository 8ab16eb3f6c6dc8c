#!/usr/bin/env python3
"""Writes what transformers makes of tokens that are added to a tokenizer: a fixture of peft-models' tests of package text.

Needs transformers 5.23.0 and tokenizers 0.23. The build does not need this script; run it only to renew the fixture, after those that it reads:

    python tools/golden_added_tokens.py peft-models/src/test/resources/text

For each folder of tokenizers.jsonl and tokenizer_classes.jsonl in that folder: the ids of two tokens, added by add_tokens and as special tokens,
the number of tokens, and ids of texts that hold them.
"""

import json
import pathlib
import sys
import tempfile

import tokenizers
import transformers
from transformers import AutoTokenizer

PLAIN, SPECIAL = ["<tool>", "[call-1]"], ["<|tool_end|>"]
TEXTS = ["<tool>", "Hello<tool>[call-1] world <|tool_end|>", " <tool> the<|tool_end|>", "<Tool> </tool> [call-1][call-1]"]


def case(files):
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            (pathlib.Path(folder) / name).write_text(content if isinstance(content, str) else json.dumps(content))
        tokenizer = AutoTokenizer.from_pretrained(folder)
        tokenizer.add_tokens(PLAIN)
        tokenizer.add_tokens(SPECIAL, special_tokens=True)
        ids = [tokenizer(text)["input_ids"] for text in TEXTS]
        return {"added": tokenizer.convert_tokens_to_ids(PLAIN + SPECIAL), "size": len(tokenizer), "ids": ids}


def main(root):
    cases = {}
    for file in ("tokenizers.jsonl", "tokenizer_classes.jsonl"):
        _, kinds, folders = (json.loads(line) for line in (root / file).read_text().split("\n")[:3])
        for name, folder in folders.items():
            cases[name] = case({"tokenizer.json": kinds[folder["tokenizer"]], **folder["files"]})
    head = {"transformers": transformers.__version__, "tokenizers": tokenizers.__version__}
    given = {"metadata": head, "plain": PLAIN, "special": SPECIAL, "texts": TEXTS}
    lines = [json.dumps(given), json.dumps(cases, separators=(",", ":"))]
    (root / "added_tokens.jsonl").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
