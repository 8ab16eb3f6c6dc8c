#!/usr/bin/env python3
"""Writes the fixtures of the methods that change single layers, with the real libraries.

Needs what golden_lora.py needs, whose toy checkpoints, rows and batches it shares; what was used is recorded in every fixture's
metadata. The build does not need this script; run it only to renew the fixtures:

    python tools/golden_layers.py peft-methods/src/test/resources/golden [METHOD ...]

METHOD/CASE is a folder: an adapter as peft saved it after noise was put into it, and golden.safetensors with what the adapted model
computes, and what ten training steps do to the loss, the gradient's norm and the adapter.
"""

import json
import pathlib
import shutil
import sys
import warnings

import bitfit_apply
import golden_lora as common
import torch
from peft import IA3Config, LNTuningConfig, PeftModel, TrainableTokensConfig, VeraConfig, get_peft_model
from safetensors.torch import save_file

TASK = {"task_type": "CAUSAL_LM"}
CASES = {
    "ia3": {
        "llama-default": IA3Config(**TASK),
        "llama-random": IA3Config(**TASK, init_ia3_weights=False),
        "bloom-default": IA3Config(**TASK),
        "gpt2-default": IA3Config(**TASK),
        "qwen2-default": IA3Config(**TASK, init_ia3_weights=False),
        "mistral-whole": IA3Config(
            **TASK, target_modules=["k_proj", "v_proj", "up_proj"], feedforward_modules=["up_proj"], exclude_modules=["layers.0.self_attn.k_proj"],
            modules_to_save=["lm_head", "norm"],
        ),
        "llama-regex": IA3Config(**TASK, target_modules=r".*\.(q_proj|gate_proj|o_proj)", feedforward_modules=r".*mlp.*"),
        "gpt2-all-linear": IA3Config(**TASK, target_modules="all-linear", feedforward_modules=[]),
    },
    "lntuning": {
        "llama-default": LNTuningConfig(**TASK),
        "bloom-default": LNTuningConfig(**TASK),
        "gpt2-default": LNTuningConfig(**TASK),
        "qwen2-default": LNTuningConfig(**TASK),
        "mistral-whole": LNTuningConfig(
            **TASK, target_modules=r".*(norm|layernorm)", exclude_modules=["layers.1.input_layernorm"], modules_to_save=["lm_head"]),
        "gpt2-linear": LNTuningConfig(**TASK, target_modules=["ln_1", "mlp.c_proj"]),
    },
    "trainabletokens": {
        "llama-default": TrainableTokensConfig(**TASK, token_indices=[3, 17, 40]),
        "padded-default": TrainableTokensConfig(**TASK, token_indices=[20, 5]),
        "bloom-default": TrainableTokensConfig(**TASK, token_indices=list(range(0, 48, 3))),
        "gpt2-default": TrainableTokensConfig(**TASK, token_indices=list(range(1, 48, 2))),
        "qwen2-default": TrainableTokensConfig(**TASK, token_indices=list(range(30, 10, -1)), init_weights=False),
        "qwen2-names": TrainableTokensConfig(**TASK, token_indices=[4, 9, 30, 31], target_modules=["embed_tokens"]),
        "llama-head": TrainableTokensConfig(**TASK, token_indices=[8, 7, 30], target_modules=["lm_head"]),
    },
    "vera": {
        "llama-default": VeraConfig(**TASK, r=4),
        "qwen2-default": VeraConfig(**TASK, r=6, d_initial=0.3, init_weights=False),
        "llama-seeded": VeraConfig(
            **TASK, r=3, target_modules=["q_proj", "down_proj", "k_proj"], projection_prng_key=12345, save_projection=False, layers_to_transform=[1],
            layers_pattern="layers"),
        "mistral-all-linear": VeraConfig(**TASK, r=2, target_modules="all-linear"),
        "bloom-bias-all": VeraConfig(**TASK, r=4, bias="all"),
        "bloom-bias-only": VeraConfig(**TASK, r=2, target_modules=["query_key_value", "dense_h_to_4h"], bias="vera_only"),
        "gpt2-whole": VeraConfig(**TASK, r=3, target_modules=["c_attn", "mlp.c_proj"], modules_to_save=["ln_f"]),
        "gpt2-dropout": VeraConfig(**TASK, r=3, vera_dropout=0.1, save_projection=False),
    },
}  # fmt: skip

#: BitFit is no method of peft: target modules by case, and what else its config says.
BITFIT = {
    "llama-linear": (["self_attn.q_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.down_proj"], {}),
    "llama-norms": (["input_layernorm", "post_attention_layernorm", "v_proj"], {"exclude_modules": ["layers.1.self_attn.v_proj"]}),
    "qwen2-mixed": (["q_proj", "o_proj", "norm"], {}),
    "bloom-default": (
        ["input_layernorm", "mlp.dense_4h_to_h", "mlp.dense_h_to_4h", "post_attention_layernorm", "self_attention.dense",
         "self_attention.query_key_value"], {}),
    "gpt2-layers": (["c_attn", "ln_2", "mlp.c_proj"], {"layers_to_transform": 1}),
}  # fmt: skip

