#!/usr/bin/env python3
"""Writes the fixtures of peft-models' architecture tests with the real transformers: tiny random checkpoints and what they compute.

Needs torch 2.7.1 and transformers 5.23.0. The build does not need this script; run it only to renew the fixtures:

    python tools/golden_models.py peft-models/src/test/resources/golden/models [CASE ...]

One folder per case: config.json and weights as save_pretrained writes them, and golden.safetensors with inputs and outputs. Rows of
different lengths stand end to end, [N, ...]; "variants" in its metadata lists changes of config.json whose logits are there too:
of each row alone, or "stepwise", a token at a time with a cache.
"""

import json
import pathlib
import shutil
import sys
import tempfile

import torch
import torch.nn.functional as F
import transformers
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, DynamicCache
from transformers.activations import ACT2FN
from transformers.models.bloom.modeling_bloom import _get_alibi_slopes
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

LENGTHS = (11, 4, 7)
VIRTUAL = 3
PREFIX = 4
NEW_TOKENS = 6
LONG = 530
MARGIN = 0.02
STEADY = 0.04

GOLDEN = "golden.safetensors"

# Activation functions that are no functions of their input alone.
WITH_WEIGHTS = ("prelu", "xielu")


class TooClose(Exception):
    """Two tokens, or the two sides of a relu, are so near each other that rounding could decide between them: another seed is needed."""


LLAMA3 = {"rope_type": "llama3", "factor": 4.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0}
SMALL = dict(vocab_size=37, hidden_size=16, intermediate_size=26, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=1024)


def llama(**changes):
    settings = SMALL | dict(num_key_value_heads=2, head_dim=6, rms_norm_eps=1e-5, rope_parameters={"rope_type": "default", "rope_theta": 500.0})
    return transformers.LlamaConfig(**(settings | changes))


