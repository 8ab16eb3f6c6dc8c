"""What the products of a training step would take alone, each by the fastest routine found for it: the bound of a step's speed.

The products are those of a real step, written down by oneDNN (ONEDNN_VERBOSE) while peft4j trains one batch in bfloat16, where all of them go through it. They
are then timed in either format, as `python bound.py FILE --dtype float32 --threads 2` does with a file of them."""
import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
#: As many different factors as the step has are multiplied in turn, up to this size, so that they come from where a step finds them.
DISTINCT_BYTES = 256 << 20
#: As the launcher sets them: results take memory that the process has already.
MEMORY = {"MALLOC_ARENA_MAX": "4", "MALLOC_MMAP_THRESHOLD_": "1073741824", "MALLOC_TRIM_THRESHOLD_": "4294967296"}
INSTRUCTIONS = ["avx2", "avx512f", "avx512_bf16", "avx512_vnni", "avx_vnni", "amx_bf16", "amx_int8"]


def processor():
    """The processor's name, its cores and those of its instruction sets that products use."""
    said = dict(re.findall(r"^([^:\n]+):\s*(.*)$", subprocess.run(["lscpu"], capture_output=True, text=True).stdout, re.M))
    flags = said.get("Flags", "").split()
    name = f"{said.get('Model name', 'unknown')} (family {said.get('CPU family')}, model {said.get('Model')})"
    return f"{name}, {os.cpu_count()} cores: {', '.join(flag for flag in INSTRUCTIONS if flag in flags)}"


def products(text):
    """Counts of ([B,] M, K, N, whether the first and whether the second factor lies by columns) in what oneDNN says of its calls."""
    found = Counter()
    for line in text.splitlines():
        fields = line.split(",")
        if not line.startswith("onednn_verbose") or len(fields) < 11 or fields[3] != "exec" or fields[5] not in ("matmul", "inner_product"):
            continue
        turned = [re.search(side + r":\w*:\w*:blocked:(\w+)", fields[8])[1] in ("ba", "acb") for side in ("src", "wei")]
        if fields[5] == "inner_product":
            m, k, n = map(int, re.fullmatch(r"mb(\d+)ic(\d+)oc(\d+)", fields[-2]).groups())
            found[1, m, k, n, False, True] += 1
        else:
            first, second = ([int(size) for size in part.split("x")] for part in fields[-2].split(":")[:2])
            found[first[0] if len(first) == 3 else 1, first[-2], first[-1], second[-1], *turned] += 1
    return found


def record(command, environment=None):
    """The products of the one step that a command makes."""
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, env={**os.environ, "ONEDNN_VERBOSE": "1", **(environment or {})})
    found = products(done.stdout)
    if done.returncode != 0 or not found:
        raise SystemExit(f"error: {' '.join(map(str, command))} ended with {done.returncode} and {len(found)} products:\n{done.stderr[-3000:]}")
    return found


def routines(torch, shape, first, second, tokens):
    """The ways to compute a product, each with the factors as it takes them, prepared beforehand where they are weights: sums over tokens have none."""
    batch, m, k, n, by_columns, turned = shape
    if batch > 1:
        return {"bmm": (torch.bmm, first, second)}
    ways = {"mm": (torch.mm, first, second)}
    if not by_columns:
        call = lambda x, w: torch.ops.mkldnn._linear_pointwise(x, w, None, "none", [], "")
        ways["onednn"] = call, first, [w.t() for w in second]
    if not by_columns and k != tokens:
        ways["onednn packed"] = call, first, [torch.ops.mkldnn._reorder_linear_weight(w.t().contiguous(), None) for w in second]
    return ways


def apart(torch, threads, call, pairs):
    """Each thread alone with its share of the rows, as workers would: no thread waits for another within a product."""
    def work(mine):
        torch.set_num_threads(1)
        for x, w in mine:
            call(x, w)

    shares = [[] for _ in range(threads)]
    for i, (x, w) in enumerate(pairs):
        if x.dim() == 3:
            shares[i % threads].append((x, w))
        else:
            for share, rows in zip(shares, x.chunk(threads)):
                share.append((rows, w))
    running = [threading.Thread(target=work, args=(share,)) for share in shares]
    for one in running:
        one.start()
    for one in running:
        one.join()
    torch.set_num_threads(threads)


