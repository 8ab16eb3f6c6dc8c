#!/usr/bin/env python3
"""Writes the fixtures of peft-methods' LoRA tests with the real libraries.

Needs peft 0.21.2, transformers 5.23.0 and torch 2.7.1; what was used is recorded in every fixture's metadata. The build does not
need this script; run it only to renew the fixtures:

    python tools/golden_lora.py peft-methods/src/test/resources/golden/lora [CASE ...]

base/NAME is a toy checkpoint, data.json the token ids all cases share. A case is a folder: an adapter as peft saved it, and
golden.safetensors with what the adapted model computes: logits, mean loss of each labelled row, greedily chosen ids; what ten
training steps do to the loss, the gradient's norm and the adapter. Decompositions are computed in float64.
"""

import functools
import json
import os
import pathlib
import shutil
import sys
import warnings

os.environ["HF_HUB_OFFLINE"] = "1"

import peft
import torch
import transformers
from peft import EvaConfig, LoraConfig, PeftModel, get_peft_model
from peft.utils import get_peft_model_state_dict
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM


def in_float64(decompose):
    """peft decomposes in float32, whose rounding shows in the result where singular values lie close together, on each processor another."""

    @functools.wraps(decompose)
    def call(matrix, *args, **settings):
        return tuple(part.to(matrix.dtype) for part in decompose(matrix.double(), *args, **settings))

    return call


torch.linalg.svd = in_float64(torch.linalg.svd)
torch.linalg.qr = in_float64(torch.linalg.qr)

VOCABULARY = 48
STEPS = 10
RATE = 1e-2
CLIP = 1.0

LLAMA_SIZES = dict(
    vocab_size=VOCABULARY, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=64, bos_token_id=1, eos_token_id=2, pad_token_id=None,
)  # fmt: skip
BASES = {
    "llama": transformers.LlamaConfig(**LLAMA_SIZES),
    "padded": transformers.LlamaConfig(**{**LLAMA_SIZES, "pad_token_id": 20}),
    "mistral": transformers.MistralConfig(**LLAMA_SIZES, sliding_window=4, head_dim=4),
    "qwen2": transformers.Qwen2Config(**LLAMA_SIZES, tie_word_embeddings=True),
    "bloom": transformers.BloomConfig(vocab_size=VOCABULARY, hidden_size=24, n_layer=2, n_head=6),
    "gpt2": transformers.GPT2Config(
        vocab_size=VOCABULARY, n_embd=16, n_layer=2, n_head=4, n_positions=64, bos_token_id=1, eos_token_id=2,
        resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0,
    ),
}  # fmt: skip


def config(**settings):
    return LoraConfig(**{"task_type": "CAUSAL_LM", "init_lora_weights": False, "r": 4, "lora_alpha": 8, **settings})


