"""Seconds from the command to the end of the first optimiser step: `peft4j train` and a script over Hugging Face PEFT in turn, both from nothing.

    python benchmarks/start.py --model DIR --data rows.jsonl

The rows have a prompt and a completion; without --data they are the quickstart's 2,000. The step's line of JSON ends the measurement, so what is
saved afterwards does not count. Each side runs once before, which warms the system's file cache.
"""
import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
SETTINGS = ["--method", "lora", "--set", "r=16", "--set", "lora_alpha=32", "--set", "target_modules=q_proj,v_proj",
            "--learning-rate", "1e-3", "--schedule", "constant", "--no-shuffle", "--steps", "1", "--json"]


def ours(args, dtype, work):
    return [args.command, "train", "--model", args.model, "--data", args.data, *SETTINGS, "--batch-size", args.batch,
            "--dtype", dtype, "--threads", args.threads, "--output", work]


def theirs(args, dtype):
    return [sys.executable, HERE / "start_peer.py", "--model", args.model, "--data", args.data, "--dtype", dtype,
            "--batch", args.batch, "--threads", args.threads]


def first_step(command):
    """Seconds until the line of the first step, and its loss; the process is left to end by itself."""
    begun = time.perf_counter()
    with subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        for line in run.stdout:
            told = json.loads(line)
            if "loss" in told:
                seconds = time.perf_counter() - begun
                run.communicate()
                return seconds, told["loss"]
        raise SystemExit(f"error: {command[0]} ended without a step:\n{run.stderr.read()[-3000:]}")


def main():
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--command", default=str(HERE.parent / "peft4j"))
    cli.add_argument("--model", required=True)
    cli.add_argument("--data", default=str(HERE.parent / "peft-cli/src/main/resources/quickstart/train.jsonl"))
    cli.add_argument("--dtypes", type=lambda text: text.split(","), default=["float32", "bfloat16"])
    cli.add_argument("--batch", type=int, default=4)
    cli.add_argument("--threads", type=int, default=2)
    cli.add_argument("--repeat", type=int, default=5)
    args = cli.parse_args()
    print("| dtype | peft4j, s | HF PEFT, s | ratio | first losses |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for dtype in args.dtypes:
            pairs = []
            for i in range(args.repeat + 1):
                pairs.append((first_step(ours(args, dtype, Path(folder) / f"{dtype}-{i}")), first_step(theirs(args, dtype))))
            (_, mine), (_, peer) = pairs[0]
            seconds = [(a, b) for (a, _), (b, _) in pairs[1:]]
            ratio = statistics.median(a / b for a, b in seconds)
            print(f"| {dtype} | {statistics.median(a for a, _ in seconds):.2f} | {statistics.median(b for _, b in seconds):.2f} | **{ratio:.2f}** | "
                  f"{mine:.4f}, {peer:.4f} |", flush=True)


if __name__ == "__main__":
    main()
