#!/usr/bin/env python3
"""Record what transformers' Trainer, its schedules and torch's AdamW do on toy models, for the tests of peft-training.

    python tools/golden_training.py          (writes peft-training/src/test/resources/golden/training.json)

Needs: torch, transformers, accelerate, peft (versions are recorded in the file). Weights come from a formula that the tests know too.
"""

import json
import math
import re
import tempfile
import zlib
from pathlib import Path

import numpy as np
import peft
import peft.optimizers
import torch
import transformers

TARGET = Path(__file__).resolve().parent.parent / "peft-training/src/test/resources/golden/training.json"
VOCABULARY = 61
IGNORED = -100
LLAMA = {
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": VOCABULARY, "hidden_size": 24,
    "intermediate_size": 40, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
    "max_position_embeddings": 64, "rms_norm_eps": 1e-5, "tie_word_embeddings": False, "hidden_act": "silu", "dtype": "float32",
}
BLOOM = {
    "architectures": ["BloomForCausalLM"], "model_type": "bloom", "vocab_size": VOCABULARY, "hidden_size": 24, "n_layer": 2,
    "n_head": 3, "layer_norm_epsilon": 1e-5, "hidden_dropout": 0.0, "attention_dropout": 0.0, "dtype": "float32",
}
COMMON = {"max_steps": 10, "per_device_train_batch_size": 2, "gradient_accumulation_steps": 2}
RUNS = {
    "llama-full": (LLAMA, None, {"learning_rate": 5e-3, "lr_scheduler_type": "linear", "warmup_steps": 3, "weight_decay": 0.1, "max_grad_norm": 0.5}),
    "bloom-full": (BLOOM, None, {"learning_rate": 3e-3, "lr_scheduler_type": "cosine", "warmup_steps": 0.2, "weight_decay": 0.1, "max_grad_norm": 1.0}),
    "llama-lora": (LLAMA, ["q_proj", "v_proj"], {"learning_rate": 2e-2, "lr_scheduler_type": "cosine", "warmup_steps": 2, "weight_decay": 0.1, "max_grad_norm": 0.05}),
    "bloom-lora": (BLOOM, ["query_key_value"], {"learning_rate": 2e-2, "lr_scheduler_type": "constant_with_warmup", "warmup_steps": 4, "weight_decay": 0.0, "max_grad_norm": 0.05}),
}

#: The same with rates by group and by depth.
GROUPED = {
    "llama-full-grouped": ("llama-full", {"layer_decay": 0.6, "groups": [
        {"pattern": "lm_head,model.norm", "learning_rate": 2e-2, "weight_decay": 0.3}, {"pattern": "q_proj", "factor": 3.0}]}),
    "bloom-full-grouped": ("bloom-full", {"layer_decay": 0.75, "groups": [{"pattern": ".*h\\.1\\..*bias", "weight_decay": 0.2}]}),
    "llama-full-frozen": ("llama-full", {"groups": [{"pattern": "embed_tokens,layers.0,v_proj", "learning_rate": 0.0}]}),
    "llama-lora-grouped": ("llama-lora", {"groups": [{"pattern": "lora_B", "factor": 16.0}, {"pattern": "v_proj", "factor": 0.5, "weight_decay": 0.0}]}),
}

#: LoRA+ as PEFT's create_loraplus_optimizer has it, with vectors and an embedding beside the factors.
LORA_PLUS = {
    "targets": ["q_proj", "v_proj", "embed_tokens"], "saved": ["model.norm"],
    "plus": {"loraplus_lr_ratio": 16.0, "loraplus_lr_embedding": 5e-2},
}


def values(name, shape):
    """Numbers in [-0.5, 0.5) that depend on a name and a place only; see ToyValues in the tests."""
    count = int(np.prod(shape))
    x = (np.uint64(zlib.crc32(name.encode())) + np.arange(count, dtype=np.uint64) * np.uint64(2654435761)) & np.uint64(0xFFFFFFFF)
    for _ in range(2):
        x = ((x ^ (x >> np.uint64(16))) * np.uint64(0x45D9F3B)) & np.uint64(0xFFFFFFFF)
    x = x ^ (x >> np.uint64(16))
    return (x.astype(np.float64) / 2**32 - 0.5).reshape(shape)


