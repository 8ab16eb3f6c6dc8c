"""The trained checkpoint in bfloat16, with what the quickstart needs beside it.

    python export.py TRAINED OUT
"""
import shutil
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM


def main(trained: Path, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    AutoModelForCausalLM.from_pretrained(trained, dtype=torch.bfloat16).save_pretrained(out)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(trained / name, out / name)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
