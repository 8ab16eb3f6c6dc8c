"""Runs peft4j and Hugging Face PEFT in turn and reports the ratios of their speeds and peak memories; see `run`."""
import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import bound
import cases
import transformers

HERE = Path(__file__).resolve().parent


def training(args, case, dtype, data, work, steps, extra=()):
    """The command that trains with peft4j."""
    method = cases.of(case).arguments(transformers.AutoConfig.from_pretrained(args.model))
    return [args.command, "train", "--model", args.model, *method, "--data", data, "--no-shuffle", "--steps", str(steps),
            "--batch-size", str(args.batch), "--learning-rate", "1e-3", "--schedule", "constant", "--dtype", dtype, "--threads", str(args.threads),
            "--device", "cuda:0" if args.device == "cuda" else args.device, "--output", str(work), "--json", *extra]


def ours(args, case, dtype, data, work, extra=()):
    """One run of peft4j from the same first values; its peak memory is the process's."""
    command = training(args, case, dtype, data, work, args.warm_up + args.steps, extra)
    lines = [json.loads(line) for line in run(command).splitlines()]
    steps = [line for line in lines if "loss" in line]
    measured = steps[args.warm_up:]
    seconds = sum(s["seconds"] for s in measured)
    return {"tokens_per_s": sum(s["tokens"] for s in measured) / seconds, "rows_per_s": len(measured) * args.batch / seconds,
            "peak_mib": lines[-1]["peak_rss_mib"], "losses": [s["loss"] for s in steps], "step_seconds": [s["seconds"] for s in measured],
            "trainable": lines[-1]["trainable_parameters"]}


def theirs(args, case, dtype, data):
    """The run of the faster one of the peer's ways to compute attention, of those that are asked for, with the speeds of all."""
    runs = {attention: theirs_by(attention, args, case, dtype, data) for attention in args.attention}
    fastest = max(runs.values(), key=lambda r: r["tokens_per_s"])
    return fastest | {"attentions": {attention: r["rows_per_s"] for attention, r in runs.items()}}


def theirs_by(attention, args, case, dtype, data):
    command = [sys.executable, str(HERE / "peer.py"), "--model", args.model, "--case", case, "--dtype", dtype, "--data", data, "--batch", str(args.batch),
               "--warm-up", str(args.warm_up), "--steps", str(args.steps), "--threads", str(args.threads), "--device", args.device,
               "--attention", attention]
    return json.loads(run(command).splitlines()[-1])


def run(command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"error: {' '.join(map(str, command))} ended with {done.returncode}:\n{done.stderr[-3000:]}")
    return done.stdout


def compare(args, case, dtype, data, folder, checkpointing=False):
    """Medians over alternating runs: what else the machine does then touches both sides alike."""
    extra = ["--checkpointing"] if checkpointing else []
    mine, peer = [], []
    for i in range(args.repeat):
        mine.append(ours(args, case, dtype, data, folder / f"{case}-{dtype}-{checkpointing}-{i}", extra))
        peer.append(theirs(args, case, dtype, data))
    middle = lambda runs, key: statistics.median(r[key] for r in runs)
    speeds = [m["tokens_per_s"] / p["tokens_per_s"] for m, p in zip(mine, peer)]
    # Before the first update both sides compute the base model's loss if a fresh adapter changes nothing; random first values differ.
    first = abs(mine[0]["losses"][0] - peer[0]["losses"][0])
    return {"case": case + (" + recomputation" if checkpointing else ""), "dtype": dtype, "runs": args.repeat,
            "tokens_per_s": middle(mine, "tokens_per_s"), "peer_tokens_per_s": middle(peer, "tokens_per_s"),
            "rows_per_s": middle(mine, "rows_per_s"), "peer_rows_per_s": middle(peer, "rows_per_s"),
            "peer_rows_per_s_by_attention": [p["attentions"] for p in peer],
            "speed_ratio": statistics.median(speeds), "speed_ratios": speeds,
            "peak_mib": middle(mine, "peak_mib"), "peer_peak_mib": middle(peer, "peak_mib"),
            "memory_ratio": statistics.median(m["peak_mib"] / p["peak_mib"] for m, p in zip(mine, peer)),
            "first_loss": mine[0]["losses"][0], "first_loss_difference": first, "starts_as_base": cases.of(case).starts_as_base,
            "trainable": mine[0]["trainable"],
            "same_parameters": mine[0]["trainable"] == peer[0]["trainable"], "peer": peer[0]["versions"]}


def bounded(args, case, dtype, data, folder):
    """How near a step comes to its products alone, both for the first batch of the rows and measured one after the other."""
    first = folder / "first.jsonl"
    first.write_text("".join(Path(data).read_text().splitlines(keepends=True)[:args.batch]))
    work = folder / f"bound-{case}-{dtype}"
    found = bound.record(training(args, case, "bfloat16", first, work, 1))
    step = statistics.median(ours(args, case, dtype, first, folder / f"bound-step-{case}-{dtype}")["step_seconds"])
    return bound.bound(step, bound.alone(found, dtype, args.threads, folder / "products.json"), case, dtype)