def fill(model):
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            key = name
            for part in ("default", "base_layer", "modules_to_save", "original_module"):
                key = (key + ".").replace("." + part + ".", ".").removesuffix(".")
            v = values(key, tuple(parameter.shape)) * 0.6
            if key.endswith(("norm.weight", "ln_f.weight")):
                v = 1 + v
            parameter.copy_(torch.from_numpy(v.astype(np.float32)))


def rows():
    random = np.random.default_rng(7)
    made = []
    for _ in range(9):
        length = int(random.integers(4, 14))
        ids = random.integers(0, VOCABULARY, length).tolist()
        prompt = int(random.integers(0, length - 2))
        made.append({"input_ids": ids, "labels": [IGNORED] * prompt + ids[prompt:]})
    return made


def pad(batch):
    longest = max(len(r["input_ids"]) for r in batch)
    fill_up = lambda key, value: torch.tensor([r[key] + [value] * (longest - len(r[key])) for r in batch])
    mask = torch.tensor([[1] * len(r["input_ids"]) + [0] * (longest - len(r["input_ids"])) for r in batch])
    return {"input_ids": fill_up("input_ids", 0), "labels": fill_up("labels", IGNORED), "attention_mask": mask}


class InOrder(transformers.Trainer):
    def _get_train_sampler(self, dataset=None):
        return torch.utils.data.SequentialSampler(self.train_dataset)


def by_depth(name, decay, blocks):
    """As BEiT's LayerDecayValueAssigner: what comes before the first block is the deepest, what is in none stays."""
    block = re.search(r"\.(?:layers|h)\.(\d+)\.", name)
    depth = int(block[1]) + 1 if block else 0 if "embed" in name else blocks + 1
    return decay ** (blocks + 1 - depth)


def is_named(pattern, name):
    """Whether a weight, or a module that it lies in, is what target_modules would mean by the pattern."""
    parts = name.split(".")
    paths = [".".join(parts[:end]) for end in range(1, len(parts) + 1)]
    if re.fullmatch(r"[\w.,\- ]*", pattern):
        return any(path == end or path.endswith("." + end) for path in paths for end in pattern.split(","))
    return any(re.fullmatch(pattern, path) for path in paths)


def scheduled(optimizer, settings):
    warmup = settings["warmup_steps"]
    steps = warmup if warmup >= 1 else math.ceil(settings["max_steps"] * warmup)
    kind = settings["lr_scheduler_type"]
    return optimizer, transformers.get_scheduler(kind, optimizer, num_warmup_steps=steps, num_training_steps=settings["max_steps"])


def optimizers(model, grouped, settings, decaying):
    """One group of torch's for each weight, the first at the run's own rate, which is what the Trainer logs."""
    rate = settings["learning_rate"]
    groups = [{"params": [], "lr": rate}]
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        rule = next((rule for rule in grouped["groups"] if is_named(rule["pattern"], name)), {})
        deeper = by_depth(name, grouped.get("layer_decay", 1.0), model.config.num_hidden_layers)
        own = rule.get("learning_rate", rate * rule.get("factor", 1.0) * deeper)
        decay = rule.get("weight_decay", settings["weight_decay"] if name in decaying else 0.0)
        groups.append({"params": [parameter], "lr": own, "weight_decay": decay})
    return scheduled(torch.optim.AdamW(groups), settings)


def freeze(model, grouped):
    """Takes the gradient from what a group's rate of 0 names."""
    for name, parameter in model.named_parameters():
        rule = next((rule for rule in grouped["groups"] if is_named(rule["pattern"], name)), {})
        if rule.get("learning_rate") == 0.0:
            parameter.requires_grad = False


