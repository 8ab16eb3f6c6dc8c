#!/usr/bin/env python3
"""Writes the fixtures of peft-models' generation tests: tiny random checkpoints, and what transformers generates from them.

Needs torch 2.7.1 and transformers 5.23.0. The build does not need this script; run it only to renew the fixtures:

    python tools/golden_generate.py peft-models/src/test/resources/generate
"""
import json
import pathlib
import sys

import torch
import transformers
from transformers.generation import logits_process as processors

PROMPTS = [[7], [3, 14, 15, 9, 2], [31, 41, 5, 9, 26, 5, 35, 8, 9, 7, 9]]
NEW_TOKENS = 24
LEAST_MARGIN = 1e-3

CONFIGS = {
    "llama": transformers.LlamaConfig(
        vocab_size=48, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=64, tie_word_embeddings=False,
    ),
    "mistral": transformers.MistralConfig(
        vocab_size=48, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=1, max_position_embeddings=64, sliding_window=8, tie_word_embeddings=False,
    ),
    "qwen2": transformers.Qwen2Config(
        vocab_size=48, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=2, max_position_embeddings=64, use_sliding_window=True, sliding_window=6,
        max_window_layers=1, tie_word_embeddings=True,
    ),
    "bloom": transformers.BloomConfig(vocab_size=48, hidden_size=12, n_layer=2, n_head=3),
    "gpt2": transformers.GPT2Config(vocab_size=48, n_positions=40, n_embd=16, n_layer=2, n_head=4),
}  # fmt: skip


def checkpoint(config, seed):
    """Weights far larger than usual, so that texts do not repeat one token and no two tokens are nearly equally likely."""
    torch.manual_seed(seed)
    config.bos_token_id, config.eos_token_id, config.pad_token_id = 1, None, None
    model = transformers.AutoModelForCausalLM.from_config(config).eval()
    model.generation_config = transformers.GenerationConfig()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            norm = parameter.dim() == 1 and name.endswith("weight")
            parameter.copy_(torch.randn_like(parameter) * (0.2 if norm else 0.5) + (1 if norm else 0))
    return model


def greedy(model, prompts, settings):
    """The new tokens of each prompt, from one padded batch and again one by one, and the least lead of a likeliest token."""
    width = max(map(len, prompts))
    ids = torch.tensor([[0] * (width - len(p)) + p for p in prompts])
    mask = torch.tensor([[0] * (width - len(p)) + [1] * len(p) for p in prompts])

    def run(ids, mask):
        return model.generate(
            input_ids=ids, attention_mask=mask, do_sample=False, pad_token_id=0, output_scores=True,
            return_dict_in_generate=True, **settings,
        )  # fmt: skip

    batch = run(ids, mask)
    results, margin = [], float("inf")
    for row, prompt in enumerate(prompts):
        alone = run(torch.tensor([prompt]), torch.ones(1, len(prompt), dtype=torch.long))
        new = alone.sequences[0, len(prompt):].tolist()
        padded = batch.sequences[row, width:].tolist()
        assert new == padded[: len(new)], (prompt, new, padded)
        for scores in alone.scores:
            best = scores[0].topk(2).values
            margin = min(margin, float(best[0] - best[1]))
        stopped = new[-1] in settings.get("eos_token_id", [])
        results.append({"ids": new, "finish": "stop" if stopped else "length"})
    return results, margin


def cases(model):
    plain, margin = greedy(model, PROMPTS, {"max_new_tokens": NEW_TOKENS})
    # Ends the longest prompt's text after 6 tokens at the latest, and, with luck, others' later.
    ending = [plain[2]["ids"][5], plain[0]["ids"][11]]
    settings = {
        "plain": {},
        "one token": {"max_new_tokens": 1},
        "endings": {"eos_token_id": ending},
        "minimum": {"eos_token_id": ending, "min_new_tokens": 9},
        "penalty": {"repetition_penalty": 1.4},
        "reward": {"repetition_penalty": 0.7, "eos_token_id": ending},
        "all": {"repetition_penalty": 1.2, "eos_token_id": ending, "min_new_tokens": 12, "max_new_tokens": 20},
    }
    found = {}
    for name, setting in settings.items():
        setting = {"max_new_tokens": NEW_TOKENS, **setting}
        results, lead = greedy(model, PROMPTS, setting)
        margin = min(margin, lead)
        found[name] = {"settings": setting, "results": results}
    return found, ending, margin


def models(folder):
    for family, config in CONFIGS.items():
        seed = 0
        while True:
            model = checkpoint(config, seed)
            found, ending, margin = cases(model)
            lengths = {len(r["ids"]) for r in found["endings"]["results"]}
            if margin > LEAST_MARGIN and len(lengths) == len(PROMPTS):
                break
            seed += 1
        target = folder / family
        model.generation_config = transformers.GenerationConfig(eos_token_id=ending, bos_token_id=1, pad_token_id=0)
        model.save_pretrained(target)
        expected = {
            "versions": versions(), "seed": seed, "least_margin": margin, "prompts": PROMPTS, "cases": found,
        }  # fmt: skip
        write(target / "expected.json", expected)
        print(family, "seed", seed, "margin", round(margin, 4), sorted(lengths))


def scores(folder):
    """What each processor makes of some scores, ties and all; no share of probability lies just at a top_p."""
    torch.manual_seed(5)
    logits = torch.randn(4, 24) * 3
    logits[1, 3:9] = 2.5
    logits[2] = 0.25
    logits[3, ::2] = logits[3].max() + 40
    seen = torch.tensor([[1, 2, 3, 3], [4, 4, 4, 4], [23, 0, 5, 9], [2, 4, 6, 7]])
    ending = torch.tensor([3, 20])
    lists = {
        "penalty 1.3": [processors.RepetitionPenaltyLogitsProcessor(1.3)],
        "penalty 0.6": [processors.RepetitionPenaltyLogitsProcessor(0.6)],
        "minimum": [processors.MinNewTokensLengthLogitsProcessor(2, 5, ending)],
        "temperature 0.7": [processors.TemperatureLogitsWarper(0.7)],
        "top_k 1": [processors.TopKLogitsWarper(1)],
        "top_k 5": [processors.TopKLogitsWarper(5)],
        "top_k 999": [processors.TopKLogitsWarper(999)],
        "top_p 0": [processors.TopPLogitsWarper(0.0)],
        "top_p 0.3": [processors.TopPLogitsWarper(0.3)],
        "top_p 0.9": [processors.TopPLogitsWarper(0.9)],
        "top_p 0.999": [processors.TopPLogitsWarper(0.999)],
        "all": [
            processors.RepetitionPenaltyLogitsProcessor(1.3),
            processors.MinNewTokensLengthLogitsProcessor(2, 5, ending),
            processors.TemperatureLogitsWarper(0.7),
            processors.TopKLogitsWarper(7),
            processors.TopPLogitsWarper(0.77),
        ],
    }
    plain = lambda t: [[None if v == float("-inf") else v for v in row] for row in t.tolist()]
    made = {}
    for name, chain in lists.items():
        made[name] = plain(processors.LogitsProcessorList(chain)(seen, logits.clone()))
    expected = {"versions": versions(), "logits": plain(logits), "seen": seen.tolist(), "ending": ending.tolist(), "scores": made}
    write(folder / "scores.json", expected)


def versions():
    return {"torch": torch.__version__.split("+")[0], "transformers": transformers.__version__}


def write(file, value):
    file.write_text(json.dumps(value) + "\n", encoding="utf-8")


if __name__ == "__main__":
    torch.set_num_threads(1)
    target = pathlib.Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    scores(target)
    models(target)