def cases():
    """Name, config, and what else there is to the case."""
    old_theta = {"set": {"rope_theta": 500.0}, "remove": ["rope_parameters"]}
    yield "llama", llama(), {
        "long": ["model.layers.0.self_attn.q_proj.weight", "model.layers.1.self_attn.k_proj.weight", "model.layers.0.self_attn.v_proj.weight"],
        "variants": {
            "rope_theta in its old place": old_theta,
            "rope_theta absent": {"remove": ["rope_parameters"]},
            "llama3 scaling": {"set": {"rope_parameters": LLAMA3 | {"rope_theta": 500.0, "original_max_position_embeddings": 64}}},
            "llama3 scaling in its old place": {
                "set": {"rope_theta": 500.0, "rope_scaling": LLAMA3 | {"original_max_position_embeddings": 64}},
                "remove": ["rope_parameters"],
            },
            "llama3 scaling without an original length": {
                "set": {"rope_parameters": LLAMA3 | {"rope_theta": 500.0}, "max_position_embeddings": 64}
            },
            "linear scaling": {"set": {"rope_parameters": {"rope_type": "linear", "factor": 2.5, "rope_theta": 500.0}}},
            "linear scaling in its old place": {
                "set": {"rope_theta": 500.0, "rope_scaling": {"type": "linear", "factor": 2.5}},
                "remove": ["rope_parameters"],
            },
            "gelu in the gate": {"set": {"hidden_act": "gelu"}},
            "tanh gelu in the gate": {"set": {"hidden_act": "gelu_pytorch_tanh"}},
            "relu in the gate": {"set": {"hidden_act": "relu"}},
            "mish in the gate": {"set": {"hidden_act": "mish"}},
        },
    }
    yield "llama-biased", llama(
        hidden_size=18, num_attention_heads=3, num_key_value_heads=3, head_dim=None,
        attention_bias=True, mlp_bias=True, tie_word_embeddings=True, rms_norm_eps=1e-6, hidden_act="gelu",
    ), {}  # fmt: skip
    yield "llama-bf16", llama(num_hidden_layers=1), {"dtype": torch.bfloat16, "only": ["logits"]}
    yield "llama-bin", llama(tie_word_embeddings=True, num_hidden_layers=1), {"save": save_bin, "only": ["logits"]}
    yield "llama-sharded", llama(num_hidden_layers=1), {"save": save_sharded, "only": ["logits"]}
    yield "llama-bare", llama(tie_word_embeddings=True, num_hidden_layers=1), {"save": save_bare, "only": ["logits"]}
    yield "mistral", transformers.MistralConfig(
        **SMALL, num_key_value_heads=1, head_dim=8, sliding_window=4, rope_parameters={"rope_type": "default", "rope_theta": 1000.0}
    ), {
        "long": ["model.layers.0.self_attn.q_proj.weight", "model.layers.1.self_attn.k_proj.weight", "model.layers.0.self_attn.v_proj.weight"],
        "variants": {
            "no window": {"set": {"sliding_window": None}},
            "window absent": {"remove": ["sliding_window"]},
            "window of one": {"set": {"sliding_window": 1}},
        },
    }
    yield "qwen2", transformers.Qwen2Config(
        **SMALL, num_key_value_heads=2, use_sliding_window=True, sliding_window=3, max_window_layers=1
    ), {
        "variants": {
            "layer_types absent": {"remove": ["layer_types"]},
            "layer_types the other way round": {"set": {"layer_types": ["sliding_attention", "full_attention"]}},
            "window off": {"set": {"use_sliding_window": False}, "remove": ["layer_types"]},
            "window from the first layer": {"set": {"max_window_layers": 0}, "remove": ["layer_types"]},
            "window beyond the layers": {"remove": ["layer_types", "max_window_layers"]},
        },
    }
    gpt2 = dict(vocab_size=41, n_embd=20, n_layer=2, n_head=4, n_inner=29, n_positions=48, bos_token_id=0, eos_token_id=0)
    yield "gpt2", transformers.GPT2Config(**gpt2), {
        "variants": {
            **{f"{name} as activation": {"set": {"activation_function": name}} for name in ACT2FN if name not in WITH_WEIGHTS},
            "scores scaled by layer": {"set": {"scale_attn_by_inverse_layer_idx": True}},
            "scores not scaled": {"set": {"scale_attn_weights": False}},
            "scores computed in float32": {"set": {"reorder_and_upcast_attn": True}},
            "names shared by all models": {
                "set": {"hidden_size": 20, "num_hidden_layers": 2, "num_attention_heads": 4, "max_position_embeddings": 48},
                "remove": ["n_embd", "n_layer", "n_head", "n_positions"],
            },
            "fewer heads by the shared name": {"set": {"num_attention_heads": 2}},
            "more positions by the shared name": {"set": {"n_positions": 8, "max_position_embeddings": 48}},
        },
    }
    yield "gpt2-bare", transformers.GPT2Config(**(gpt2 | {"n_layer": 1, "n_inner": None})), {"save": save_bare, "only": ["logits"]}
    yield "gpt2-untied", transformers.GPT2Config(**(gpt2 | {"n_layer": 1, "n_inner": None, "tie_word_embeddings": False})), {
        "only": ["logits"],
        "variants": {"tied by the config though the file holds two": {"set": {"tie_word_embeddings": True}}},
    }
    bloom = dict(vocab_size=43, hidden_size=18, n_layer=2, n_head=6, bos_token_id=0, eos_token_id=0)
    yield "bloom", transformers.BloomConfig(**bloom), {
        "long": ["transformer.h.0.self_attention.query_key_value.weight", "transformer.h.1.self_attention.query_key_value.bias"],
        "variants": {
            "the width's old name": {"set": {"n_embed": 18}, "remove": ["hidden_size"]},
            "names shared by all models": {
                "set": {"num_hidden_layers": 2, "num_attention_heads": 6},
                "remove": ["n_layer", "n_head"],
            },
            "other heads by the shared name": {"set": {"num_attention_heads": 3}},
            "more layers by the shared name": {"set": {"n_layer": 1, "num_hidden_layers": 2}},
            "the width's old name beside the new one": {"set": {"n_embed": 18, "hidden_size": 36}},
        },
    }
    yield "bloom-residual", transformers.BloomConfig(
        **(bloom | {"n_head": 2, "apply_residual_connection_post_layernorm": True})
    ), {}
    yield "bloom-bare", transformers.BloomConfig(**(bloom | {"n_layer": 1, "n_head": 9})), {"save": save_bare, "only": ["logits"]}
    yield "llama-doubles", llama(num_hidden_layers=1), {"dtype": torch.float64, "save": save_listed, "only": ["logits"]}
    yield "gpt2-doubles", transformers.GPT2Config(**(gpt2 | {"n_layer": 1, "n_inner": None})), {
        "dtype": torch.float64, "save": save_with_masks, "only": ["logits"],
    }  # fmt: skip


    yield from later_cases()


