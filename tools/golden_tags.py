#!/usr/bin/env python3
"""Writes tags of words aligned with tokens: a fixture of peft-training's tests of package data.

Needs transformers 5.23.0 and tokenizers 0.23. The build does not need this script; run it only to renew the fixture:

    python tools/golden_tags.py peft-training/src/test/resources/golden/tags.json

The tokenizer is transformers', the alignment that of its examples/pytorch/token-classification/run_ner.py, of which the function is repeated here.
"""

import json
import pathlib
import sys
import tempfile

import tokenizers
import transformers
from tokenizers import Tokenizer, models
from transformers import AutoTokenizer

VOCABULARY = "[PAD] [UNK] [CLS] [SEP] [MASK] an ##gel ##a mer ##kel vis ##it ##ed new york . ##s ##or ##k york's ' 20 ##24 , europe ##an uni ##on".split()
LABELS = ["B-LOC", "B-MISC", "B-ORG", "B-PER", "I-LOC", "I-ORG", "I-PER", "O"]
ROWS = [
    {"tokens": ["Angela", "Merkel", "visited", "New", "York", "."], "tags": ["B-PER", "I-PER", "O", "B-LOC", "I-LOC", "O"]},
    {"tokens": ["European", "Union", "2024", ","], "tags": ["B-ORG", "I-ORG", "O", "O"]},
    {"tokens": ["york's", "\u200b", "angels", "unknown"], "tags": ["B-MISC", "B-PER", "B-MISC", "O"]},
    {"tokens": ["Merkel"], "tags": ["B-PER"]},
]  # fmt: skip
MOST = 6


def align(tokenizer, row, label_all_tokens, **cut):
    label_to_id = {label: i for i, label in enumerate(LABELS)}
    b_to_i_label = []
    for idx, label in enumerate(LABELS):
        if label.startswith("B-") and label.replace("B-", "I-") in LABELS:
            b_to_i_label.append(LABELS.index(label.replace("B-", "I-")))
        else:
            b_to_i_label.append(idx)
    tokenized = tokenizer(row["tokens"], is_split_into_words=True, **cut)
    previous_word_idx = None
    label_ids = []
    for word_idx in tokenized.word_ids():
        if word_idx is None:
            label_ids.append(-100)
        elif word_idx != previous_word_idx:
            label_ids.append(label_to_id[row["tags"][word_idx]])
        elif label_all_tokens:
            label_ids.append(b_to_i_label[label_to_id[row["tags"][word_idx]]])
        else:
            label_ids.append(-100)
        previous_word_idx = word_idx
    return tokenized["input_ids"], label_ids


def main(target):
    tokenizer = Tokenizer(models.WordPiece({token: i for i, token in enumerate(VOCABULARY)}, unk_token="[UNK]"))
    files = {"tokenizer.json": json.loads(tokenizer.to_str()), "tokenizer_config.json": {"tokenizer_class": "BertTokenizer"}}
    with tempfile.TemporaryDirectory() as work:
        for name, content in files.items():
            (pathlib.Path(work) / name).write_text(json.dumps(content), encoding="utf-8")
        loaded = AutoTokenizer.from_pretrained(work)
        cases = []
        for row in ROWS:
            ids, first = align(loaded, row, False)
            case = {"row": row, "ids": ids, "first": first, "all": align(loaded, row, True)[1]}
            for side in ("right", "left"):
                loaded.truncation_side = side
                cut, labels = align(loaded, row, False, truncation=True, max_length=MOST)
                case[side] = {"ids": cut, "labels": labels}
            cases.append(case)
    versions = {"transformers": transformers.__version__, "tokenizers": tokenizers.__version__}
    target.write_text(json.dumps({"metadata": versions, "files": files, "labels": LABELS, "most": MOST, "cases": cases}, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
