#!/usr/bin/env python3
"""Writes the fixtures of peft-core's tests of configs and model cards with the real libraries.

Needs peft 0.21.2, transformers 5.23.0 and torch 2.7.1 on Python 3.11; what was used is recorded in versions.json. The build does not
need this script; run it only to renew the fixtures:

    python tools/golden_configs.py peft-core/src/test/resources/golden

adapter_model.bin is an adapter in the old form. configs/ holds adapter_config.json as peft saved it for each method. cards/ holds model
cards before and after peft saved an adapter beside them.
"""

import json
import os
import pathlib
import platform
import shutil
import sys
import tempfile
import warnings

os.environ["HF_HUB_OFFLINE"] = "1"
warnings.simplefilter("ignore")

import peft
import torch
import transformers
from peft import get_peft_model

LLAMA = transformers.LlamaConfig(
    vocab_size=32, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2
)
CAUSAL = {"task_type": "CAUSAL_LM"}
CONFIGS = {
    "lora": peft.LoraConfig(**CAUSAL, r=4, target_modules=["v_proj", "q_proj"]),
    "lora-all": peft.LoraConfig(
        r=16, lora_alpha=32.5, lora_dropout=0.05, target_modules="all-linear", bias="lora_only", use_rslora=True, use_dora=True,
        modules_to_save=["lm_head"], rank_pattern={"q_proj": 4, "^model.*v_proj": 2}, alpha_pattern={"q_proj": 1e-05},
    ),
    "lora-names": peft.LoraConfig(**CAUSAL, target_modules=["embed_tokens", "k_proj"], init_lora_weights="gaussian",
                                  exclude_modules=["layers.0.self_attn.k_proj"], revision="größe"),
    "lora-regex": peft.LoraConfig(**CAUSAL, target_modules=r".*\.(q|v)_proj$", lora_alpha=128.0),
    "lora-layers": peft.LoraConfig(**CAUSAL, target_modules=["q_proj"], layers_to_transform=[0, 1], layers_pattern="layers"),
    "ia3": peft.IA3Config(**CAUSAL),
    "prompt": peft.PromptTuningConfig(**CAUSAL, num_virtual_tokens=3),
    "prefix": peft.PrefixTuningConfig(**CAUSAL, num_virtual_tokens=3, prefix_projection=True),
    "p-tuning": peft.PromptEncoderConfig(**CAUSAL, num_virtual_tokens=3, encoder_hidden_size=8, encoder_dropout=0.1),
    "adaption": peft.AdaptionPromptConfig(**CAUSAL, adapter_len=4, adapter_layers=1),
    "ln": peft.LNTuningConfig(**CAUSAL),
    "vera": peft.VeraConfig(**CAUSAL, r=4, target_modules=["q_proj"], d_initial=0.1),
}  # fmt: skip


def model(folder):
    torch.manual_seed(0)
    base = pathlib.Path(folder) / "base"
    transformers.LlamaForCausalLM(LLAMA).save_pretrained(base)
    return transformers.LlamaForCausalLM.from_pretrained(base)


def configs(folder):
    target = folder / "configs"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    for name, config in CONFIGS.items():
        with tempfile.TemporaryDirectory() as temporary:
            get_peft_model(model(temporary), config).save_pretrained(temporary + "/adapter")
            text = pathlib.Path(temporary, "adapter", "adapter_config.json").read_text()
            # Sets come in any order; ours is the alphabet's.
            values = json.loads(text.replace(temporary, "/models"))
            for key in ("target_modules", "feedforward_modules"):
                if isinstance(values.get(key), list):
                    values[key] = sorted(values[key])
            (target / f"{name}.json").write_text(json.dumps(values, indent=2, sort_keys=True))


CARDS = {
    "plain": "# My adapter\n\nBody.\n",
    "empty": "",
    "versions": "---\nlicense: mit\n---\n# Mine\n\n### Framework versions\n\n- Transformers 4.0\n",
    "filled": "---\nlicense: apache-2.0\ntags:\n- mine\n- lora\ndatasets:\n- a\nlibrary_name: other\npipeline_tag: summarization\nzebra: 1\n"
    "base_model: old/one\n---\n\n# Mine\n\nBody.\n",
    "current": "---\nlibrary_name: peft\n---\n# Mine\n- PEFT " + peft.__version__ + "\n",
}


def cards(folder):
    target = folder / "cards"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    names = {"": "base", "odd": "weird: name #1", "hub": "some-one/a_model.v2"}
    for name, text in {**CARDS, "new": None}.items():
        for suffix, base_name in names.items() if name in ("plain", "new") else {"": "base"}.items():
            with tempfile.TemporaryDirectory() as temporary:
                base = model(temporary)
                base.name_or_path = base.config._name_or_path = base_name
                adapter = pathlib.Path(temporary, "adapter")
                adapter.mkdir()
                if text is not None:
                    (adapter / "README.md").write_text(text)
                config = peft.LoraConfig(target_modules=["q_proj"], **(CAUSAL if name != "versions" else {}))
                get_peft_model(base, config).save_pretrained(adapter)
                written = (adapter / "README.md").read_text()
                if text is None:
                    written = written[: written.index("---\n", 4) + 4]
                full = "-".join(filter(None, [name, suffix]))
                (target / f"{full}.json").write_text(
                    json.dumps({"base": base_name, "before": text, "after": written}, indent=1) + "\n"
                )


def pickled(folder):
    """An adapter of two vectors, as PEFT wrote it before safetensors."""
    key = "base_model.model.model.layers.{}.self_attn.q_proj.fake_factor"
    torch.save({key.format(layer): torch.arange(16.0) + 0.5 + layer for layer in range(2)}, folder / "adapter_model.bin")


if __name__ == "__main__":
    target = pathlib.Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    versions = {
        "peft": peft.__version__,
        "transformers": transformers.__version__,
        "torch": torch.__version__.split("+")[0],
        "python": platform.python_version(),
    }
    (target / "versions.json").write_text(json.dumps(versions, indent=1) + "\n")
    configs(target)
    cards(target)
    pickled(target)