YARN = {"rope_type": "yarn", "factor": 4.0, "rope_theta": 500.0, "original_max_position_embeddings": 8}
DYNAMIC = {"set": {"rope_parameters": {"rope_type": "dynamic", "factor": 2.0, "rope_theta": 500.0}, "max_position_embeddings": 6}}


def longrope(pairs, original, **changes):
    short, long = [1.0 + 0.3 * i for i in range(pairs)], [1.5 + 2.0 * i for i in range(pairs)]
    scaling = {"rope_type": "longrope", "short_factor": short, "long_factor": long, "rope_theta": 500.0}
    return {"rope_parameters": scaling | changes, "original_max_position_embeddings": original, "max_position_embeddings": 64}


def in_all_ways(change):
    """A change whose numbers depend on how long a row is: whole rows, some of them long, and a token at a time."""
    return {"long and short rows": change, "a token at a time": change | {"stepwise": True}}


def later_cases():
    """Architectures and rotations that came later; behind the others, whose seeds are their numbers."""
    yield "llama-rotary", llama(num_hidden_layers=1), {
        "only": ["logits"],
        "variants": {
            "yarn": {"set": {"rope_parameters": YARN}},
            "yarn in its old place": {
                "set": {"rope_theta": 500.0, "rope_scaling": {"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 8}},
                "remove": ["rope_parameters"],
            },
            "yarn that is not truncated": {"set": {"rope_parameters": YARN | {"truncate": False, "beta_fast": 4.0, "beta_slow": 0.5}}},
            "yarn by mscale": {"set": {"rope_parameters": YARN | {"mscale": 0.7, "mscale_all_dim": 1.2}}},
            "yarn by attention_factor": {"set": {"rope_parameters": YARN | {"attention_factor": 1.4}}},
            **{f"dynamic, {how}": change for how, change in in_all_ways(DYNAMIC).items()},
            "longrope, short": {"set": longrope(3, 32)},
            "longrope, long": {"set": longrope(3, 2)},
            "longrope by factor": {"set": longrope(3, 2, factor=3.0)},
            "longrope by attention_factor": {"set": longrope(3, 2, attention_factor=1.3)},
            **{f"longrope, {how}": change for how, change in in_all_ways({"set": longrope(3, 6)}).items()},
        },
    }
    yield "qwen3", transformers.Qwen3Config(
        **SMALL, num_key_value_heads=2, head_dim=6, attention_bias=True, tie_word_embeddings=False,
        use_sliding_window=True, sliding_window=3, max_window_layers=1,
    ), {
        "long": ["model.layers.0.self_attn.q_norm.weight", "model.layers.1.self_attn.k_proj.weight"],
        "variants": {
            "layer_types absent": {"remove": ["layer_types"]},
            "window off": {"set": {"use_sliding_window": False}, "remove": ["layer_types"]},
            "yarn": {"set": {"rope_parameters": YARN}},
        },
    }  # fmt: skip
    yield "phi3", transformers.Phi3Config(
        **(SMALL | dict(hidden_size=32)), num_key_value_heads=2, pad_token_id=0, sliding_window=5,
        rope_parameters={"rope_type": "default", "rope_theta": 500.0, "partial_rotary_factor": 0.75},
    ), {
        "variants": {
            "no window": {"set": {"sliding_window": None}},
            "whole heads rotated": {"set": {"rope_parameters": {"rope_type": "default", "rope_theta": 500.0}}},
            "rotation in its old place": {
                "set": {"rope_theta": 500.0, "partial_rotary_factor": 0.5}, "remove": ["rope_parameters"],
            },
            "longrope, short": {"set": longrope(3, 32, partial_rotary_factor=0.75)},
            "longrope, long": {"set": longrope(3, 2, partial_rotary_factor=0.75)},
            "longrope by an old name": {
                "set": {
                    "rope_scaling": {
                        "type": "su", "short_factor": [1.0] * 4, "long_factor": [1.5, 2.0, 3.0, 4.0], "original_max_position_embeddings": 2,
                    },
                },
                "remove": ["rope_parameters"],
            },
            **{f"longrope, {how}": change for how, change in in_all_ways({"set": longrope(3, 6, partial_rotary_factor=0.75)}).items()},
        },
    }  # fmt: skip
    yield "smollm3", transformers.SmolLM3Config(
        **SMALL, num_key_value_heads=2, pad_token_id=0, tie_word_embeddings=True, no_rope_layer_interval=2,
        rope_parameters={"rope_type": "default", "rope_theta": 500.0},
    ), {
        "variants": {
            "other layers without rotation": {"set": {"no_rope_layers": [0, 1]}},
            "layers by their interval": {"remove": ["no_rope_layers"]},
            "layers by the usual interval": {"remove": ["no_rope_layers", "no_rope_layer_interval"]},
            "windows where there is no rotation": {
                "set": {"use_sliding_window": True, "sliding_window": 3}, "remove": ["layer_types", "no_rope_layers"],
            },
            "windows by layer_types": {
                "set": {"use_sliding_window": True, "sliding_window": 3, "layer_types": ["sliding_attention", "full_attention"]},
            },
            "theta absent": {"remove": ["rope_parameters"]},
        },
    }  # fmt: skip
    yield "olmo2", transformers.Olmo2Config(
        **SMALL, num_key_value_heads=4, pad_token_id=0, attention_bias=True, rope_parameters={"rope_type": "default", "rope_theta": 500.0},
    ), {
        "variants": {
            "dynamic": DYNAMIC,
            "padding absent": {"remove": ["pad_token_id", "num_key_value_heads"]},
        },
    }  # fmt: skip
    neox = dict(vocab_size=37, hidden_size=32, intermediate_size=26, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=64)
    yield "gpt_neox", transformers.GPTNeoXConfig(
        **neox, rope_parameters={"rope_type": "default", "rope_theta": 500.0, "partial_rotary_factor": 0.5}
    ), {
        "long": ["gpt_neox.layers.0.attention.query_key_value.weight"],
        "variants": {
            "one part after the other": {"set": {"use_parallel_residual": False}},
            "rotation in its old place": {"set": {"rotary_emb_base": 700, "rotary_pct": 0.75}, "remove": ["rope_parameters"]},
            "rotation absent": {"remove": ["rope_parameters"]},
            "linear scaling": {
                "set": {"rope_parameters": {"rope_type": "linear", "factor": 2.0, "rope_theta": 500.0, "partial_rotary_factor": 0.5}}
            },
        },
    }
    yield "gpt_neox-unbiased", transformers.GPTNeoXConfig(**neox, attention_bias=False, tie_word_embeddings=True), {"only": ["logits"]}
    gemma = dict(vocab_size=37, hidden_size=16, intermediate_size=26, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=1024)
    yield "gemma", transformers.GemmaConfig(
        **gemma, num_key_value_heads=1, head_dim=6, rope_parameters={"rope_type": "default", "rope_theta": 500.0}
    ), {
        "variants": {
            "gelu means its approximation": {"set": {"hidden_act": "gelu"}},
            "activation absent": {"remove": ["hidden_act"]},
            "relu in the gate": {"set": {"hidden_act": "relu"}},
        },
    }
    gemma2 = gemma | dict(num_key_value_heads=2, head_dim=6, query_pre_attn_scalar=9, sliding_window=4)
    yield "gemma2", transformers.Gemma2Config(
        **gemma2, attn_logit_softcapping=2.0, final_logit_softcapping=8.0, rope_parameters={"rope_type": "default", "rope_theta": 500.0}
    ), {
        "attention": "eager",
        "long": ["model.layers.0.self_attn.q_proj.weight", "model.layers.1.self_attn.k_proj.weight", "model.layers.1.self_attn.v_proj.weight"],
        "variants": {
            "no caps": {"set": {"attn_logit_softcapping": None, "final_logit_softcapping": None}},
            "caps absent": {"remove": ["attn_logit_softcapping", "final_logit_softcapping"]},
            "layer_types absent": {"remove": ["layer_types"]},
            "layer_types the other way round": {"set": {"layer_types": ["full_attention", "sliding_attention"]}},
            "relu in the gate": {"set": {"hidden_activation": "relu"}},
        },
    }
    two_bases = {"full_attention": {"rope_type": "default", "rope_theta": 700.0}, "sliding_attention": {"rope_type": "default", "rope_theta": 90.0}}
    yield "gemma3_text", transformers.Gemma3TextConfig(
        **gemma2, layer_types=["sliding_attention", "full_attention"], rope_parameters=two_bases,
    ), {
        "long": ["model.layers.0.self_attn.q_norm.weight", "model.layers.1.self_attn.k_proj.weight"],
        "variants": {
            "bases in their old places": {
                "set": {"rope_theta": 700.0, "rope_local_base_freq": 90.0}, "remove": ["rope_parameters"],
            },
            "bases absent": {"remove": ["rope_parameters"]},
            "scaled where all keys are seen": {
                "set": {"rope_theta": 700.0, "rope_local_base_freq": 90.0, "rope_scaling": {"rope_type": "linear", "factor": 8.0}},
                "remove": ["rope_parameters"],
            },
            "layers by their pattern": {"set": {"sliding_window_pattern": 1}, "remove": ["layer_types"]},
            "capped logits": {"set": {"final_logit_softcapping": 3.0}},
        },
    }
    opt = dict(vocab_size=37, hidden_size=16, ffn_dim=26, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=64)
    yield "opt", transformers.OPTConfig(**opt), {
        "steady": True, "attention": "eager",
        "variants": {
            "gelu as activation": {"set": {"activation_function": "gelu"}},
            "what has defaults absent": {
                "remove": [
                    "activation_function", "do_layer_norm_before", "enable_bias", "layer_norm_elementwise_affine", "pad_token_id",
                    "_remove_final_layer_norm", "tie_word_embeddings", "word_embed_proj_dim",
                ],
            },
        },
    }  # fmt: skip
    yield "opt-behind", transformers.OPTConfig(**opt, word_embed_proj_dim=10, do_layer_norm_before=False, pad_token_id=None), {"steady": True, "attention": "eager"}
    yield "opt-plain", transformers.OPTConfig(
        **(opt | dict(num_hidden_layers=1)), enable_bias=False, layer_norm_elementwise_affine=False, tie_word_embeddings=False,
    ), {"only": ["logits"], "variants": {"no norm behind the last block": {"set": {"_remove_final_layer_norm": True}}}}  # fmt: skip
    yield "opt-bare", transformers.OPTConfig(**(opt | dict(num_hidden_layers=1))), {"save": save_bare, "only": ["logits"]}


def randomize(model):
    """Weights far enough from their usual start that every part of the model matters; Gemma's norms multiply by 1 + w."""
    center = 0.0 if "gemma" in model.config.model_type else 1.0
    with torch.no_grad():
        for name, weight in model.named_parameters():
            norm = "norm" in name or ".ln_" in name
            if weight.dim() == 1:
                weight.normal_(center if norm and name.endswith("weight") else 0.0, 0.3)
            elif "embed" in name or ".wte." in name or ".wpe." in name:
                weight.normal_(0.0, 0.7)
            else:
                weight.normal_(0.0, 1.3 / weight.shape[-1] ** 0.5)


def save_bin(model, folder):
    """As old checkpoints are: pickled, tied weights under both names, rotary frequencies as tensors."""
    model.config.save_pretrained(folder)
    state = dict(model.state_dict())
    frequencies = model.model.rotary_emb.inv_freq.detach().as_subclass(torch.Tensor)
    for layer in range(model.config.num_hidden_layers):
        state[f"model.layers.{layer}.self_attn.rotary_emb.inv_freq"] = frequencies
    torch.save(state, folder / "pytorch_model.bin")


def save_sharded(model, folder):
    model.save_pretrained(folder, max_shard_size="4KB")


def save_bare(model, folder):
    """The model without its head, as several well-known checkpoints are; GPT-2's old ones hold causal masks too."""
    model.config.architectures = [type(model.base_model).__name__]
    state = {name: weight.clone() for name, weight in model.base_model.state_dict().items()}
    if model.config.model_type == "gpt2":
        for layer in range(model.config.n_layer):
            state[f"h.{layer}.attn.bias"] = torch.tril(torch.ones(1, 1, 8, 8))
            state[f"h.{layer}.attn.masked_bias"] = torch.tensor(-1e4)
    model.config.save_pretrained(folder)
    save_file(state, folder / "model.safetensors", {"format": "pt"})


def save_listed(model, folder):
    """As conversions of 2023 are: the index lists buffers that no shard holds."""
    save_sharded(model, folder)
    index = json.loads((folder / "model.safetensors.index.json").read_text())
    index["weight_map"]["model.layers.0.self_attn.rotary_emb.inv_freq"] = "model-00001-of-%05d.safetensors" % len(
        set(index["weight_map"].values())
    )
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=2, sort_keys=True))