def run(config, targets, settings, data, grouped=None, plus=None, saved=None):
    kind = transformers.AutoConfig.for_model(**{k: v for k, v in config.items()})
    model = transformers.AutoModelForCausalLM.from_config(kind, attn_implementation="eager")
    if targets:
        model = peft.get_peft_model(model, peft.LoraConfig(r=4, lora_alpha=8, target_modules=targets, modules_to_save=saved, task_type="CAUSAL_LM"))
        fill(model.get_base_model())  # lora_A and lora_B under the base's own paths
    else:
        fill(model)
    if grouped:
        freeze(model, grouped)
    settings = {**COMMON, **settings}
    with tempfile.TemporaryDirectory() as folder:
        arguments = transformers.TrainingArguments(
            output_dir=folder, logging_steps=1, save_strategy="no", report_to=[], use_cpu=True, optim="adamw_torch",
            remove_unused_columns=False, disable_tqdm=True, **settings)
        trainer = InOrder(model=model, args=arguments, train_dataset=data, data_collator=pad)
        decaying = set(trainer.get_decay_parameter_names(model))
        spared = sorted(n for n, p in model.named_parameters() if p.requires_grad and n not in decaying)
        if grouped:
            trainer.optimizer, trainer.lr_scheduler = optimizers(model, grouped, settings, decaying)
        if plus:
            adamw = peft.optimizers.create_loraplus_optimizer(
                model, torch.optim.AdamW, lr=settings["learning_rate"], loraplus_weight_decay=settings["weight_decay"], **plus)
            trainer.optimizer, trainer.lr_scheduler = scheduled(adamw, settings)
        trainer.train()
    trace = [{k: e[k] for k in ("step", "epoch", "loss", "grad_norm", "learning_rate")} for e in trainer.state.log_history if "loss" in e]
    made = {"config": config, "targets": targets, "settings": settings, "spared": spared, "trace": trace}
    return made | ({"grouped": grouped} if grouped else {}) | ({"lora_plus": plus, "modules_to_save": saved} if plus else {})


def schedules():
    made = []
    for name in ("linear", "cosine", "constant_with_warmup"):
        for warmup, total in ((0, 7), (3, 10), (10, 10), (1, 1)):
            parameter = torch.nn.Parameter(torch.zeros(1))
            optimizer = torch.optim.SGD([parameter], lr=1.0)
            schedule = transformers.get_scheduler(name, optimizer, num_warmup_steps=warmup, num_training_steps=total)
            factors = []
            for _ in range(total + 2):
                factors.append(schedule.get_last_lr()[0])
                optimizer.step()
                schedule.step()
            made.append({"name": name, "warmup": warmup, "total": total, "factors": factors})
    return made


def adamw():
    shapes = {"first": (3, 2), "second": (5,)}
    parameters = {n: torch.nn.Parameter(torch.from_numpy(values(n, s).astype(np.float32))) for n, s in shapes.items()}
    optimizer = torch.optim.AdamW([{"params": [parameters["first"]], "weight_decay": 0.1}, {"params": [parameters["second"]], "weight_decay": 0.0}], lr=1.0)
    steps = []
    for step, (rate, limit) in enumerate(((1e-2, 0.5), (2e-2, 100.0), (0.0, 0.5), (1e-2, 0.0), (3e-2, 0.1))):
        for n, s in shapes.items():
            parameters[n].grad = torch.from_numpy((values(f"{n}.{step}", s) * 3).astype(np.float32))
        norm = torch.nn.utils.clip_grad_norm_(parameters.values(), limit if limit > 0 else float("inf"))
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.step()
        steps.append({"learning_rate": rate, "max_norm": limit, "norm": float(norm),
                      "first": parameters["first"].flatten().tolist(), "second": parameters["second"].flatten().tolist()})
    return {"weight_decay": 0.1, "decays": ["first"], "shapes": shapes, "steps": steps}


if __name__ == "__main__":
    torch.manual_seed(0)
    torch.set_num_threads(1)
    data = rows()
    golden = {
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__, "peft": peft.__version__},
        "rows": data,
        "runs": {name: run(*case, data) for name, case in RUNS.items()}
        | {name: run(*RUNS[like], data, grouped) for name, (like, grouped) in GROUPED.items()}
        | {"llama-lora-plus": run(LLAMA, settings=RUNS["llama-lora"][2], data=data, **LORA_PLUS)},
        "schedules": schedules(),
        "adamw": adamw(),
    }
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps(golden, sort_keys=True, separators=(",", ":")) + "\n")
    for name, one in golden["runs"].items():
        print(name, [round(e["loss"], 4) for e in one["trace"]], [round(e["grad_norm"], 3) for e in one["trace"]], one["spared"][:3])