CASES = {
    "llama-plain": config(target_modules=["q_proj", "v_proj"]),
    "mistral-default": config(lora_alpha=16),
    "qwen2-regex": config(target_modules=r".*\.(q_proj|up_proj)", revision="main"),
    "bloom-plain": config(target_modules=["query_key_value", "dense_4h_to_h"], r=3, lora_alpha=5.5),
    "gpt2-default": config(lora_dropout=0.0),
    "llama-all-linear": config(
        target_modules="all-linear", r=2, rank_pattern={"q_proj": 5, "layers.1.mlp.down_proj": 3},
        alpha_pattern={"^model.layers.0.self_attn.q_proj": 3, "up_proj": 7.5},
    ),
    "gpt2-all-linear": config(target_modules="all-linear", r=2),
    "llama-rslora": config(target_modules=["q_proj", "k_proj", "o_proj"], use_rslora=True, r=8, lora_alpha=6),
    "llama-dora": config(target_modules=["q_proj", "v_proj", "down_proj"], use_dora=True),
    "qwen2-dora": config(target_modules=["k_proj", "o_proj"], use_dora=True),
    "gpt2-dora": config(target_modules=["c_attn", "mlp.c_proj"], use_dora=True),
    "llama-embedding": config(target_modules=["embed_tokens", "q_proj"]),
    "gpt2-embedding": config(target_modules=["wte", "wpe", "c_attn"]),
    "padded-embedding": config(target_modules=["embed_tokens"]),
    "padded-dora-embedding": config(target_modules=["embed_tokens"], use_dora=True, modules_to_save=["lm_head"]),
    "padded-modules-to-save": config(target_modules=["q_proj"], modules_to_save=["embed_tokens"]),
    "llama-dora-embedding": config(target_modules=["embed_tokens", "v_proj"], use_dora=True, use_rslora=True),
    "qwen2-lora-bias": config(target_modules=["q_proj", "v_proj"], lora_bias=True),
    "bloom-bias-all": config(target_modules=["query_key_value"], bias="all"),
    "gpt2-bias-all-whole": config(target_modules=["c_attn"], bias="all", modules_to_save=["ln_f"]),
    "gpt2-dora-bias-all": config(target_modules=["c_attn"], bias="all", use_dora=True),
    "qwen2-bias-lora-only": config(target_modules=["q_proj", "v_proj", "o_proj"], bias="lora_only"),
    "llama-modules-to-save": config(target_modules=["q_proj"], modules_to_save=["lm_head", "norm"]),
    "gpt2-modules-to-save": config(target_modules=["c_attn"], modules_to_save=["lm_head", "ln_f"]),
    "qwen2-modules-to-save": config(target_modules=["q_proj"], modules_to_save=["embed_tokens", "mlp"]),
    "qwen2-tied-head": config(target_modules=["lm_head", "v_proj"]),
    "qwen2-tied-embedding": config(target_modules=["embed_tokens", "v_proj"]),
    "llama-layers": config(
        target_modules=["q_proj", "v_proj", "down_proj"], layers_to_transform=[1], layers_pattern="layers",
        exclude_modules=["v_proj"],
    ),
    "bloom-one-layer": config(layers_to_transform=0, exclude_modules=r".*mlp.*"),
    "llama-dropout": config(target_modules=["q_proj", "v_proj"], lora_dropout=0.05),
    "llama-pissa": config(target_modules=["q_proj", "v_proj"], init_lora_weights="pissa"),
    "gpt2-pissa": config(target_modules=["c_attn"], init_lora_weights="pissa", use_rslora=True),
    "llama-dora-pissa": config(target_modules=["q_proj"], init_lora_weights="pissa", use_dora=True),
    "llama-olora": config(target_modules=["q_proj", "down_proj"], init_lora_weights="olora"),
    "llama-mica": config(target_modules=["embed_tokens", "q_proj", "down_proj"], init_lora_weights="mica"),
    "gpt2-eva": config(
        target_modules=["c_attn"], init_lora_weights="eva", eva_config=EvaConfig(tau=0.5), rank_pattern={"h.0.attn.c_attn": 2}
    ),
    "llama-tokens": config(target_modules=["q_proj", "v_proj"], trainable_token_indices=[3, 17, 40]),
    "llama-tokens-both": config(target_modules=["q_proj"], trainable_token_indices={"lm_head": [3, 17, 30], "embed_tokens": list(range(4, 40, 3))}),
    "llama-tokens-head": config(target_modules=["embed_tokens", "q_proj"], trainable_token_indices={"lm_head": [40, 7]}),
    "padded-tokens": config(target_modules=["q_proj"], trainable_token_indices=[20, 5], modules_to_save=["lm_head"]),
    "qwen2-tokens": config(target_modules=["q_proj"], trainable_token_indices=list(range(30, 10, -1))),
    "qwen2-tokens-both": config(target_modules=["q_proj"], trainable_token_indices={"embed_tokens": [9, 4], "lm_head": [9, 4]}),
    "qwen2-tokens-apart": config(target_modules=["q_proj"], trainable_token_indices={"embed_tokens": [9, 4, 30], "lm_head": [9, 5]}),
    "qwen2-tokens-of-head": config(target_modules=["q_proj"], trainable_token_indices={"lm_head": [9, 4]}, ensure_weight_tying=True),
    "qwen2-tokens-under-update": config(target_modules=["lm_head", "q_proj"], trainable_token_indices=[9, 4, 31]),
    "bloom-tokens": config(target_modules=["query_key_value"], trainable_token_indices=list(range(0, 48, 3))),
    "gpt2-tokens": config(target_modules=["c_attn"], trainable_token_indices={"wte": list(range(1, 48, 2)), "wpe": [0, 3]}),
    "qwen2-tied-copies": config(target_modules=["q_proj"], modules_to_save=["lm_head"], ensure_weight_tying=True),
    "qwen2-tied-copies-both": config(target_modules=["v_proj"], modules_to_save=["embed_tokens", "lm_head", "norm"], ensure_weight_tying=True),
    "qwen2-tied-updates": config(target_modules=["lm_head", "q_proj"], ensure_weight_tying=True),
    "qwen2-tied-updates-both": config(
        target_modules=["embed_tokens", "lm_head", "v_proj"], ensure_weight_tying=True, alpha_pattern={"lm_head": 3}, r=3),
    "qwen2-tied-updates-regex": config(target_modules=r"lm_head|.*q_proj", ensure_weight_tying=True),
    "qwen2-tied-updates-dora": config(target_modules=["embed_tokens", "q_proj"], ensure_weight_tying=True, use_dora=True),
    "llama-untied": config(target_modules=["lm_head", "q_proj"], ensure_weight_tying=True),
}  # fmt: skip