def save_with_masks(model, folder):
    """Pickled, with causal masks of other types than numbers of a model."""
    model.config.save_pretrained(folder)
    state = {name: weight.clone() for name, weight in model.state_dict().items() if name != "lm_head.weight"}
    state["transformer.h.0.attn.bias"] = torch.tril(torch.ones(1, 1, 8, 8, dtype=torch.bool))
    state["transformer.h.0.attn.masked_bias"] = torch.tensor(-10000)
    torch.save(state, folder / "pytorch_model.bin")


def pad(rows, left, value):
    longest = max(len(row) for row in rows)
    fill = [torch.full((longest - len(row),), value) for row in rows]
    return torch.stack([torch.cat((f, r) if left else (r, f)) for r, f in zip(rows, fill)])


def packed(batch, mask):
    return torch.cat([row[m.bool()] for row, m in zip(batch, mask)])


def logits(model, rows):
    with torch.no_grad():
        return torch.cat([model(input_ids=row[None]).logits[0] for row in rows])


def padded_logits(model, rows, left):
    """Positions as generate gives them: counted from a row's first token."""
    mask = pad([torch.ones_like(row) for row in rows], left, 0)
    places = {} if model.config.model_type == "bloom" else {"position_ids": (mask.cumsum(-1) - 1).clamp(min=0)}
    with torch.no_grad():
        return packed(model(input_ids=pad(rows, left, 0), attention_mask=mask, **places).logits, mask)


