"""How far `peft4j estimate` is from the peaks that `peft4j train` measures.

    python benchmarks/memory.py --model DIR [--model DIR ...] [--lengths 64,256,768] [--batches 1,4] [--methods lora]

Trains two steps on rows of random tokens, all supervised and all of one length, with and without recomputation, in float32 and bfloat16, and prints the
estimate beside the high-water mark of the process, a line a run, and the worst of each kind at the end.
"""

import argparse
import itertools
import json
import pathlib
import random
import subprocess
import tempfile


def run(command, *arguments):
    done = subprocess.run([command, *map(str, arguments), "--json"], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, arguments))}: {done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def rows(file, vocabulary, length, count):
    drawn = random.Random(length)
    with open(file, "w") as out:
        for _ in range(count):
            ids = [drawn.randrange(3, vocabulary) for _ in range(length)]
            out.write(json.dumps({"input_ids": ids, "labels": ids}) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", action="append", required=True)
    parser.add_argument("--command", default=str(pathlib.Path(__file__).parent.parent / "peft4j"))
    parser.add_argument("--lengths", default="64,256,768")
    parser.add_argument("--batches", default="1,4")
    parser.add_argument("--methods", default="lora")
    parser.add_argument("--dtypes", default="float32,bfloat16")
    given = parser.parse_args()
    worst = {}
    with tempfile.TemporaryDirectory() as work:
        for model, method, dtype in itertools.product(given.model, given.methods.split(","), given.dtypes.split(",")):
            vocabulary = json.loads((pathlib.Path(model) / "config.json").read_text())["vocab_size"]
            for length, batch, recompute in itertools.product(
                    map(int, given.lengths.split(",")), map(int, given.batches.split(",")), (False, True)):
                file = pathlib.Path(work) / f"{length}.jsonl"
                rows(file, vocabulary, length, 2 * batch)
                common = ["--model", model, "--method", method, "--dtype", dtype, "--batch-size", batch]
                common += ["--checkpointing"] if recompute else []
                estimate = run(given.command, "estimate", *common, "--max-length", length)
                with tempfile.TemporaryDirectory(dir=work) as output:
                    done = run(given.command, "train", *common, "--data", file, "--steps", 2, "--output", f"{output}/a")
                off = estimate["total_mib"] / done["peak_rss_mib"] - 1
                name = pathlib.Path(model).name
                parts = " ".join(f"{key[:-4]}={estimate[key]:.0f}" for key in estimate if key != "total_mib")
                print(f"{name} {method} {dtype:8} {batch} x {length:4} {'recompute' if recompute else 'plain':9} "
                      f"estimate {estimate['total_mib']:7.0f} peak {done['peak_rss_mib']:6} MiB {off:+.1%}  {parts}", flush=True)
                worst.setdefault(name, []).append(off)
    for name, offs in worst.items():
        print(f"{name}: {min(offs):+.1%} to {max(offs):+.1%}")


if __name__ == "__main__":
    main()
