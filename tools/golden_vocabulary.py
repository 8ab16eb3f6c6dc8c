#!/usr/bin/env python3
"""Writes the fixtures of adapters that were trained after the model was given more tokens, or fewer, with the real libraries.

Needs what golden_lora.py needs, whose toy checkpoints it shares; what was used is recorded in every fixture's metadata. The build does not
need this script; run it only to renew the fixtures:

    python tools/golden_vocabulary.py peft-methods/src/test/resources/golden/vocabulary [CASE ...]

Names with "added" are of adapters that train the new tokens' vectors and were saved without the tables, with save_embedding_layers=False: the
new rows were the mean of the checkpoint's before.

A case is a folder: an adapter as peft saved it, and golden.safetensors with what the enlarged model computes with it on rows that hold the
new tokens, which are in its metadata; what ten training steps do to the loss and the gradient's norm.
"""

import json
import pathlib
import shutil
import sys
import tempfile
import warnings

import golden_lora as common
import torch
from peft import IA3Config, PrefixTuningConfig, TrainableTokensConfig, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

TASK = {"task_type": "CAUSAL_LM"}

#: Tokens that the toy checkpoints do not have.
NEW = [48, 49, 50, 51]

#: Architecture by the name's beginning, number of tokens, config.
CASES = {
    "llama-update": (52, common.config(target_modules=["q_proj", "v_proj"])),
    "qwen2-update": (52, common.config(target_modules=["q_proj", "v_proj"])),
    "gpt2-update": (49, common.config(target_modules=["c_attn"])),
    "bloom-update": (64, common.config(target_modules=["query_key_value"])),
    "llama-fewer": (40, common.config(target_modules=["q_proj"])),
    "padded-fewer": (18, common.config(target_modules=["q_proj"])),
    "llama-copies": (52, common.config(target_modules=["q_proj"], modules_to_save=["embed_tokens", "lm_head"])),
    "qwen2-copies": (52, common.config(target_modules=["q_proj"], modules_to_save=["embed_tokens", "lm_head"])),
    "qwen2-tied-copies": (52, common.config(target_modules=["q_proj"], modules_to_save=["embed_tokens"], ensure_weight_tying=True)),
    "llama-tokens": (52, common.config(target_modules=["q_proj"], trainable_token_indices=[48, 49, 50, 51])),
    "qwen2-tokens": (52, common.config(target_modules=["q_proj"], trainable_token_indices=[48, 49, 50, 51])),
    "qwen2-updated-tables": (52, common.config(target_modules=["embed_tokens", "lm_head"])),
    "qwen2-tied-tables": (52, common.config(target_modules=["embed_tokens", "lm_head"], ensure_weight_tying=True)),
    "qwen2-trainable-tokens": (52, TrainableTokensConfig(**TASK, token_indices=[51, 3, 48])),
    "gpt2-ia3": (52, IA3Config(**TASK)),
    "llama-prefix": (52, PrefixTuningConfig(**TASK, num_virtual_tokens=3)),
    "llama-added": (52, common.config(target_modules=["q_proj"], trainable_token_indices={"embed_tokens": NEW, "lm_head": NEW})),
    "llama-added-embedding": (52, common.config(target_modules=["q_proj"], trainable_token_indices=NEW)),
    "llama-added-update": (52, common.config(target_modules=["q_proj", "lm_head"], trainable_token_indices=NEW)),
    "qwen2-added": (52, common.config(target_modules=["q_proj"], trainable_token_indices=[*NEW, 3])),
    "gpt2-added": (52, common.config(target_modules=["c_attn"], trainable_token_indices={"wte": NEW})),
    "llama-added-tokens": (52, TrainableTokensConfig(**TASK, token_indices=NEW, target_modules=["embed_tokens", "lm_head"])),
    "qwen2-added-tokens": (52, TrainableTokensConfig(**TASK, token_indices=NEW)),
}  # fmt: skip

#: Copies that a model of a resized vocabulary writes beside the weights themselves; PEFT does not read them.
AUXILIARY = (".modules_to_save.weight", ".original_module.weight")


def enlarged(folder, tokens, by_mean):
    """The checkpoint with so many tokens, those that are new by chance, or the mean of the others."""
    model = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32)
    before = model.get_input_embeddings().weight.shape[0]
    torch.manual_seed(11)
    model.resize_token_embeddings(tokens, mean_resizing=False)
    tied = model.get_output_embeddings().weight is model.get_input_embeddings().weight
    with torch.no_grad():
        for table in (model.get_input_embeddings(),) if tied else (model.get_input_embeddings(), model.get_output_embeddings()):
            table.weight[before:] = table.weight[:before].mean(0) if by_mean else 0.3 * torch.randn_like(table.weight[before:])
    return model.eval()


def data(tokens):
    """As golden_lora's, with ids up to the last of the tokens."""
    torch.manual_seed(7)

    def row(length, supervised):
        ids = [*torch.randint(3, tokens, (length - 1,)).tolist(), tokens - 1]
        return {"ids": ids, "labels": [-100] * (length - supervised) + ids[length - supervised :]}

    rows = [row(9, 6), row(6, 6), row(11, 3)]
    batches = [[row(int(torch.randint(5, 10, ())), 4), row(7, 5)] for _ in range(common.STEPS)]
    return {"rows": rows, "batches": batches, "prompt": row(5, 0)["ids"]}


def case(name, tokens, config, root):
    given = data(tokens)
    with tempfile.TemporaryDirectory() as base:
        common.base(name.split("-")[0]).save_pretrained(base)
        torch.manual_seed(3)
        added = "-added" in name
        model = get_peft_model(enlarged(base, tokens, added), config)
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.requires_grad:
                    parameter.add_(0.1 * torch.randn_like(parameter))
        # Every base is a folder of its own to peft, which looks there for the vocabulary that it began with.
        common.save_adapter(model, root, **({"save_embedding_layers": False} if added else {}))
    file = root / "adapter_model.safetensors"
    save_file({key: value for key, value in load_file(file).items() if not key.endswith(AUXILIARY)}, file, {"format": "pt"})
    settings = json.loads((root / "adapter_config.json").read_text())
    settings["base_model_name_or_path"] = "toy/" + name.split("-")[0]
    (root / "adapter_config.json").write_text(json.dumps(settings, indent=2, sort_keys=True))
    seen, values = common.outputs(model, given)
    trace = common.train(model, given, 1e-5)
    training = {"rate": common.RATE, "clip": common.CLIP, "epsilon": 1e-5, "weight_decay": 0.01}
    extra = {"data": given, "tokens": tokens, "training": training, "trace": trace, "parameters": model.get_nb_trainable_parameters(), **values}
    save_file({**common.state(model, "trained."), **seen}, root / "golden.safetensors", common.metadata(**extra))


def main(root, names):
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    for name in names or CASES:
        shutil.rmtree(root / name, ignore_errors=True)
        (root / name).mkdir(parents=True)
        case(name, *CASES[name], root / name)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), sys.argv[2:])