def gradients(model, names=None):
    found = {name: weight.grad.clone() for name, weight in model.named_parameters() if names is None or name in names}
    model.zero_grad()
    return found


def summed_loss(row_logits, labels):
    return F.cross_entropy(row_logits[:-1], labels[1:], ignore_index=-100, reduction="sum")


def with_loss(model, rows, labels, out):
    """The loss as the Trainer takes it, over a padded batch, and all its gradients."""
    mask = pad([torch.ones_like(row) for row in rows], False, 0)
    result = model(input_ids=pad(rows, False, 0), attention_mask=mask, labels=pad(labels, False, -100))
    result.loss.backward()
    out["loss"] = result.loss.detach()
    out.update({f"gradient.{name}": gradient for name, gradient in gradients(model).items()})


def with_virtual_tokens(model, rows, labels, out):
    out["virtual.embeddings"] = torch.randn(VIRTUAL, model.get_input_embeddings().embedding_dim)
    out.update(behind_virtual_tokens(model, rows, labels, out["virtual.embeddings"]))
    table = model.get_input_embeddings().weight
    name = next(name for name, weight in model.named_parameters() if weight is table)
    out.update({f"virtual.gradient.{name}": gradient for name, gradient in gradients(model, [name]).items()})


def behind_virtual_tokens(model, rows, labels, virtual):
    virtual = virtual.to(model.dtype, copy=True).requires_grad_()
    results, loss, count = [], 0, 0
    for row, label in zip(rows, labels):
        embeds = torch.cat((virtual, model.get_input_embeddings()(row)))[None]
        results.append(model(inputs_embeds=embeds).logits[0])
        loss = loss + summed_loss(results[-1], torch.cat((torch.full((VIRTUAL,), -100), label)))
        count += (label != -100).sum()
    (loss / count).backward()
    return {"virtual.logits": torch.cat(results).detach(), "virtual.loss": (loss / count).detach(), "virtual.gradient": virtual.grad}


