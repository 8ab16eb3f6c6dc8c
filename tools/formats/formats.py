"""The same rows in five formats give the same token ids and the same adapter; see `run` beside it."""

import argparse
import csv
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import datasets

WORDS = "春眠不觉晓 处处闻啼鸟 夜来风雨声 花落知多少 the quick brown fox , ; \" ' \\ 1 2.50 -3 NA null true 😀 é e\u0301 [1,2] {x} # =".split()


def text(draw, most):
    joined = ""
    for _ in range(draw.randint(1, most)):
        joined += draw.choice(WORDS) + draw.choice(["", " ", "，", "\n", "\t", "。"])
    return joined


def rows(count, seed):
    """Instructions as people have them: of half there is no input, by an empty text or by null; some are long."""
    draw = random.Random(seed)
    made = []
    for _ in range(count):
        extra = draw.choice(["", "", None, text(draw, 12)])
        made.append({"instruction": text(draw, 20), "input": extra, "output": text(draw, 200 if draw.random() < 0.05 else 30)})
    return made


def write(made, work):
    """Each format by the library that people write it with; returns their paths by name."""
    table = datasets.Dataset.from_list(made)
    paths = {
        "Arrow folder": work / "folder",
        "Parquet": work / "rows.parquet",
        "CSV": work / "rows.csv",
        "JSON list": work / "list.json",
        "JSON Lines": work / "rows.jsonl",
    }
    table.save_to_disk(str(paths["Arrow folder"]), num_shards=3)
    table.to_parquet(str(paths["Parquet"]))
    with open(paths["CSV"], "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["instruction", "input", "output"])
        writer.writeheader()
        writer.writerows(made)
    paths["JSON list"].write_text(json.dumps(made, ensure_ascii=False, indent=4), encoding="utf-8")
    with open(paths["JSON Lines"], "w", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in made)
    return paths


def trained(options, data, output):
    """Trains on a file or folder; returns what rows there were, the digest of their ids and labels, and the adapter's hash."""
    command = [options.command, "train", "--model", str(options.model), "--data", str(data), "--output", str(output), "--json"]
    command += ["--template", "human-assistant", "--max-length", "256", "--truncate", "right", "--method", "prompt-tuning"]
    command += ["--set", "num_virtual_tokens=10", "--steps", str(options.steps), "--batch-size", "1", "--gradient-accumulation", "8"]
    command += ["--save-every", str(options.steps), "--threads", "1"]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode:
        raise SystemExit(f"{data}: {run.stderr}")
    told = next(line for line in run.stderr.splitlines() if line.startswith("data "))
    state = json.loads((output / f"checkpoint-{options.steps}" / "trainer_state.json").read_text())
    adapter = hashlib.sha256((output / "adapter_model.safetensors").read_bytes()).hexdigest()
    return told.removeprefix("data").strip(), state["stateful_callbacks"]["peft4j"]["attributes"]["settings"]["data"], adapter


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--command", required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=26858)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    datasets.disable_progress_bars()
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for number, (name, path) in enumerate(write(rows(options.rows, options.seed), work).items()):
            told, digest, adapter = trained(options, path, work / f"output-{number}")
            if not found:
                print(told)
            found[name] = told, digest, adapter
            print(f"{name:14} {digest:40} adapter {adapter[:12]}", flush=True)
    if len(set(found.values())) != 1:
        sys.exit("DIFFERENT")
    print("all the same")


if __name__ == "__main__":
    main()