#: Cases trained before they are saved: their files hold no trace of what they took out of the base weights.
TRAINED_FIRST = ("llama-pissa", "gpt2-pissa", "llama-dora-pissa", "llama-olora")


#: Cases whose factors begin in ways that come to nothing here: any values will do.
FILLED = ("llama-mica", "gpt2-eva")


def base(name):
    """A model whose weights are large enough for every part to matter."""
    torch.manual_seed(sum(map(ord, name)))
    BASES[name]._name_or_path = f"toy/{name}"
    model = AutoModelForCausalLM.from_config(BASES[name], attn_implementation="eager", dtype=torch.float32)
    with torch.no_grad():
        for path, parameter in model.named_parameters():
            noise = torch.randn_like(parameter)
            is_norm = parameter.dim() == 1 and path.endswith("weight")
            parameter.copy_(1 + 0.2 * noise if is_norm else 0.3 * noise)
    return model.eval()


def data():
    """Rows with labels, batches to train on, and a prompt."""
    torch.manual_seed(7)

    def row(length, supervised):
        ids = torch.randint(3, VOCABULARY, (length,)).tolist()
        return {"ids": ids, "labels": [-100] * (length - supervised) + ids[length - supervised :]}

    rows = [row(9, 6), row(6, 6), row(11, 3)]
    batches = [[row(int(torch.randint(5, 10, ())), 4), row(7, 5)] for _ in range(STEPS)]
    return {"rows": rows, "batches": batches, "prompt": row(5, 0)["ids"]}


def padded(rows):
    width = max(len(row["ids"]) for row in rows)
    fill = lambda values, value: torch.tensor([v + [value] * (width - len(v)) for v in values])  # noqa: E731
    return {
        "input_ids": fill([row["ids"] for row in rows], 0),
        "attention_mask": fill([[1] * len(row["ids"]) for row in rows], 0),
        "labels": fill([row["labels"] for row in rows], -100),
    }


@torch.no_grad()
def outputs(model, given):
    model.eval()
    tensors, losses = {}, []
    for index, row in enumerate(given["rows"]):
        result = model(**padded([row]))
        tensors[f"logits.{index}"] = result.logits[0].float().contiguous()
        losses.append(result.loss.item())
    ids = list(given["prompt"])
    for _ in range(8):
        ids.append(model(input_ids=torch.tensor([ids])).logits[0, -1].argmax().item())
    return tensors, {"losses": losses, "greedy": ids[len(given["prompt"]) :]}


