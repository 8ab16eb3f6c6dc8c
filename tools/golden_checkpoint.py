#!/usr/bin/env python3
"""Writes the fixtures of peft-models' checkpoint tests with the real libraries.

Needs safetensors 0.8.0, torch 2.7.1, numpy and huggingface_hub. The build does not need this script; run it only to renew
the fixtures:

    python tools/golden_checkpoint.py peft-models/src/test/resources/checkpoint
"""

import collections
import ctypes
import json
import pathlib
import struct
import sys

import safetensors
import torch
from huggingface_hub import split_torch_state_dict_into_shards
from safetensors.torch import save_file


def serialize(tensors, metadata):
    """Serializes tensors of types that torch and numpy do not all have."""
    buffers = {name: ctypes.create_string_buffer(tensor["data"], len(tensor["data"]) or 1) for name, tensor in tensors.items()}
    specs = {
        name: safetensors.TensorSpec(
            dtype=tensor["dtype"],
            shape=tensor["shape"],
            data_ptr=ctypes.addressof(buffers[name]),
            data_len=len(tensor["data"]),
        )
        for name, tensor in tensors.items()
    }
    return safetensors.serialize(specs, metadata)


def safetensors_fixtures(folder):
    sizes = {
        "bool": 1, "uint8": 1, "int8": 1, "float8_e5m2": 1, "float8_e4m3fn": 1, "float8_e8m0fnu": 1,
        "int16": 2, "uint16": 2, "float16": 2, "bfloat16": 2, "int32": 4, "uint32": 4, "float32": 4,
        "complex64": 8, "float64": 8, "int64": 8, "uint64": 8,
    }  # fmt: skip
    every_type = {}
    for index, (name, size) in enumerate(sizes.items()):
        data = bytes((index * 16 + i) % 251 for i in range(6 * size))
        every_type[f"t.{name}"] = {"dtype": name, "shape": [2, 3], "data": data}
    (folder / "every-type.safetensors").write_bytes(serialize(every_type, {"format": "pt"}))

    strange = {
        name: {"dtype": "uint8", "shape": [1], "data": bytes([index])}
        for index, name in enumerate(
            ["layers.10.w", "layers.2.w", 'quote"back\\slash', "tab\tbell\x07del\x7f", "größe", "\U0001f600", "\uff5e", "", "Z", "a"]
        )
    }
    strange["scalar"] = {"dtype": "float32", "shape": [], "data": struct.pack("<f", 1.5)}
    strange["empty"] = {"dtype": "float32", "shape": [0, 3], "data": b""}
    strange["also empty"] = {"dtype": "float32", "shape": [3, 0], "data": b""}
    (folder / "strange-names.safetensors").write_bytes(serialize(strange, {"no\nte": "\x01 \"é\" \U0001f600"}))
    (folder / "no-metadata.safetensors").write_bytes(serialize({"x": strange["scalar"]}, None))
    (folder / "nothing.safetensors").write_bytes(serialize({}, None))


def tensors():
    ramp = torch.arange(24, dtype=torch.float32)
    shared = torch.arange(12, dtype=torch.float32)
    state = collections.OrderedDict()
    state["float32"] = (ramp / 7).reshape(2, 3, 4).clone()
    state["float16"] = (ramp / 7).half().reshape(4, 6).clone()
    state["bfloat16"] = (ramp / 7).bfloat16().reshape(4, 6).clone()
    state["float64"] = torch.tensor([1.0, -2.5, 1e300], dtype=torch.float64)
    state["int64"] = torch.tensor([1, -(2**62)], dtype=torch.int64)
    state["int32"] = torch.tensor([[1, -2]], dtype=torch.int32)
    state["int16"] = torch.tensor([300, -300], dtype=torch.int16)
    state["int8"] = torch.tensor([1, -1], dtype=torch.int8)
    state["uint8"] = torch.tensor([0, 255, 7], dtype=torch.uint8)
    state["bool"] = torch.tensor([True, False, True])
    state["scalar"] = torch.tensor(2.5)
    state["empty"] = torch.zeros(0, 3)
    state["tied.a"] = shared.reshape(3, 4)
    state["tied.b"] = shared.reshape(3, 4)
    state["window"] = shared[5:9]
    state["transposed"] = (ramp / 3).half().reshape(4, 6).t()
    state["permuted"] = ramp.reshape(2, 3, 4).permute(2, 0, 1)
    state["every other"] = ramp[1::2]
    state["column"] = ramp.reshape(4, 6)[:, 2:4]
    state["one row expanded"] = torch.arange(4).expand(1, -1)
    state["parameter"] = torch.nn.Parameter(torch.tensor([0.5, 0.25]))
    return state


def pickle_fixtures(folder):
    state = tensors()
    torch.save(state, folder / "zip.bin")
    torch.save(state, folder / "zip-protocol4.bin", pickle_protocol=4)
    torch.save(dict(state), folder / "legacy.bin", _use_new_zipfile_serialization=False)
    expected = {name: tensor.detach().contiguous().clone() for name, tensor in state.items()}
    save_file(expected, folder / "expected.safetensors", {"torch": torch.__version__})

    module = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.LayerNorm(2))
    with torch.no_grad():
        for index, parameter in enumerate(module.parameters()):
            parameter.fill_(index + 0.5)
    torch.save(module.state_dict(), folder / "module.bin")
    torch.save({"state_dict": module.state_dict(), "epoch": 3}, folder / "nested.bin")
    torch.save({"w": torch.zeros(2).to(torch.float8_e4m3fn), "u": torch.ones(2, dtype=torch.uint16)}, folder / "new-types.bin")
    torch.save(module, folder / "whole-module.bin")
    torch.save({"w": torch.zeros(2), "step": 7}, folder / "with-number.bin")
    torch.jit.script(torch.nn.ReLU()).save(str(folder / "torchscript.bin"))


def shard_fixture(folder):
    """The layout that save_pretrained gives tensors of these sizes at a limit of 100 bytes."""
    sizes = [40, 40, 40, 200, 60, 40, 4, 100]
    state = {f"layer.{i}.weight": torch.zeros(size // 4) for i, size in enumerate(sizes)}
    split = split_torch_state_dict_into_shards(
        state, filename_pattern="model{suffix}.safetensors", max_shard_size=100
    )
    index = {"metadata": split.metadata, "weight_map": split.tensor_to_filename}
    text = json.dumps(index, indent=2, sort_keys=True) + "\n"
    (folder / "sharded.index.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    torch.manual_seed(0)
    target = pathlib.Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    safetensors_fixtures(target)
    pickle_fixtures(target)
    shard_fixture(target)
