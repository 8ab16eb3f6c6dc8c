"""Tokenizer, training rows and a randomly initialised checkpoint; see README.md.

    python prepare.py TEXTS OUT
"""
import json
import random
import re
import sys
from pathlib import Path

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

SEED, VOCABULARY, ROWS, LONGEST = 20261124, 1536, 60_000, 112
END = "<|end|>"


def passages(folder: Path):
    for file in sorted(folder.rglob("*.txt")):
        for part in re.split(r"\n\s*\n", file.read_text(encoding="utf-8").replace("\r", "")):
            part = re.sub(r"\s+", " ", part).strip()
            if len(part) > 60:
                yield part


def tokenizer(texts):
    made = Tokenizer(models.BPE())
    # A space is a token of its own, so that a word is the same token in a sentence and between quotation marks.
    words = pre_tokenizers.Split(Regex(r"[A-Za-z]+|[0-9]|[^A-Za-z0-9]"), "isolated")
    made.pre_tokenizer = pre_tokenizers.Sequence([words, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    made.decoder = decoders.ByteLevel()
    made.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=[END], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    return made


def row(words, rng):
    """A passage, and four times out of five which word follows which in it."""
    count = rng.randrange(8, 22)
    start = rng.randrange(len(words) - 60)
    if rng.random() < 0.2:
        return " ".join(words[start:start + 40])
    passage = words[start:start + count]
    bare = [re.sub(r"^[^A-Za-z0-9]+|[^A-Za-z0-9]+$", "", word) for word in passage]
    follows = {a: b for a, b in zip(bare, bare[1:]) if a and b and bare.count(a) == 1}
    keys = rng.sample(sorted(follows), min(5, len(follows)))
    return " ".join(passage) + "\n" + json.dumps({key: follows[key] for key in keys}, separators=(",", ":"))


def main(texts: Path, out: Path) -> None:
    rng = random.Random(SEED)
    found = list(passages(texts))
    made = tokenizer(found)
    rng.shuffle(found)
    words = " ".join(found).split(" ")
    end = made.token_to_id(END)
    with (out / "rows.jsonl").open("w") as file:
        for _ in range(ROWS):
            ids = made.encode(row(words, rng)).ids[:LONGEST] + [end]
            file.write(json.dumps({"input_ids": ids, "labels": ids}, separators=(",", ":")) + "\n")
    torch.manual_seed(SEED)
    config = LlamaConfig(
        vocab_size=VOCABULARY, hidden_size=128, intermediate_size=352, num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=2,
        max_position_embeddings=512, tie_word_embeddings=True, rms_norm_eps=1e-5, bos_token_id=None, eos_token_id=end, pad_token_id=end)
    LlamaForCausalLM(config).save_pretrained(out / "start")
    PreTrainedTokenizerFast(tokenizer_object=made, eos_token=END, pad_token=END).save_pretrained(out / "start")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