def seconds(torch, shape, count, dtype, threads, tokens, passes=3):
    """Median seconds of all the products of one shape in a step by each routine."""
    batch, m, k, n, by_columns, turned = shape
    size = torch.finfo(dtype).bits // 8
    distinct = max(1, min(count, DISTINCT_BYTES // (size * batch * k * n)))

    def factor(rows, columns, turn):
        whole = torch.randn([batch, columns, rows] if turn else [batch, rows, columns], dtype=torch.float32).to(dtype)
        whole = whole.transpose(1, 2) if turn else whole
        return whole if batch > 1 else whole[0]

    first = [factor(m, k, by_columns) for _ in range(min(distinct, 4))]
    first = [first[i % len(first)] for i in range(distinct)]
    second = [factor(k, n, turned) for _ in range(distinct)]
    times = {}
    for name, (call, left, right) in routines(torch, shape, first, second, tokens).items():
        def together():
            for x, w in zip(left, right):
                call(x, w)

        ways = {name: together}
        if threads > 1:
            ways[name + ", apart"] = lambda: apart(torch, threads, call, list(zip(left, right)))
        for way, run in ways.items():
            taken = []
            for _ in range(passes + 1):
                begun = time.perf_counter()
                run()
                taken.append(time.perf_counter() - begun)
            times[way] = statistics.median(taken[1:]) * count / distinct
    return times


def measure(found, dtype, threads):
    """For each shape its count, the fastest routine and the seconds it takes for all of them."""
    import torch

    torch.set_num_threads(threads)
    torch.set_grad_enabled(False)
    rows = Counter()
    for shape, count in found.items():
        rows[shape[1]] += count
    tokens = rows.most_common(1)[0][0]
    lines = []
    for shape, count in found.items():
        times = seconds(torch, shape, count, getattr(torch, dtype), threads, tokens)
        best = min(times, key=times.get)
        lines.append({"shape": list(shape), "count": count, "flops": 2 * count * shape[0] * shape[1] * shape[2] * shape[3], "routine": best,
                      "seconds": times[best], "all": times})
    return lines


def alone(found, dtype, threads, file):
    """As `measure`, in a process of its own with the launcher's memory settings."""
    file.write_text(json.dumps([[*shape, count] for shape, count in found.items()]))
    done = subprocess.run([sys.executable, str(HERE / "bound.py"), str(file), "--dtype", dtype, "--threads", str(threads)], capture_output=True, text=True,
                          env={**os.environ, **MEMORY})
    if done.returncode != 0:
        raise SystemExit(f"error: the products could not be timed:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout)


def bound(step_seconds, lines, case, dtype):
    """The line of a report: `fraction` is the products' time over the step's."""
    total = sum(line["seconds"] for line in lines)
    flops = sum(line["flops"] for line in lines)
    return {"case": case, "dtype": dtype, "products_ms": 1e3 * total, "step_ms": 1e3 * step_seconds, "fraction": total / step_seconds, "gflop": flops / 1e9,
            "gflops": flops / total / 1e9, "products": lines, "processor": processor()}


def markdown(bounds):
    lines = ["| case | dtype | GFLOP a step | products alone, ms | GFLOP/s | a step, ms | fraction of the bound |", "|---|---|---|---|---|---|---|"]
    lines += [f"| {b['case']} | {b['dtype']} | {b['gflop']:.0f} | {b['products_ms']:.0f} | {b['gflops']:.0f} | {b['step_ms']:.0f} | **{b['fraction']:.2f}** |"
              for b in bounds]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    cli = argparse.ArgumentParser(description=__doc__)
    cli.add_argument("file", type=Path)
    cli.add_argument("--dtype", required=True)
    cli.add_argument("--threads", type=int, required=True)
    given = cli.parse_args()
    print(json.dumps(measure({tuple(line[:-1]): line[-1] for line in json.loads(given.file.read_text())}, given.dtype, given.threads)))
