#!/usr/bin/env python3
"""Writes the fixtures of peft-methods' tests of several adapters in one model with the real libraries.

Needs peft 0.21.2, transformers 5.23.0 and torch 2.7.1; what was used is recorded in the fixture's metadata. The build does not need
this script; run it only to renew the fixtures:

    python tools/golden_several.py peft-methods/src/test/resources/golden/several

NAME/ is an adapter as peft saved it. golden.safetensors holds logits of the first row of golden/lora/data.json: combine.N of the
combinations listed in its metadata; active, merged, swapped of several adapters together; rows.N of each row of a mixed batch.
Its metadata also has what peft says of layers and model.
"""

import dataclasses
import json
import pathlib
import shutil
import sys
import warnings

import torch
from golden_lora import base, config, data, metadata, padded, save_adapter
from peft import PeftModel, get_peft_model
from peft.peft_model import get_layer_status, get_model_status
from peft.utils.hotswap import hotswap_adapter
from safetensors.torch import save_file

ADAPTERS = {
    "first": config(target_modules=["q_proj", "v_proj"]),
    "second": config(target_modules=["q_proj", "down_proj", "embed_tokens"], lora_alpha=6),
    "third": config(target_modules=["v_proj", "o_proj"], r=2, use_rslora=True, rank_pattern={"o_proj": 3}),
    "small": config(target_modules=["q_proj"], r=2, lora_alpha=3),
    "gpt2-first": config(target_modules=["c_attn"], r=3),
    "gpt2-second": config(target_modules=["c_attn", "mlp.c_proj"], r=3, lora_alpha=4),
}

PAIR = {"first": 0.7, "second": -0.4}
UNLIKE = {"first": 1.5, "third": 0.5}
GPT2 = {"gpt2-first": 0.6, "gpt2-second": 0.8}
COMBINATIONS = [
    (PAIR, dict(combination_type="linear")),
    (PAIR, dict(combination_type="cat")),
    (PAIR, dict(combination_type="svd")),
    (PAIR, dict(combination_type="svd", svd_rank=2)),
    (PAIR, dict(combination_type="svd", svd_clamp=0.9)),
    (PAIR, dict(combination_type="ties", density=0.5)),
    (PAIR, dict(combination_type="ties", density=0.6, majority_sign_method="frequency")),
    (PAIR, dict(combination_type="ties_svd", density=0.5)),
    (PAIR, dict(combination_type="ties_svd", density=0.5, majority_sign_method="frequency")),
    (PAIR, dict(combination_type="magnitude_prune", density=0.4)),
    (PAIR, dict(combination_type="magnitude_prune_svd", density=0.4)),
    (PAIR, dict(combination_type="dare_linear", density=1.0)),
    (PAIR, dict(combination_type="dare_ties", density=1.0)),
    (PAIR, dict(combination_type="dare_linear_svd", density=1.0)),
    (PAIR, dict(combination_type="dare_ties_svd", density=1.0)),
    (UNLIKE, dict(combination_type="cat")),
    (UNLIKE, dict(combination_type="svd")),
    (GPT2, dict(combination_type="linear")),
    (GPT2, dict(combination_type="svd")),
    (GPT2, dict(combination_type="ties_svd", density=0.5)),
]  # fmt: skip


def load(root, *names):
    architecture = "gpt2" if names[0].startswith("gpt2") else "llama"
    model = PeftModel.from_pretrained(base(architecture), root / names[0], adapter_name=names[0])
    for name in names[1:]:
        model.load_adapter(root / name, adapter_name=name)
    return model.eval()


@torch.no_grad()
def logits(model, given):
    return model(**padded(given["rows"][:1])).logits[0].float().contiguous()


def combined(root, given, weights, options):
    model = load(root, *weights)
    model.base_model.add_weighted_adapter(list(weights), list(weights.values()), "combined", **options)
    model.set_adapter("combined")
    return logits(model.eval(), given)


@torch.no_grad()
def mixed(root, given, names):
    model = load(root, "first", "second", "third")
    rows = padded([given["rows"][index % len(given["rows"])] for index in range(len(names))])
    result = model(**{key: rows[key] for key in ("input_ids", "attention_mask")}, adapter_names=names).logits
    lengths = rows["attention_mask"].sum(1).tolist()
    return {f"rows.{i}": result[i, :length].float().contiguous() for i, length in enumerate(lengths)}


def status(root):
    model = load(root, "first", "second")
    model.set_adapter("first")

    def layers():
        return [dataclasses.asdict(layer) for layer in get_layer_status(model)]

    trained = {"layers": layers(), "model": dataclasses.asdict(get_model_status(model))}
    model.merge_adapter(["first"])
    return {"trained": trained, "merged": {"layers": layers(), "model": dataclasses.asdict(get_model_status(model))}}


def main(root):
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    shutil.rmtree(root, ignore_errors=True)
    given = data()
    for seed, (name, lora) in enumerate(ADAPTERS.items()):
        torch.manual_seed(seed)
        save_adapter(get_peft_model(base("gpt2" if name.startswith("gpt2") else "llama"), lora), root / name)
    tensors = {f"combine.{i}": combined(root, given, *each) for i, each in enumerate(COMBINATIONS)}
    model = load(root, "first", "second", "third")
    model.base_model.set_adapter(["first", "second"])
    tensors["active"] = logits(model, given)
    model.merge_adapter(["second", "third"])
    tensors["merged"] = logits(model, given)
    model = load(root, "first")
    hotswap_adapter(model, root / "small", adapter_name="first", torch_device="cpu")
    tensors["swapped"] = logits(model, given)
    names = ["second", "__base__", "first", "third", "first"]
    tensors.update(mixed(root, given, names))
    more = {"combinations": COMBINATIONS, "rows": names, "status": status(root)}
    save_file(tensors, root / "golden.safetensors", metadata(**more))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
