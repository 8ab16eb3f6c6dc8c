"""Shows what streaming promises: memory that does not grow with the data, a first step at once, and runs that are killed and go on to the bit.

    python benchmarks/stream.py memory MODEL --size 20e9      # peak memory and time to the first step beside a file of 20 MB
    python benchmarks/stream.py kill MODEL --times 20         # kill -9 at random moments, --resume, and compare the adapters' bytes

Both also with --token-cache, where rows are encoded into a file first.

MODEL is a checkpoint folder, or `tiny:FOLDER` for a model of some thousand weights with that folder's tokenizer.
"""

import argparse
import hashlib
import json
import pathlib
import random
import re
import shutil
import signal
import subprocess
import tempfile
import time

WORDS = "the a cat dog river house small green runs sees and under over with long old bright tree stone water".split()
BLOCK = 64_000_000


def rows(path, size, seed=1):
    """JSON Lines of so many bytes, at least: a block of seeded rows, again and again."""
    draw = random.Random(seed)
    lines, block = [], 0
    while block < min(size, BLOCK):
        text = " ".join(draw.choices(WORDS, k=draw.randint(20, 160)))
        lines.append(f'{{"prompt": "Row {len(lines)}: ", "completion": "{text}"}}\n')
        block += len(lines[-1])
    times = -(-int(size) // block)
    text = "".join(lines).encode()
    with open(path, "wb") as file:
        for _ in range(times):
            file.write(text)
    return times * len(lines)


def model(name, work):
    if not name.startswith("tiny:"):
        return name
    import torch
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

    source, folder = name[5:], work / "tiny"
    torch.manual_seed(0)
    tokenizer = AutoTokenizer.from_pretrained(source)
    config = LlamaConfig(vocab_size=len(tokenizer), hidden_size=16, intermediate_size=32, num_hidden_layers=2,
                         num_attention_heads=2, tie_word_embeddings=True)
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def command(options, folder, data, output, *more):
    return [*options.command.split(), "train", "--model", str(folder), "--data", str(data), "--output", str(output),
            *(["--token-cache", str(output.parent / "cache")] if options.token_cache else ["--stream"]),
            "--batch-size", str(options.batch), "--max-length", "256", "--json", *map(str, more)]


def measured(line):
    """Peak memory in MiB, and seconds from the start to the first step."""
    start, first, last = time.time(), None, {}
    process = subprocess.Popen(line, stdout=subprocess.PIPE, text=True)
    for text in process.stdout:
        first = first or time.time() - start
        last = json.loads(text)
    if process.wait():
        raise SystemExit(f"{line} ended with {process.returncode}")
    return last["peak_rss_mib"], first, last["data_share"], last["tokens_per_s"]


def memory(options, work):
    folder = model(options.model, work)
    for size in (20e6, options.size):
        data = work / "rows.jsonl"
        count = rows(data, size)
        peak, first, share, speed = measured(
            command(options, folder, data, work / f"out-{size:.0f}", "--steps", options.steps))
        print(f"{size / 1e9:6.2f} GB, {count:,} rows: peak {peak} MiB, first step after {first:.1f} s,"
              f" {speed:,.0f} tokens/s, {100 * share:.2f} % of the time waiting for rows", flush=True)
        data.unlink()


def digest(output):
    return hashlib.sha256((output / "adapter_model.safetensors").read_bytes()).hexdigest()


def kill(options, work):
    folder = model(options.model, work)
    data = work / "rows.jsonl"
    count = rows(data, options.size)
    draw = random.Random(options.seed)
    more = ["--steps", options.steps, "--save-every", 10, "--keep", 2]
    if options.window and not options.token_cache:
        more += ["--shuffle-buffer", options.window]
    started = time.time()
    subprocess.run(command(options, folder, data, work / "whole", *more), check=True, stdout=subprocess.DEVNULL)
    seconds = time.time() - started
    output, said, kills, resume = work / "killed", work / "said", [], []
    while True:
        with open(said, "w") as log:
            process = subprocess.Popen(command(options, folder, data, output, *more, *resume), stdout=log, stderr=log)
        resume = ["--resume"]
        try:
            # The start of a process takes about as long as what is done of the run until it is killed.
            process.wait(draw.uniform(0.1, 2.2 * options.start) if len(kills) < options.times else None)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills.append(reached(said))
            continue
        if process.returncode:
            raise SystemExit(f"after kills at steps {kills} a run ended with {process.returncode}: {said.read_text()}")
        if len(kills) == options.times:
            break
        raise SystemExit(f"the run ended after {len(kills)} kills: give more --steps, or fewer --times")
    same = digest(output) == digest(work / "whole")
    passes = options.steps * options.batch / count
    print(f"{len(kills)} kills at steps {kills} of {options.steps}, which are {passes:.1f} passes over {count} rows,"
          f" {seconds:.0f} s: adapters {'equal' if same else 'DIFFER'}")
    if not same:
        raise SystemExit(1)


def reached(said):
    """The last step that a run told, or None if it was killed before its first."""
    steps = [int(found) for found in re.findall(r'^\{"step": ?(\d+)', said.read_text(), re.MULTILINE)]
    return max(steps, default=None)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["memory", "kill"])
    parser.add_argument("model")
    parser.add_argument("--size", type=float, default=2e6, help="bytes of the data")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--window", type=int, default=500, help="rows of the shuffle buffer of runs that are killed; 0 for windows that grow")
    parser.add_argument("--token-cache", action="store_true", help="encode rows into a file in place of streaming them")
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--start", type=float, default=5, help="seconds that the command takes to its first step")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--command", default="./peft4j")
    parser.add_argument("--work", type=pathlib.Path)
    options = parser.parse_args()
    work = options.work or pathlib.Path(tempfile.mkdtemp())
    work.mkdir(parents=True, exist_ok=True)
    try:
        {"memory": memory, "kill": kill}[options.what](options, work)
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
