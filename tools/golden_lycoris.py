#!/usr/bin/env python3
"""Writes the fixtures of peft-methods' LoHa and LoKr tests with the real libraries.

Needs what golden_lora.py needs, whose toy checkpoints and token ids it uses:

    python tools/golden_lycoris.py peft-methods/src/test/resources/golden/lycoris
"""

import pathlib
import shutil
import sys
import warnings

import golden_lora as common
import torch
from peft import LoHaConfig, LoKrConfig, get_peft_model
from safetensors.torch import save_file


def loha(**settings):
    return LoHaConfig(**{"task_type": "CAUSAL_LM", "init_weights": False, "r": 3, "alpha": 6, **settings})


def lokr(**settings):
    return LoKrConfig(**{"task_type": "CAUSAL_LM", "init_weights": False, "r": 1, "alpha": 2, **settings})


LAYERS = ["q_proj", "v_proj", "down_proj"]
CASES = {
    "llama-loha": loha(target_modules=LAYERS),
    "mistral-loha-default": loha(),
    "bloom-loha-patterns": loha(
        target_modules=["query_key_value", "dense_4h_to_h"], rank_pattern={"dense_4h_to_h": 2}, alpha_pattern={"h.0.*value": 4.5},
    ),
    "qwen2-loha-saved": loha(target_modules="all-linear", exclude_modules=["k_proj"], modules_to_save=["norm"]),
    "llama-loha-dropout": loha(target_modules=LAYERS, rank_dropout=0.25, module_dropout=0.5, use_effective_conv2d=True),
    "llama-lokr": lokr(target_modules=LAYERS),
    "mistral-lokr-default": lokr(),
    "llama-lokr-whole": lokr(target_modules=LAYERS, r=8, alpha=3),
    "llama-lokr-both": lokr(target_modules=LAYERS, decompose_both=True, decompose_factor=8),
    "bloom-lokr-patterns": lokr(
        target_modules=["query_key_value", "dense"], decompose_factor=5, rank_pattern={"dense": 2}, alpha_pattern={"dense": 1},
    ),
    "qwen2-lokr-layers": lokr(target_modules=["q_proj", "up_proj"], layers_to_transform=[1], layers_pattern="layers"),
    "llama-lokr-dropout": lokr(target_modules=LAYERS, rank_dropout=0.25, module_dropout=0.5, rank_dropout_scale=True),
    "llama-lokr-lycoris": lokr(target_modules=LAYERS, init_weights="lycoris"),
}  # fmt: skip


def case(name, config, given, folder):
    torch.manual_seed(3)
    base = common.base(name.split("-")[0])
    base.name_or_path = base.config._name_or_path
    model = get_peft_model(base, config)
    common.save_adapter(model, folder)
    seen, values = common.outputs(model, given)
    training = {"rate": common.RATE, "clip": common.CLIP, "epsilon": 1e-8, "weight_decay": 0.01}
    trace = common.train(model, given, training["epsilon"]) if config.rank_dropout == 0 else None
    trained = common.state(model, "trained.") if trace else {}
    extra = {"training": training, "trace": trace, "parameters": model.get_nb_trainable_parameters(), **values}
    save_file({**trained, **seen}, folder / "golden.safetensors", common.metadata(**extra))


def main(root):
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    shutil.rmtree(root, ignore_errors=True)
    given = common.data()
    for name, config in CASES.items():
        (root / name).mkdir(parents=True)
        case(name, config, given, root / name)
    for name, config in (("loha", LoHaConfig()), ("lokr", LoKrConfig())):
        (root / "defaults" / name).mkdir(parents=True)
        config.save_pretrained(root / "defaults" / name)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
