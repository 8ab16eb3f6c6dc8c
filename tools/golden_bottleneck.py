#!/usr/bin/env python3
"""Writes the fixtures of peft-methods' bottleneck adapter tests.

Hugging Face PEFT does not have the method; it is said here again in a few lines of torch, under the real library's models. Needs what
golden_lora.py needs, whose toy checkpoints and token ids it uses:

    python tools/golden_bottleneck.py peft-methods/src/test/resources/golden/bottleneck
"""

import json
import pathlib
import shutil
import sys
import warnings

import golden_lora as common
import torch
from safetensors.torch import save_file

FUNCTIONS = {"relu": torch.nn.functional.relu, "gelu": torch.nn.functional.gelu, "swish": torch.nn.functional.silu}
CASES = {
    "llama-houlsby": dict(variant="houlsby", bottleneck_size=3, non_linearity="relu"),
    "llama-pfeiffer": dict(variant="pfeiffer", bottleneck_size=5, non_linearity="gelu"),
    "bloom-houlsby": dict(variant="houlsby", reduction_factor=8, non_linearity="swish"),
    "gpt2-houlsby": dict(variant="houlsby", reduction_factor=2.5, non_linearity="gelu"),
    "qwen2-pfeiffer": dict(variant="pfeiffer", reduction_factor=4, non_linearity="relu"),
}
LAYERS = {
    "bloom": ("self_attention.dense", "mlp.dense_4h_to_h"),
    "gpt2": ("attn.c_proj", "mlp.c_proj"),
    "llama": ("self_attn.o_proj", "mlp.down_proj"),
    "qwen2": ("self_attn.o_proj", "mlp.down_proj"),
}


class Adapted(torch.nn.Module):
    """A layer with an adapter behind it."""

    def __init__(self, base_layer, width, size, function):
        super().__init__()
        self.base_layer, self.function = base_layer, function
        self.bottleneck_down = torch.nn.Linear(width, size)
        self.bottleneck_up = torch.nn.Linear(size, width)

    def forward(self, x):
        z = self.base_layer(x)
        return z + self.bottleneck_up(self.function(self.bottleneck_down(z)))


def adapted(architecture, settings):
    model = common.base(architecture)
    for parameter in model.parameters():
        parameter.requires_grad = False
    width = model.config.hidden_size
    size = settings.get("bottleneck_size") or max(1, int(width / settings["reduction_factor"]))
    names = LAYERS[architecture][0 if settings["variant"] == "houlsby" else 1 :]
    for path, module in list(model.named_modules()):
        if path.endswith(names):
            parent, name = path.rsplit(".", 1)
            setattr(model.get_submodule(parent), name, Adapted(module, width, size, FUNCTIONS[settings["non_linearity"]]))
    return model.eval()


def state(model):
    return {"base_model.model." + name: p.detach().clone() for name, p in model.named_parameters() if "bottleneck_" in name}


def config(architecture, settings):
    return json.dumps({
        "auto_mapping": None, "base_model_name_or_path": f"toy/{architecture}", "inference_mode": True, "peft_type": "BOTTLENECK",
        "peft_version": common.peft.__version__, "revision": None, "task_type": "CAUSAL_LM", "bottleneck_size": None,
        "reduction_factor": None, "init_weights": False, "modules_to_save": None, **settings,
    }, indent=2, sort_keys=True)  # fmt: skip


def case(name, settings, given, folder):
    torch.manual_seed(3)
    architecture = name.split("-")[0]
    model = adapted(architecture, settings)
    (folder / "adapter_config.json").write_text(config(architecture, settings))
    save_file(state(model), folder / "adapter_model.safetensors", {"format": "pt"})
    counts = [sum(p.numel() for p in model.parameters() if p.requires_grad), sum(p.numel() for p in model.parameters())]
    seen, values = common.outputs(model, given)
    training = {"rate": common.RATE, "clip": common.CLIP, "epsilon": 1e-8, "weight_decay": 0.01}
    trace = common.train(model, given, training["epsilon"])
    trained = {"trained." + key: value for key, value in state(model).items()}
    extra = {"training": training, "trace": trace, "parameters": counts, **values}
    save_file({**trained, **seen}, folder / "golden.safetensors", common.metadata(**extra))


def main(root):
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    shutil.rmtree(root, ignore_errors=True)
    given = common.data()
    for name, settings in CASES.items():
        (root / name).mkdir(parents=True)
        case(name, settings, given, root / name)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