def with_prefix(model, rows, labels, out):
    """Keys and values before every row; stored as [layers, P, heads, head size]."""
    config = model.config
    heads = getattr(config, "num_key_value_heads", config.num_attention_heads)
    size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    shape = (config.num_hidden_layers, PREFIX, heads, size)
    out["prefix.keys"], out["prefix.values"] = torch.randn(shape), torch.randn(shape)
    out.update(behind_prefix(model, rows, labels, out["prefix.keys"], out["prefix.values"]))


def behind_prefix(model, rows, labels, keys, values):
    keys, values = (drawn.to(model.dtype, copy=True).requires_grad_() for drawn in (keys, values))
    config = model.config
    results, loss, count = [], 0, 0
    for row, label in zip(rows, labels):
        cache = DynamicCache()
        for layer in range(config.num_hidden_layers):
            cache.update(keys[layer].transpose(0, 1)[None], values[layer].transpose(0, 1)[None], layer)
        mask = torch.ones(1, PREFIX + len(row), dtype=torch.long)
        results.append(model(input_ids=row[None], attention_mask=mask, past_key_values=cache).logits[0])
        loss = loss + summed_loss(results[-1], label)
        count += (label[1:] != -100).sum()
    (loss / count).backward()
    model.zero_grad()
    return {
        "prefix.logits": torch.cat(results).detach(), "prefix.loss": (loss / count).detach(),
        "prefix.keys.gradient": keys.grad, "prefix.values.gradient": values.grad,
    }  # fmt: skip


