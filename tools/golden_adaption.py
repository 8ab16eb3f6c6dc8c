#!/usr/bin/env python3
"""Writes the fixtures of peft-methods' adaption prompt tests with the real libraries.

Needs what golden_lora.py needs, whose toy checkpoints and token ids it uses:

    python tools/golden_adaption.py peft-methods/src/test/resources/golden/llamaadapter

Cases named in CASES are peft's own. Those in EXTENSIONS are of models that peft has no adaption prompts for or fails on; they are
computed by Prompted, which says the method again in a few lines and is first checked against peft where peft works.
"""

import json
import math
import pathlib
import shutil
import sys
import warnings

import golden_lora as common
import torch
import transformers
from peft import AdaptionPromptConfig, get_peft_model
from safetensors.torch import save_file
from transformers.models.llama.modeling_llama import apply_rotary_pos_emb

GATE = 0.4
CASES = {
    "llama-top": dict(adapter_len=5, adapter_layers=1),
    "llama-all": dict(adapter_len=3, adapter_layers=2, target_modules="self_attn"),
    "mistral-all": dict(adapter_len=4, adapter_layers=2),
    "gpt2-all": dict(adapter_len=4, adapter_layers=2),
    "biased-top": dict(adapter_len=4, adapter_layers=1),
}
EXTENSIONS = {
    "qwen2-all": dict(adapter_len=4, adapter_layers=2, target_modules="self_attn"),
    "wide-all": dict(adapter_len=4, adapter_layers=2, target_modules="self_attn"),
    "bloom-all": dict(adapter_len=4, adapter_layers=2, target_modules="self_attention"),
}
# peft adds the output projection's bias a second time. Heads that are wider than the model has room for: peft reads the number of key
# heads off their projection's width and fails.
common.BASES["biased"] = transformers.LlamaConfig(**common.LLAMA_SIZES, attention_bias=True)
common.BASES["wide"] = transformers.MistralConfig(**common.LLAMA_SIZES, sliding_window=4, head_dim=6)


class Prompted(torch.nn.Module):
    """An attention beside which every query attends to a trained prompt, with a gate."""

    def __init__(self, attention, length, width, bloom):
        super().__init__()
        self.attention, self.bloom = attention, bloom
        self.adaption_prompt = torch.nn.Parameter(torch.randn(1, length, width))
        self.adaption_gate = torch.nn.Parameter(torch.full((1,), GATE))

    def __getattr__(self, name):
        return super().__getattr__(name) if name in ("attention", "adaption_prompt", "adaption_gate") else getattr(
            super().__getattr__("attention"), name)

    def forward(self, hidden_states, *arguments, **more):
        out, *rest = self.attention(hidden_states, *arguments, **more)
        a, batch = self.attention, hidden_states.shape[0]
        if self.bloom:
            q, _, _ = a.query_key_value(hidden_states).view(*hidden_states.shape[:2], a.num_heads, 3, -1).unbind(3)
            _, k, v = a.query_key_value(self.adaption_prompt).view(1, -1, a.num_heads, 3, a.head_dim).unbind(3)
            q, k, v = (t.transpose(1, 2) for t in (q, k, v))
            project = lambda t: torch.nn.functional.linear(t, a.dense.weight)  # noqa: E731
        else:
            heads = lambda t: t.view(*t.shape[:2], -1, a.head_dim).transpose(1, 2)  # noqa: E731
            q, k, v = heads(a.q_proj(hidden_states)), heads(a.k_proj(self.adaption_prompt)), heads(a.v_proj(self.adaption_prompt))
            q, _ = apply_rotary_pos_emb(q, q, *more["position_embeddings"])
            k, v = (t.repeat_interleave(q.shape[1] // t.shape[1], dim=1) for t in (k, v))
            project = a.o_proj
        p = torch.softmax(q @ k.transpose(2, 3) / math.sqrt(a.head_dim), -1)
        mixed = (self.adaption_gate * p @ v).transpose(1, 2).reshape(batch, hidden_states.shape[1], -1)
        return out + project(mixed), *rest


def prompted(architecture, settings):
    model = common.base(architecture)
    for parameter in model.parameters():
        parameter.requires_grad = False
    bloom = architecture == "bloom"
    blocks = model.transformer.h if bloom else model.model.layers
    for block in blocks[len(blocks) - settings["adapter_layers"] :]:
        name = "self_attention" if bloom else "self_attn"
        setattr(block, name, Prompted(getattr(block, name), settings["adapter_len"], model.config.hidden_size, bloom))
    return model


def state(model):
    return {"base_model.model." + name: p.detach().clone() for name, p in model.named_parameters() if "adaption_" in name}


def write(model, adapter, given, folder, extra):
    seen, values = common.outputs(model, given)
    trace = common.train(model, given, 1e-8)
    trained = {"trained." + key: value for key, value in adapter().items()}
    settings = {"rate": common.RATE, "clip": common.CLIP, "epsilon": 1e-8, "weight_decay": 0.01}
    save_file({**trained, **seen}, folder / "golden.safetensors", common.metadata(training=settings, trace=trace, **extra, **values))


def case(name, settings, given, folder):
    torch.manual_seed(3)
    base = common.base(name.split("-")[0])
    base.name_or_path = base.config._name_or_path
    model = get_peft_model(base, AdaptionPromptConfig(task_type="CAUSAL_LM", **settings))
    with torch.no_grad():
        for path, parameter in model.named_parameters():
            if "adaption_gate" in path:
                parameter.fill_(GATE)
    common.save_adapter(model, folder)
    trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
    total = sum(p.numel() for p in model.parameters())
    write(model, lambda: common.state(model, ""), given, folder, {"parameters": [trainable, total]})


def extension(name, settings, given, folder):
    torch.manual_seed(3)
    architecture = name.split("-")[0]
    model = prompted(architecture, settings)
    config = AdaptionPromptConfig(task_type="CAUSAL_LM", base_model_name_or_path=f"toy/{architecture}", inference_mode=True, **settings)
    config.save_pretrained(folder)
    save_file(state(model), folder / "adapter_model.safetensors", {"format": "pt"})
    trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
    total = sum(p.numel() for p in model.parameters())
    write(model, lambda: state(model), given, folder, {"parameters": [trainable, total]})


def check(given):
    """Prompted computes what peft does where peft works."""
    settings = dict(adapter_len=3, adapter_layers=2)
    theirs = get_peft_model(common.base("llama"), AdaptionPromptConfig(task_type="CAUSAL_LM", **settings)).eval()
    ours = prompted("llama", settings)
    with torch.no_grad():
        values = {name: p for name, p in ours.named_parameters() if "adaption_" in name}
        for name, parameter in theirs.named_parameters():
            if "adaption_" in name:
                parameter.copy_(values[name.removeprefix("base_model.model.")])
    for key, value in common.outputs(theirs, given)[0].items():
        torch.testing.assert_close(common.outputs(ours, given)[0][key], value, rtol=0, atol=1e-6)


def main(root):
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    shutil.rmtree(root, ignore_errors=True)
    given = common.data()
    check(given)
    for name in ("wide", "biased"):
        common.base(name).save_pretrained(root / "base" / name)
        (root / "base" / name / "generation_config.json").unlink(missing_ok=True)
    for write_case, cases in ((case, CASES), (extension, EXTENSIONS)):
        for name, settings in cases.items():
            (root / name).mkdir()
            write_case(name, settings, given, root / name)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
