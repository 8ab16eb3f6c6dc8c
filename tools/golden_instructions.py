#!/usr/bin/env python3
"""Writes what the well-known tutorials of prompt tuning on Bloom make of instruction rows: the fixture of peft-training's InstructionRowsTest.

Needs transformers 5.23.0 and tokenizers 0.23. The build does not need this script; run it only to renew the fixture:

    python tools/golden_instructions.py peft-training/src/test/resources/golden/instructions.json

The tokenizer is a small one with the parts of Bloom's: byte-level pairs behind Bloom's expression, no token put before or behind a text. The rows' function is the
tutorials' own, to the letter.
"""

import json
import pathlib
import sys
import tempfile

import tokenizers
import transformers
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoTokenizer

MAX_LENGTH = 256
SPECIAL = ["<unk>", "<s>", "</s>", "<pad>"]

ROWS = [
    {"instruction": "以下是一道小学数学题:小明有三个苹果,又买了五个,一共有几个?", "input": "", "output": "小明一共有八个苹果。"},
    {"instruction": "保持健康的三个提示。", "input": "", "output": "以下是保持健康的三个提示:\n\n1. 保持身体活动。\n2. 均衡饮食。\n3. 睡眠充足。"},
    {"instruction": "把下面的句子翻译成英文", "input": "今天的天气很好。", "output": "The weather is very nice today."},
    {"instruction": "  blanks around  ", "input": "  and here  ", "output": "  stay in the output  "},
    {"instruction": "Name a colour.", "input": "\n", "output": "Blue"},
    {"instruction": "Say nothing", "input": "", "output": ""},
    {"instruction": "Which of these is a tag?", "input": "</s> <pad> <s>", "output": "</s> ends a text"},
    {"instruction": "写一首关于春天的诗", "input": "五言绝句", "output": "春眠不觉晓,处处闻啼鸟。夜来风雨声,花落知多少。" * 60},
    {"instruction": "总结这段文字", "input": "春眠不觉晓,处处闻啼鸟。" * 20, "output": "春天的早晨。" * 90},
    {"instruction": "数一数 0 1 2 3", "input": "10 100\t1000", "output": "四个\r\n数字"},
    {"instruction": "表情 😀", "input": "👩‍👩‍👧‍👦", "output": "一家人 ❤️"},
]


def tokenizer(folder):
    """With the parts of bloom-1b4-zh's tokenizer.json."""
    bloom = Regex(r" ?[^(\s|[.,!?…。，、।۔،])]+")
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(bloom, "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    trained.decoder = decoders.ByteLevel(add_prefix_space=True)
    trainer = trainers.BpeTrainer(
        vocab_size=420, special_tokens=SPECIAL, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    trained.train_from_iterator([text for row in ROWS for text in row.values()] + ["Human: ", "Assistant: "] * 9, trainer)
    trained.save(str(folder / "tokenizer.json"))
    told = {
        "tokenizer_class": "BloomTokenizerFast",
        "unk_token": "<unk>",
        "bos_token": "<s>",
        "eos_token": "</s>",
        "pad_token": "<pad>",
        "add_prefix_space": False,
        "padding_side": "left",
        "model_max_length": 1000000000000000019884624838656,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(told))
    return AutoTokenizer.from_pretrained(folder)


def process(example, tokenizer):
    instruction = tokenizer("\n".join(["Human: " + example["instruction"], example["input"]]).strip() + "\n\nAssistant: ")
    response = tokenizer(example["output"] + tokenizer.eos_token)
    input_ids = instruction["input_ids"] + response["input_ids"]
    labels = [-100] * len(instruction["input_ids"]) + response["input_ids"]
    return {"input_ids": input_ids[:MAX_LENGTH], "labels": labels[:MAX_LENGTH]}


def main(output):
    with tempfile.TemporaryDirectory() as work:
        folder = pathlib.Path(work)
        used = tokenizer(folder)
        fixture = {
            "versions": {"transformers": transformers.__version__, "tokenizers": tokenizers.__version__},
            "files": {name: json.loads((folder / name).read_text()) for name in ("tokenizer.json", "tokenizer_config.json")},
            "vocabulary": len(used),
            "max_length": MAX_LENGTH,
            "rows": [{"row": row, **process(row, used)} for row in ROWS],
        }
    pathlib.Path(output).write_text(json.dumps(fixture, separators=(",", ":")) + "\n")
    for row in fixture["rows"]:
        print(len(row["input_ids"]), sum(label != -100 for label in row["labels"]), row["row"]["instruction"][:20])


if __name__ == "__main__":
    main(sys.argv[1])