def assert_steady(folder, rows, labels, out):
    """Rounding turns some relu on or off: where that makes much of a difference, bfloat16 says nothing about who computes it."""
    for attention in ("eager", "sdpa"):
        half = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16, attn_implementation=attention).eval()
        found = behind_virtual_tokens(half, rows, labels, out["virtual.embeddings"])
        found |= behind_prefix(half, rows, labels, out["prefix.keys"], out["prefix.values"])
        for name in ("virtual.gradient", "prefix.keys.gradient", "prefix.values.gradient"):
            if (found[name] - out[name]).norm() > STEADY * out[name].norm():
                raise TooClose


def with_continuation(model, rows, out):
    mask = pad([torch.ones_like(row) for row in rows], True, 0)
    result = model.generate(
        input_ids=pad(rows, True, 0), attention_mask=mask, do_sample=False, max_new_tokens=NEW_TOKENS, use_cache=True,
        eos_token_id=None, pad_token_id=0, output_logits=True, return_dict_in_generate=True,
    )  # fmt: skip
    for step in result.logits:
        best = step.topk(2).values
        if (best[:, 0] - best[:, 1]).min() < MARGIN:
            raise TooClose
    out["continuation"] = result.sequences[:, -NEW_TOKENS:].contiguous()


def with_long_row(model, names, out):
    """A row that the tiled attention takes; its last logits and the gradients of some weights."""
    row = torch.randint(0, model.config.vocab_size, (LONG,))
    result = model(input_ids=row[None], labels=row[None])
    result.loss.backward()
    out["long.ids"], out["long.loss"] = row, result.loss.detach()
    out["long.logits"] = result.logits[0, -3:].detach().clone()
    out.update({f"long.gradient.{name}": gradient for name, gradient in gradients(model, names).items()})


def stepwise_logits(model, rows):
    """A token at a time: what is in the cache stays as it was."""
    found = []
    with torch.no_grad():
        for row in rows:
            cache = DynamicCache()
            for place in range(len(row)):
                found.append(model(input_ids=row[None, place : place + 1], past_key_values=cache, use_cache=True).logits[0])
    return torch.cat(found)


def variant(folder, change, rows, attention):
    config = json.loads((folder / "config.json").read_text())
    for key in change.get("remove", []):
        config.pop(key, None)
    config.update(change.get("set", {}))
    with tempfile.TemporaryDirectory() as copy:
        shutil.copytree(folder, copy, dirs_exist_ok=True)
        (pathlib.Path(copy) / "config.json").write_text(json.dumps(config))
        model = AutoModelForCausalLM.from_pretrained(copy, dtype=torch.float32, attn_implementation=attention).eval()
        return stepwise_logits(model, rows) if change.get("stepwise") else logits(model, rows)


def save_golden(folder, tensors, **about):
    """One entry of metadata, since several would be written in any order."""
    about |= {"torch": torch.__version__, "transformers": transformers.__version__}
    contiguous = {key: value.contiguous() for key, value in tensors.items()}
    save_file(contiguous, folder / GOLDEN, {"about": json.dumps(about)})


