"""Shows what streaming promises: memory that does not grow with the data, a first step at once, and runs that are killed and go on to the bit.

    python benchmarks/stream.py memory MODEL --size 20e9      # peak memory and time to the first step beside a file of 20 MB
    python benchmarks/stream.py kill MODEL --times 20         # kill -9 at random moments, --resume, and compare the adapters' bytes

MODEL is a checkpoint folder, or `tiny:FOLDER` for a model of some thousand weights with that folder's tokenizer.
"""

import argparse
import hashlib
import json
import pathlib
import random
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
            "--stream", "--batch-size", str(options.batch), "--max-length", "256", "--json", *map(str, more)]


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
    rows(data, options.size)
    draw = random.Random(options.seed)
    more = ["--steps", options.steps, "--shuffle-buffer", 500, "--save-every", 10, "--keep", 2]
    started = time.time()
    subprocess.run(command(options, folder, data, work / "whole", *more), check=True, stdout=subprocess.DEVNULL)
    seconds = time.time() - started
    output, kills, resume = work / "killed", 0, []
    while True:
        process = subprocess.Popen(command(options, folder, data, output, *more, *resume), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        resume = ["--resume"]
        try:
            # The start of a process takes about as long as what is done of the run until it is killed.
            process.wait(draw.uniform(0.1, 2.2 * options.start) if kills < options.times else None)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
            continue
        if process.returncode == 0:
            break
        raise SystemExit(f"a run that went on ended with {process.returncode}")
    same = digest(output) == digest(work / "whole")
    print(f"{kills} kills, run of {seconds:.0f} s: adapters {'equal' if same else 'DIFFER'}")
    if not same:
        raise SystemExit(1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["memory", "kill"])
    parser.add_argument("model")
    parser.add_argument("--size", type=float, default=2e6, help="bytes of the data")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--batch", type=int, default=4)
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
