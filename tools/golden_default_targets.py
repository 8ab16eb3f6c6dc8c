#!/usr/bin/env python3
"""Writes which modules Hugging Face PEFT adapts where none are named, by method and model_type.

Needs peft 0.21.2; what was used is recorded in the fixture. The build does not need this script; run it only to renew the fixture:

    python tools/golden_default_targets.py peft-methods/src/test/resources/golden/default-targets.json

Left out are the model types that peft4j does not read.
"""

import json
import pathlib
import sys

import peft
from peft.utils import constants

READ = [
    "bert", "bloom", "distilbert", "electra", "gemma", "gemma2", "gemma3_text", "gpt2", "gpt_neox", "llama", "mistral", "modernbert", "opt", "qwen2",
    "qwen3", "roberta", "xlm-roberta",
]  # fmt: skip
TABLES = {
    "LORA": constants.TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING,
    "VERA": constants.TRANSFORMERS_MODELS_TO_VERA_TARGET_MODULES_MAPPING,
    "LOHA": constants.TRANSFORMERS_MODELS_TO_LOHA_TARGET_MODULES_MAPPING,
    "LOKR": constants.TRANSFORMERS_MODELS_TO_LOKR_TARGET_MODULES_MAPPING,
    "IA3": constants.TRANSFORMERS_MODELS_TO_IA3_TARGET_MODULES_MAPPING,
    "IA3_FEEDFORWARD": constants.TRANSFORMERS_MODELS_TO_IA3_FEEDFORWARD_MODULES_MAPPING,
    "LN_TUNING": constants.TRANSFORMERS_MODELS_TO_LNTUNING_TARGET_MODULES_MAPPING,
}


def main(target: str) -> None:
    fixture = {"peft": peft.__version__}
    for method, table in TABLES.items():
        fixture[method] = {model: table[model] for model in READ if model in table}
    pathlib.Path(target).write_text(json.dumps(fixture, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
