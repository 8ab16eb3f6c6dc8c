"""Embeds the same texts with peft4j and with sentence-transformers in turn and reports the ratios of their speeds and peak memories; see README.md."""
import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent


def texts(file, count, seed=0):
    """Words of this project's documentation, from a few to more than most models take; most rows are short."""
    words = [word for page in sorted((HERE.parent / "docs").rglob("*.md")) for word in page.read_text().split()]
    draw = random.Random(seed)
    rows = []
    for _ in range(count):
        length = min(300, max(1, int(draw.lognormvariate(3.2, 0.9))))
        start = draw.randrange(len(words) - length)
        rows.append(" ".join(words[start:start + length]))
    file.write_text("".join(json.dumps({"text": row}) + "\n" for row in rows))
    return file


def peer(args):
    """One run of sentence-transformers in this process."""
    import numpy
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(args.threads)
    rows = [json.loads(line)["text"] for line in Path(args.data).read_text().splitlines()]
    model = SentenceTransformer(args.model, device="cpu", model_kwargs={"dtype": getattr(torch, args.dtype)})
    # What settles at the first call is not measured.
    model.encode(rows[:64], batch_size=args.batch)
    start = time.perf_counter()
    vectors = model.encode(rows, batch_size=args.batch)
    seconds = time.perf_counter() - start
    numpy.save(args.output, numpy.asarray(vectors, dtype=numpy.float32))
    print(json.dumps({"rows": len(rows), "seconds": seconds}))


def measured(command):
    """The last line that a command prints, and its peak memory."""
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    out, err = process.stdout.read(), process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit(f"error: {' '.join(map(str, command))} ended with {status}:\n{err[-3000:]}")
    return json.loads(out.splitlines()[-1]) | {"peak_mib": usage.ru_maxrss / 1024}


def compare(args, dtype, data, folder):
    import numpy

    mine, theirs = [], []
    for i in range(args.repeat):
        vectors = folder / f"{dtype}-{i}.jsonl"
        mine.append(measured([args.command, "embed", "--model", args.model, "--data", data, "--dtype", dtype, "--threads", args.threads,
                              "--device", "cpu", "--output", vectors, "--json"]))
        theirs.append(measured([sys.executable, __file__, "--peer", "--model", args.model, "--data", data, "--dtype", dtype, "--threads", args.threads,
                                "--batch", args.batch, "--output", folder / f"{dtype}.npy"]))
    found = numpy.array([json.loads(line)["embedding"] for line in vectors.read_text().splitlines()], dtype=numpy.float32)
    difference = float(numpy.abs(found - numpy.load(folder / f"{dtype}.npy")).max())
    middle = lambda runs, key: statistics.median(run[key] for run in runs)
    speed = statistics.median(t["seconds"] / m["seconds"] for m, t in zip(mine, theirs))
    memory = statistics.median(m["peak_mib"] / t["peak_mib"] for m, t in zip(mine, theirs))
    rows = mine[0]["rows"]
    print(f"| {dtype} | {rows / middle(mine, 'seconds'):.0f} | {rows / middle(theirs, 'seconds'):.0f} | **{speed:.2f}** | {middle(mine, 'peak_mib'):.0f} | "
          f"{middle(theirs, 'peak_mib'):.0f} | **{memory:.2f}** | {difference:.1e} |", flush=True)
    if dtype == "float32" and difference > 1e-5:
        raise SystemExit(f"error: vectors differ from sentence-transformers' by {difference}")


def main():
    cli = argparse.ArgumentParser(description=__doc__)
    cli.add_argument("--command", default=str(HERE.parent / "peft4j"))
    cli.add_argument("--model", required=True, help="a folder as sentence-transformers lays it out; tools/minilm.py makes one")
    cli.add_argument("--data", help="rows with text; otherwise made")
    cli.add_argument("--rows", type=int, default=1500)
    cli.add_argument("--dtypes", type=lambda text: text.split(","), default=["float32", "bfloat16"])
    cli.add_argument("--repeat", type=int, default=3)
    cli.add_argument("--threads", type=int, default=2)
    cli.add_argument("--batch", type=int, default=32, help="of the peer, whose own default this is")
    cli.add_argument("--peer", action="store_true", help=argparse.SUPPRESS)
    cli.add_argument("--dtype", help=argparse.SUPPRESS)
    cli.add_argument("--output", help=argparse.SUPPRESS)
    args = cli.parse_args()
    if args.peer:
        return peer(args)
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        data = args.data or texts(folder / "rows.jsonl", args.rows)
        print("| dtype | rows/s | sentence-transformers | ratio | peak MiB | sentence-transformers | ratio | largest difference |\n|---|---|---|---|---|---|---|---|")
        for dtype in args.dtypes:
            compare(args, dtype, data, folder)


if __name__ == "__main__":
    main()