def write(root, seed, name, config, options):
    torch.manual_seed(seed)
    folder = root / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    made = AutoModelForCausalLM.from_config(config)
    randomize(made)
    made.to(options.get("dtype", torch.float32))
    options.get("save", lambda model, target: model.save_pretrained(target))(made, folder)
    (folder / "generation_config.json").unlink(missing_ok=True)

    # Gemma 2 caps its scores in the written-out attention alone; of OPT's two ones in bfloat16 ours is the written-out one.
    attention = options.get("attention")
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation=attention).eval()
    rows = [torch.randint(0, config.vocab_size, (n,)) for n in LENGTHS]
    labels = [torch.where(torch.rand(len(row)) < 0.3, -100, row) for row in rows]
    labels[0][0], labels[1][0] = rows[0][0], -100
    out = {"ids": torch.cat(rows), "lengths": torch.tensor(LENGTHS), "labels": torch.cat(labels)}
    out["logits"] = logits(model, rows)
    out["bfloat16"] = logits(
        AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16, attn_implementation=attention).eval(), rows
    )
    if "only" not in options:
        out["padded.left"] = padded_logits(model, rows, True)
        out["padded.right"] = padded_logits(model, rows, False)
        with_loss(model, rows, labels, out)
        with_virtual_tokens(model, rows, labels, out)
        with_prefix(model, rows, labels, out)
        with_continuation(model, rows, out)
    if "steady" in options:
        assert_steady(folder, rows, labels, out)
    if "long" in options:
        with_long_row(model, options["long"], out)
    variants = options.get("variants", {})
    for label, change in variants.items():
        out[f"variant.{label}"] = variant(folder, change, rows, attention)
    save_golden(folder, out, seed=seed, variants=variants)


def write_positions(root):
    """Rotary frequencies of real sizes and ALiBi's slopes, by number of heads."""
    scalings = {
        "default": {"rope_type": "default", "rope_theta": 10000.0},
        "linear": {"rope_type": "linear", "factor": 3.0, "rope_theta": 130000.0},
        "llama3": LLAMA3 | {"factor": 32.0, "original_max_position_embeddings": 8192, "rope_theta": 500000.0},
        "yarn": YARN | {"original_max_position_embeddings": 32768, "rope_theta": 1000000.0},
        "yarn by mscale": YARN | {"original_max_position_embeddings": 32768, "rope_theta": 1000000.0, "mscale": 0.7, "mscale_all_dim": 1.2},
        "longrope": {
            "rope_type": "longrope", "rope_theta": 10000.0, "original_max_position_embeddings": 4096,
            "short_factor": [1.0] * 64, "long_factor": [1 + 0.25 * i for i in range(64)],
        },
    }  # fmt: skip
    out = {}
    for name, parameters in scalings.items():
        config = transformers.LlamaConfig(head_dim=128, max_position_embeddings=131072, rope_parameters=parameters)
        made = LlamaRotaryEmbedding(config)
        made(torch.zeros(1), torch.tensor([[10000]]))
        out[f"rotary.{name}"] = made.inv_freq
        out[f"factor.{name}"] = torch.tensor([made.attention_scaling])
    dynamic = {"rope_type": "dynamic", "factor": 2.0, "rope_theta": 10000.0}
    made = LlamaRotaryEmbedding(transformers.LlamaConfig(head_dim=128, max_position_embeddings=4096, rope_parameters=dynamic))
    made(torch.zeros(1), torch.tensor([[4999]]))
    out["rotary.dynamic"] = made.inv_freq
    for heads in range(1, 41):
        out[f"alibi.{heads}"] = _get_alibi_slopes(heads, torch.device("cpu"))
    (root / "positions").mkdir(parents=True, exist_ok=True)
    save_golden(root / "positions", out)


if __name__ == "__main__":
    torch.set_num_threads(1)
    target = pathlib.Path(sys.argv[1])
    wanted = sys.argv[2:]
    if not wanted or "positions" in wanted:
        write_positions(target)
    for number, (case_name, case_config, case_options) in enumerate(cases()):
        if wanted and case_name not in wanted:
            continue
        for attempt in range(100):
            try:
                write(target, 100 * number + attempt, case_name, case_config, case_options)
                break
            except TooClose:
                continue
