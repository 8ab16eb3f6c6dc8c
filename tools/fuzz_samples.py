#!/usr/bin/env python3
"""Writes the good files that the fuzzer's bad ones are made of, as far as only PyTorch writes such files.

Needs torch 2.7.1. The build does not need this script; run it only to renew the files:

    python tools/fuzz_samples.py peft-cli/src/test/resources/fuzz/samples
"""

import collections
import pathlib
import sys

import torch


def state():
    """Tensors of several types, tied, transposed and without elements."""
    torch.manual_seed(0)
    table = torch.randn(6, 4)
    tensors = collections.OrderedDict()
    tensors["embed.weight"] = table
    tensors["head.weight"] = table
    tensors["transposed.weight"] = torch.randn(3, 4).t()
    tensors["half.weight"] = torch.randn(3, 2).half()
    tensors["brain.weight"] = torch.nn.Parameter(torch.randn(3, 2).bfloat16())
    tensors["long"] = torch.arange(5)
    tensors["scalar"] = torch.tensor(1.5)
    tensors["empty"] = torch.zeros(0, 3)
    tensors._metadata = collections.OrderedDict({"": {"version": 1}})
    return tensors


def adapter():
    """A LoRA of rank 2 for the testkit's toy Llama."""
    tensors = {}
    for layer in range(2):
        for name, out in (("q_proj", 16), ("v_proj", 8)):
            key = f"base_model.model.model.layers.{layer}.self_attn.{name}."
            tensors[key + "lora_A.weight"] = torch.randn(2, 16)
            tensors[key + "lora_B.weight"] = torch.randn(out, 2)
    return tensors


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    torch.save(state(), folder / "torch-zip.bin")
    torch.save(state(), folder / "torch-legacy.bin", _use_new_zipfile_serialization=False)
    torch.save(adapter(), folder / "adapter.bin")


main(pathlib.Path(sys.argv[1]))
