"""What busy processes beside it do to a step of training: peft4j and Hugging Face PEFT in turn, each alone and with neighbours.

    python benchmarks/neighbours.py --command peft4j --model DIR

In each run the neighbours are stopped and let go in turn, a few steps each, so that both states see the same process, the same rows and the
same hour; the first step of a state, in which it began, does not count. On Linux and macOS.
"""
import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import cases
import transformers

HERE = Path(__file__).resolve().parent


class Neighbours:
    """Processes that never wait, stopped until they are let go."""

    def __init__(self, number):
        self.processes = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(number)]
        self.stop()

    def stop(self):
        self.tell(signal.SIGSTOP)

    def go(self):
        self.tell(signal.SIGCONT)

    def tell(self, what):
        for process in self.processes:
            os.kill(process.pid, what)

    def __enter__(self):
        return self

    def __exit__(self, *what):
        for process in self.processes:
            process.kill()
            process.wait()


def ours(args, dtype, data, work):
    method = cases.of(args.case).arguments(transformers.AutoConfig.from_pretrained(args.model))
    return [args.command, "train", "--model", args.model, *method, "--data", data, "--no-shuffle", "--steps", "100000",
            "--batch-size", args.batch, "--learning-rate", "1e-3", "--schedule", "constant", "--dtype", dtype, "--threads", args.threads, "--output", work, "--json"]


def theirs(args, dtype, data, work):
    return [sys.executable, HERE / "peer.py", "--model", args.model, "--case", args.case, "--dtype", dtype, "--data", data, "--batch", args.batch,
            "--warm-up", "0", "--steps", "100000", "--threads", args.threads, "--each"]


def steps(command, log):
    """Seconds of each step, as the run tells them; the run ends with the generator."""
    with subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=log, text=True) as run:
        try:
            for line in run.stdout:
                told = json.loads(line)
                if "loss" in told and "seconds" in told:
                    yield told["seconds"]
            raise SystemExit(f"error: {command[0]} ended with {run.wait()} before its steps were measured; see {log.name}")
        finally:
            run.kill()


def measure(args, command, neighbours, log):
    """Seconds of single steps, alone and busy, in blocks that alternate after the warm-up."""
    each = steps(command, log)
    seconds = {"alone": [], "busy": []}
    try:
        for _ in range(args.warm_up):
            next(each)
        for _ in range(args.repeat):
            for state, change in ("alone", neighbours.stop), ("busy", neighbours.go):
                change()
                next(each)
                seconds[state] += [next(each) for _ in range(args.steps)]
    finally:
        neighbours.stop()
        each.close()
    return seconds


def main():
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--command", default=str(HERE.parent / "peft4j"))
    cli.add_argument("--model", help="a checkpoint folder; otherwise random weights in SmolLM2-135M's sizes")
    cli.add_argument("--case", default="lora", help=f"of {', '.join(cases.CASES)}")
    cli.add_argument("--dtypes", type=lambda text: text.split(","), default=["float32", "bfloat16"])
    cli.add_argument("--sides", type=lambda text: text.split(","), default=["peft4j", "peft"])
    cli.add_argument("--neighbours", type=int, default=4)
    cli.add_argument("--threads", type=int, default=2)
    cli.add_argument("--batch", type=int, default=4)
    cli.add_argument("--warm-up", type=int, default=2)
    cli.add_argument("--steps", type=int, default=4, help="of a block, after its first")
    cli.add_argument("--repeat", type=int, default=3, help="blocks of each state")
    args = cli.parse_args()
    print(f"| {args.neighbours} neighbours | dtype | step alone, s | busy, s | ratio | slowest busy, s |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder, Neighbours(args.neighbours) as neighbours:
        folder = Path(folder)
        args.model = args.model or str(cases.checkpoint("smollm2", "bfloat16", folder))
        # All batches alike, so that a step's time says nothing but what stood beside it.
        data = str(cases.rows(folder / "rows.jsonl", [60, 90, 120, 210][:args.batch]))
        for dtype in args.dtypes:
            for side in args.sides:
                with open(folder / f"{side}-{dtype}.log", "w+") as log:
                    command = (ours if side == "peft4j" else theirs)(args, dtype, data, folder / f"{side}-{dtype}")
                    seconds = measure(args, command, neighbours, log)
                alone, busy = (statistics.median(seconds[state]) for state in ("alone", "busy"))
                print(f"| {side} | {dtype} | {alone:.2f} | {busy:.2f} | **{busy / alone:.1f}** | {max(seconds['busy']):.2f} |", flush=True)


if __name__ == "__main__":
    main()