def train(model, given, epsilon):
    model.train()
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=RATE, eps=epsilon)
    schedule = transformers.get_linear_schedule_with_warmup(optimizer, 0, STEPS)
    trace = {"loss": [], "norm": []}
    for batch in given["batches"]:
        loss = model(**padded(batch)).loss
        loss.backward()
        trace["norm"].append(torch.nn.utils.clip_grad_norm_(parameters, CLIP).item())
        trace["loss"].append(loss.item())
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
    return trace


def metadata(**more):
    versions = {"peft": peft.__version__, "transformers": transformers.__version__, "torch": torch.__version__}
    return {"format": "pt", "versions": json.dumps(versions), **{key: json.dumps(value) for key, value in more.items()}}


def state(model, prefix):
    return {prefix + key: value.detach().clone().contiguous() for key, value in get_peft_model_state_dict(model).items()}


def save_adapter(model, folder, **options):
    model.save_pretrained(folder, **options)
    (folder / "README.md").unlink()


def case(name, lora, given, folder):
    torch.manual_seed(3)
    architecture = name.split("-")[0]
    model = get_peft_model(base(architecture), lora)
    if name in FILLED:
        with torch.no_grad():
            for path, parameter in model.named_parameters():
                if "lora_" in path:
                    parameter.normal_(0, 0.3)
    # A key's bias shifts all of a query's scores alike unless positions are rotated: its gradient is zero but for rounding, which
    # a small epsilon would blow up.
    epsilon = 1e-5 if lora.bias == "all" else 1e-8
    settings = {"rate": RATE, "clip": CLIP, "epsilon": epsilon, "weight_decay": 0.01}
    trained_first = name in TRAINED_FIRST
    tensors = state(model, "initial.") if trained_first else {}
    if not trained_first:
        save_adapter(model, folder)
        seen, values = outputs(model, given)
    trace = train(model, given, epsilon) if lora.lora_dropout == 0 else None
    if trained_first:
        save_adapter(model, folder)
        seen, values = outputs(model, given)
    elif trace:
        tensors.update(state(model, "trained."))
    report = model.get_nb_trainable_parameters()
    extra = {"training": settings, "trace": trace, "parameters": report, **values}
    save_file({**tensors, **seen}, folder / "golden.safetensors", metadata(**extra))


def several(given, root, names):
    """Several saved adapters on one model, active together in this order."""
    model = PeftModel.from_pretrained(base(names[0].split("-")[0]), root / names[0], adapter_name="first")
    model.load_adapter(root / names[1], adapter_name="second")
    model.base_model.set_adapter(["first", "second"])
    seen, values = outputs(model, given)
    return seen, values


def bfloat16(given, root):
    """What a bfloat16 base does to the numbers of llama-plain."""
    model = base("llama").to(torch.bfloat16)
    model = PeftModel.from_pretrained(model, root / "llama-plain", is_trainable=True)
    seen, values = outputs(model, given)
    return seen, {**values, "trace": train(model, given, 1e-8)}


def defaults(root):
    """The config files of LoraConfig() and of every setting that is only read and written."""
    model = get_peft_model(base("llama"), LoraConfig())
    model.save_pretrained(root / "defaults")
    for path in (root / "defaults").glob("*"):
        if path.name != "adapter_config.json":
            path.unlink()


def main(root, names):
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    given = data()
    for name in names:
        shutil.rmtree(root / name, ignore_errors=True)
        (root / name).mkdir()
        case(name, CASES[name], given, root / name)
    if names:
        return
    shutil.rmtree(root, ignore_errors=True)
    for name in BASES:
        base(name).save_pretrained(root / "base" / name)
        (root / "base" / name / "generation_config.json").unlink(missing_ok=True)
    (root / "data.json").write_text(json.dumps(given) + "\n")
    for name, lora in CASES.items():
        (root / name).mkdir()
        case(name, lora, given, root / name)
    for first, second in (("llama-plain", "llama-rslora"), ("llama-plain", "llama-dora")):
        seen, values = several(given, root, [first, second])
        save_file(seen, root / f"{first}+{second}.safetensors", metadata(**values))
    seen, values = bfloat16(given, root)
    save_file(seen, root / "llama-plain-bfloat16.safetensors", metadata(**values))
    defaults(root)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), sys.argv[2:])
