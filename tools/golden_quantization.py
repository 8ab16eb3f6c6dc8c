#!/usr/bin/env python3
"""Writes the fixture of peft-models' quantization tests: matrices, and what bitsandbytes makes of them on a CPU.

Needs torch 2.7.1 and bitsandbytes 0.49.0. The build does not need this script; run it only to renew the fixture:

    python tools/golden_quantization.py peft-models/src/test/resources/kernel/quantization.safetensors
"""

import sys

import bitsandbytes
import bitsandbytes.functional as F
import torch
from safetensors.torch import save_file


def main(target):
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


if __name__ == "__main__":
    main(sys.argv[1])