def markdown(results):
    lines = ["| case | dtype | tokens/s | HF PEFT | rows/s | HF PEFT | ratio | peak MiB | HF PEFT | ratio | first loss differs by |",
             "|---|---|---|---|---|---|---|---|---|---|---|"]
    for r in results:
        lines.append(f"| {r['case']} | {r['dtype']} | {r['tokens_per_s']:.1f} | {r['peer_tokens_per_s']:.1f} | {r['rows_per_s']:.2f} | {r['peer_rows_per_s']:.2f} | "
                     f"**{r['speed_ratio']:.2f}** | {r['peak_mib']:.0f} | "
                     f"{r['peer_peak_mib']:.0f} | **{r['memory_ratio']:.2f}** | {r['first_loss_difference']:.1e} |")
    return "\n".join(lines) + "\n"


#: What grows in a sweep, with its values: rows' tokens, LoRA's rank, rows of a batch, layers from the top that are adapted, vocabulary.
SWEEPS = {"length": [64, 128, 256, 512, 1024, 2048], "rank": [4, 16, 64, 256], "batch": [1, 2, 4, 8], "layers": [1, 10, 20, 30],
          "vocabulary": [8192, 32768, 131072]}


def point(args, axis, value, dtype, folder):
    """One comparison of LoRA with one thing changed; one run of each side."""
    one = argparse.Namespace(**{**vars(args), "repeat": 1})
    case, length = "lora", None
    if axis == "length":
        one.batch, length = 1, value
    elif axis == "rank":
        case = f"lora:r={value};lora_alpha={value}"
    elif axis == "batch":
        one.batch, length = value, 128
    elif axis == "layers":
        layers = transformers.AutoConfig.from_pretrained(args.model).num_hidden_layers
        case = f"lora:layers_to_transform={list(range(layers - value, layers))}"
    else:
        one.model = str(cases.checkpoint(args.shape, "bfloat16", folder, value))
    # What settles settles in seconds, not in steps: short ones need more of them.
    tokens = one.batch * length if length else None
    repeats = max(1, 1024 // tokens) if tokens else 1
    one.warm_up, one.steps = args.warm_up * repeats, args.steps * repeats
    data = str(cases.rows(folder / f"rows-{axis}-{value}.jsonl", length and [length], 8000))
    r = compare(one, case, dtype, data, folder / f"{axis}-{value}")
    return {"axis": axis, "value": value, "dtype": dtype, "seconds": (tokens or 1) / r["tokens_per_s"], "peak_mib": r["peak_mib"],
            "peer_seconds": (tokens or 1) / r["peer_tokens_per_s"], "peer_peak_mib": r["peer_peak_mib"]}


def sweep(args, axis, dtype, folder):
    """Time and peak memory along an axis, with the exponent of time that fits best and the slope of memory."""
    import numpy

    points = []
    for value in args.values or SWEEPS[axis]:
        points.append(point(args, axis, value, dtype, folder))
        print(points[-1], flush=True)
    values = [p["value"] for p in points]
    power = lambda key: float(numpy.polyfit(numpy.log(values), numpy.log([p[key] for p in points]), 1)[0])
    slope = lambda key: float(numpy.polyfit(values, [p[key] for p in points], 1)[0])
    return {"axis": axis, "dtype": dtype, "points": points, "time_order": power("seconds"), "peer_time_order": power("peer_seconds"),
            "mib_each": slope("peak_mib"), "peer_mib_each": slope("peer_peak_mib")}


def sweep_table(sweeps):
    lines = ["| axis | dtype | values | time grows by the power | HF PEFT | MiB for each | HF PEFT |", "|---|---|---|---|---|---|---|"]
    for s in sweeps:
        values = [p["value"] for p in s["points"]]
        lines.append(f"| {s['axis']} | {s['dtype']} | {values[0]} to {values[-1]} | {s['time_order']:.2f} | {s['peer_time_order']:.2f} | "
                     f"{s['mib_each']:.3g} | {s['peer_mib_each']:.3g} |")
    return "\n".join(lines) + "\n"


def plot(results, file):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    labels = [f"{r['case']}\n{r['dtype']}" for r in results]
    figure, axes = pyplot.subplots(1, 2, figsize=(4 + 1.6 * len(results), 4))
    for axis, key, title in ((axes[0], "speed_ratio", "tokens/s over HF PEFT's"), (axes[1], "memory_ratio", "peak memory over HF PEFT's")):
        axis.bar(labels, [r[key] for r in results], color="#3b6ea5")
        axis.axhline(1, color="black", linewidth=0.8)
        axis.set_title(title)
        axis.tick_params(axis="x", labelsize=7)
    figure.tight_layout()
    figure.savefig(file)


def plot_sweeps(sweeps, file):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(2, len(sweeps), figsize=(4 * len(sweeps), 7), squeeze=False)
    for column, s in enumerate(sweeps):
        values = [p["value"] for p in s["points"]]
        for row, key, title in ((0, "seconds", "seconds"), (1, "peak_mib", "peak MiB")):
            axis = axes[row][column]
            axis.loglog(values, [p[key] for p in s["points"]], "o-", label="peft4j")
            axis.loglog(values, [p["peer_" + key] for p in s["points"]], "s--", label="HF PEFT")
            axis.set_title(f"{title}, {s['dtype']}", fontsize=9)
            axis.set_xlabel(s["axis"])
            axis.legend()
    figure.tight_layout()
    figure.savefig(file)


def main():
    cli = argparse.ArgumentParser(description=__doc__)
    cli.add_argument("--command", required=True)
    cli.add_argument("--model", help="a checkpoint folder; otherwise --shape with random weights")
    cli.add_argument("--shape", default="smollm2", help=", ".join(cases.SHAPES))
    cli.add_argument("--data", help="rows with input_ids and labels, or label for a classifier; otherwise made")
    cli.add_argument("--cases", type=lambda text: text.split(","), default=["lora"], help=f"of {', '.join(cases.CASES)}; none for sweeps alone")
    cli.add_argument("--dtypes", type=lambda text: text.split(","), default=["float32", "bfloat16"])
    cli.add_argument("--checkpointing", action="store_true", help="also with recomputation, against the peer without it")
    cli.add_argument("--bound", action="store_true", help="also what a step's products take alone, and its share of that bound; the CPU only")
    cli.add_argument("--sweep", type=lambda text: text.split(","), default=[], help=f"also along {', '.join(SWEEPS)}, or several of them")
    cli.add_argument("--values", type=lambda text: [int(n) for n in text.split(",")], help="of the sweep, instead of its own")
    cli.add_argument("--repeat", type=int, default=3)
    cli.add_argument("--warm-up", type=int, default=2, help="steps before those that are measured: allocators, products and compilers settle")
    cli.add_argument("--steps", type=int, default=16)
    cli.add_argument("--batch", type=int, help="rows of a batch; otherwise 4, or 16 for a classifier")
    cli.add_argument("--attention", type=lambda text: text.split(","),
                     help="the peer's: sdpa, eager, or both, of which the faster one counts; otherwise sdpa, or both for a classifier")
    cli.add_argument("--threads", type=int, default=2)
    cli.add_argument("--device", default="cpu")
    cli.add_argument("--output", type=Path, default=Path("benchmark-results"))
    args = cli.parse_args()
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        args.model = args.model or str(cases.checkpoint(args.shape, "bfloat16", folder))
        classifies = cases.classifies(transformers.AutoConfig.from_pretrained(args.model))
        if classifies and args.sweep:
            raise SystemExit("error: sweeps are of language models: take --sweep off, or another --shape or --model")
        args.batch = args.batch or (16 if classifies else 4)
        args.attention = args.attention or (["sdpa", "eager"] if classifies else ["sdpa"])
        data = args.data or str((cases.classified_rows if classifies else cases.rows)(folder / "rows.jsonl"))
        results, bounds = [], []
        for case in args.cases if args.cases != ["none"] else []:
            for dtype in args.dtypes:
                for checkpointing in [False, True] if args.checkpointing else [False]:
                    results.append(compare(args, case, dtype, data, folder, checkpointing))
                    print(markdown(results[-1:]).splitlines()[-1], flush=True)
                if args.bound:
                    bounds.append(bounded(args, case, dtype, data, folder))
                    print(bound.markdown(bounds[-1:]).splitlines()[-1], flush=True)
        report = {"processor": bound.processor(), "results": results, "bounds": bounds}
        if args.sweep:
            report["sweeps"] = [sweep(args, axis, dtype, folder) for axis in args.sweep for dtype in args.dtypes]
    args.output.mkdir(exist_ok=True)
    (args.output / "results.json").write_text(json.dumps(report, indent=2) + "\n")
    tables = [markdown(results) if results else "", bound.markdown(bounds) if bounds else ""]
    text = f"{bound.processor()}\n\n" + "\n".join(filter(None, tables)) + ("\n" + sweep_table(report["sweeps"]) if args.sweep else "")
    (args.output / "results.md").write_text(text)
    if results:
        plot(results, args.output / "results.png")
    if args.sweep:
        plot_sweeps(report["sweeps"], args.output / "sweeps.png")
    print("\n" + text)
    bad = [f"{r['case']} {r['dtype']}" for r in results if not r["same_parameters"]
           or r["starts_as_base"] and r["first_loss_difference"] > (1e-3 if r["dtype"] == "float32" else 3e-2)]
    if bad:
        raise SystemExit(f"error: losses or parameters differ from Hugging Face PEFT's: {', '.join(bad)}")


if __name__ == "__main__":
    main()