#: Pairs of cases of one base model that are active together.
TOGETHER = {"ia3": [("llama-default", "llama-regex")]}

#: Cases of one base model that become one adapter, with their weights.
COMBINED = {"ia3": [{"llama-default": 0.7, "llama-random": -0.4}]}

#: Cases that cannot be trained twice alike.
UNTRAINED = ("gpt2-dropout",)


def attached(name, config):
    """An adapter that changes what the model computes."""
    torch.manual_seed(3)
    model = get_peft_model(common.base(name.split("-")[0]), config)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(0.1 * torch.randn_like(parameter))
    return model


def case(name, config, given, folder):
    model = attached(name, config)
    folder.mkdir(parents=True)
    common.save_adapter(model, folder)
    seen, values = common.outputs(model, given)
    # A key's bias shifts all of a query's scores alike unless positions are rotated: its gradient is zero but for rounding, which
    # a small epsilon would blow up; so does that of what scales it along.
    epsilon = 1e-5
    trace = None if name in UNTRAINED else common.train(model, given, epsilon)
    settings = {"rate": common.RATE, "clip": common.CLIP, "epsilon": epsilon, "weight_decay": 0.01}
    extra = {"training": settings, "trace": trace, "parameters": model.get_nb_trainable_parameters(), **values}
    save_file({**common.state(model, "trained."), **seen}, folder / "golden.safetensors", common.metadata(**extra))


def combined(given, root, weights):
    first, *others = weights
    model = PeftModel.from_pretrained(common.base(first.split("-")[0]), root / first, adapter_name=first)
    for name in others:
        model.load_adapter(root / name, adapter_name=name)
    model.base_model.add_weighted_adapter(list(weights), list(weights.values()), "combined")
    model.set_adapter("combined")
    return common.outputs(model, given)


def bitfit(name, targets, more, given, folder):
    model = common.base(name.split("-")[0])
    torch.manual_seed(3)
    tensors = {}
    for path, module in model.named_modules():
        wanted = any(path.endswith("." + target) for target in targets)
        excluded = any(path.endswith("." + end) for end in more.get("exclude_modules", []))
        if wanted and not excluded and f".{more.get('layers_to_transform', '')}" in path:
            own = getattr(module, "bias", None)
            start = torch.zeros(module.weight.shape[0]) if own is None else own.detach()
            tensors[f"base_model.model.{path}.bias"] = start + 0.1 * torch.randn_like(start)
    folder.mkdir(parents=True)
    save_file(tensors, folder / "adapter_model.safetensors", {"format": "pt"})
    config = {
        "auto_mapping": None, "base_model_name_or_path": f"toy/{name.split('-')[0]}", "exclude_modules": None, "inference_mode": True,
        "layers_pattern": None, "layers_to_transform": None, "modules_to_save": None, "peft_type": "BITFIT", "peft_version": common.peft.__version__, "revision": None,
        "target_modules": sorted(targets), "task_type": "CAUSAL_LM", **more,
    }  # fmt: skip
    (folder / "adapter_config.json").write_text(json.dumps(config, indent=2, sort_keys=True))
    bitfit_apply.apply(model, folder)
    trained = {key: model.get_parameter(key.removeprefix("base_model.model.")) for key in tensors}
    model.requires_grad_(False)
    for parameter in trained.values():
        parameter.requires_grad_(True)
    seen, values = common.outputs(model, given)
    trace = common.train(model, given, 1e-5)
    settings = {"rate": common.RATE, "clip": common.CLIP, "epsilon": 1e-5, "weight_decay": 0.01}
    counts = [sum(p.numel() for p in trained.values()), sum(p.numel() for p in model.parameters())]
    ends = {f"trained.{key}": value.detach().clone() for key, value in trained.items()}
    extra = {"training": settings, "trace": trace, "parameters": counts, **values}
    save_file({**ends, **seen}, folder / "golden.safetensors", common.metadata(**extra))


def main(root, methods):
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    given = common.data()
    for method in methods or [*CASES, "bitfit"]:
        shutil.rmtree(root / method, ignore_errors=True)
        if method == "bitfit":
            for name, (targets, more) in BITFIT.items():
                bitfit(name, targets, more, given, root / method / name)
            continue
        for name, config in CASES[method].items():
            case(name, config, given, root / method / name)
        for names in TOGETHER.get(method, []):
            seen, values = common.several(given, root / method, names)
            save_file(seen, root / method / ("+".join(names) + ".safetensors"), common.metadata(**values))
        for weights in COMBINED.get(method, []):
            seen, values = combined(given, root / method, weights)
            save_file(seen, root / method / ("+".join(weights) + "-combined.safetensors"), common.metadata(**values, weights=weights))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), sys.argv[2:])
