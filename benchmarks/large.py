"""Writes a random bfloat16 checkpoint in the sizes of Llama-2-7B, shard by shard, so that it takes a machine of any size: 13.5 GB on disk.

    python benchmarks/large.py DIR
"""
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

HIDDEN, INNER, LAYERS, HEADS, VOCABULARY = 4096, 11008, 32, 32, 32000


def normal(*shape):
    return torch.empty(*shape, dtype=torch.bfloat16).normal_(0, 0.02)


def block(layer):
    prefix = f"model.layers.{layer}."
    tensors = {prefix + f"self_attn.{name}_proj.weight": normal(HIDDEN, HIDDEN) for name in "qkvo"}
    tensors |= {prefix + f"mlp.{name}_proj.weight": normal(INNER, HIDDEN) for name in ("gate", "up")}
    tensors[prefix + "mlp.down_proj.weight"] = normal(HIDDEN, INNER)
    for name in ("input", "post_attention"):
        tensors[prefix + f"{name}_layernorm.weight"] = torch.ones(HIDDEN, dtype=torch.bfloat16)
    return tensors


def main(folder):
    torch.manual_seed(0)
    folder.mkdir(parents=True, exist_ok=True)
    ends = {"model.embed_tokens.weight": normal(VOCABULARY, HIDDEN), "lm_head.weight": normal(VOCABULARY, HIDDEN),
            "model.norm.weight": torch.ones(HIDDEN, dtype=torch.bfloat16)}
    shards = [lambda: ends] + [lambda first=first: {k: v for i in range(first, first + 4) for k, v in block(i).items()} for first in range(0, LAYERS, 4)]
    names, total = {}, 0
    for number, shard in enumerate(shards, 1):
        file, tensors = f"model-{number:05d}-of-{len(shards):05d}.safetensors", shard()
        save_file(tensors, folder / file, {"format": "pt"})
        names |= dict.fromkeys(tensors, file)
        total += sum(t.numel() * 2 for t in tensors.values())
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {"total_size": total}, "weight_map": names}, indent=2))
    (folder / "config.json").write_text(json.dumps({
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": HIDDEN, "intermediate_size": INNER, "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS, "num_key_value_heads": HEADS, "vocab_size": VOCABULARY, "max_position_embeddings": 4096, "rms_norm_eps": 1e-5,
        "hidden_act": "silu", "tie_word_embeddings": False, "dtype": "bfloat16", "bos_token_id": 1, "eos_token_id": 2}, indent=2))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
