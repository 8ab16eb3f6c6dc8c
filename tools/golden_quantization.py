#!/usr/bin/env python3
"""Writes the fixtures of peft-models' quantization tests: matrices, and what bitsandbytes makes of them on a CPU; checkpoints that
transformers saved packed, with the logits that their unpacked values give.

Needs torch 2.7.1, transformers 5.23.0 and bitsandbytes 0.49.0. The build does not need this script; run it only to renew the fixtures:

    python tools/golden_quantization.py matrices peft-models/src/test/resources/kernel/quantization.safetensors
    python tools/golden_quantization.py checkpoints peft-models/src/test/resources/packed
"""

import pathlib
import shutil
import sys
import tempfile

import bitsandbytes
import bitsandbytes.functional as F
import torch
import transformers
from safetensors.torch import save_file


def matrices(target):
    torch.manual_seed(20261124)
    tensors = {}
    # Many blocks of scales; a last block that is not full; a block of zeros and outliers.
    matrices = {"large": torch.randn(70, 256) * 0.03, "odd": torch.randn(7, 50), "hard": torch.randn(4, 128)}
    matrices["hard"][1] = 0
    matrices["hard"][2, 5] = 80.0
    for name, w in matrices.items():
        tensors[name] = w
        for nested in (True,) if name == "large" else (False, True):
            packed, state = F.quantize_4bit(w, blocksize=64, compress_statistics=nested, quant_type="nf4")
            tensors[f"{name}.{'nested' if nested else 'nf4'}"] = F.dequantize_4bit(packed, state).contiguous()
        if name == "large":
            continue
        codes, scales, _ = F.int8_vectorwise_quant(w)
        tensors[f"{name}.int8"] = codes.float() * scales.unsqueeze(1) / 127
    tensors["map"] = F.create_dynamic_map()
    save_file(tensors, target, {"torch": torch.__version__, "bitsandbytes": bitsandbytes.__version__})


ROW = [[3, 17, 9, 22, 5, 30]]
PACKED = {
    "nf4": dict(load_in_4bit=True, bnb_4bit_quant_type="nf4"),
    "nested": dict(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True),
    "int8": dict(load_in_8bit=True),
}


def checkpoints(root):
    """A small Llama in each form; logits.safetensors beside it holds what its unpacked values compute."""
    shutil.rmtree(root, ignore_errors=True)
    torch.manual_seed(20261124)
    config = transformers.LlamaConfig(
        vocab_size=48, hidden_size=64, intermediate_size=128, num_hidden_layers=1, num_attention_heads=4, num_key_value_heads=2, initializer_range=0.1)
    with tempfile.TemporaryDirectory() as plain:
        transformers.LlamaForCausalLM(config).save_pretrained(plain)
        for name, settings in PACKED.items():
            quantization = transformers.BitsAndBytesConfig(**settings)
            model = transformers.AutoModelForCausalLM.from_pretrained(
                plain, quantization_config=quantization, device_map="cpu", dtype=torch.float32)
            model.save_pretrained(pathlib.Path(root) / name)
            unpacked = transformers.AutoModelForCausalLM.from_pretrained(
                pathlib.Path(root) / name, device_map="cpu", dtype=torch.float32).dequantize().float()
            with torch.no_grad():
                logits = unpacked(torch.tensor(ROW)).logits[0].contiguous()
            versions = {"torch": torch.__version__, "transformers": transformers.__version__, "bitsandbytes": bitsandbytes.__version__}
            save_file({"logits": logits}, pathlib.Path(root) / name / "logits.safetensors", versions)
            (pathlib.Path(root) / name / "generation_config.json").unlink()


if __name__ == "__main__":
    {"matrices": matrices, "checkpoints": checkpoints}[sys.argv[1]](sys.argv[2])
