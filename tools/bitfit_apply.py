"""Puts the biases of a BITFIT adapter folder into a transformers model, also where its layers have none, and the modules saved beside them."""

import pathlib

import torch
from safetensors.torch import load_file


def apply(model, folder):
    """Replaces biases, adds those that are missing; returns the model."""
    for key, bias in load_file(pathlib.Path(folder) / "adapter_model.safetensors").items():
        path, name = key.removeprefix("base_model.model.").rsplit(".", 1)
        layer = model.get_submodule(path)
        if name != "bias":  # of a module that is saved whole
            layer.register_parameter(name, torch.nn.Parameter(bias.to(layer.weight)))
            continue
        has_bias = getattr(layer, "bias", None) is not None
        layer.bias = torch.nn.Parameter(bias.to(layer.weight))
        if not has_bias and not isinstance(layer, torch.nn.Linear):  # a norm that would not add it
            layer.register_forward_hook(lambda module, _, output: output + module.bias)
    return model
