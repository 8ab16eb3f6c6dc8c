"""Runs peft4j and Hugging Face PEFT in turn and reports the ratios of their speeds and peak memories; see `run`."""
import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import cases
import transformers

HERE = Path(__file__).resolve().parent


def ours(args, case, dtype, data, work, extra=()):
    """One run of peft4j from the same first values; its peak memory is the process's."""
    config = transformers.AutoConfig.from_pretrained(args.model)
    if case == "full":
        method = ["--method", "full"]
    else:
        method = cases.CASES[case].arguments(config)
    command = [args.command, "train", "--model", args.model, *method, "--data", data, "--no-shuffle", "--steps", str(args.steps + cases.WARM_UP),
               "--batch-size", str(args.batch), "--learning-rate", "1e-3", "--schedule", "constant", "--dtype", dtype, "--threads", str(args.threads),
               "--device", "cuda:0" if args.device == "cuda" else args.device, "--output", str(work), "--json", *extra]
    lines = [json.loads(line) for line in run(command).splitlines()]
    steps = [line for line in lines if "loss" in line]
    measured = steps[cases.WARM_UP:]
    return {"tokens_per_s": sum(s["tokens"] for s in measured) / sum(s["seconds"] for s in measured), "peak_mib": lines[-1]["peak_rss_mib"],
            "losses": [s["loss"] for s in steps], "trainable": lines[-1]["trainable_parameters"]}


def theirs(args, case, dtype, data):
    command = [sys.executable, str(HERE / "peer.py"), "--model", args.model, "--case", case, "--dtype", dtype, "--data", data, "--batch", str(args.batch),
               "--steps", str(args.steps), "--threads", str(args.threads), "--device", args.device]
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
    # Before the first update both sides compute the base model's loss if a fresh adapter changes nothing; random first values differ.
    first = abs(mine[0]["losses"][0] - peer[0]["losses"][0])
    return {"case": case + (" + recomputation" if checkpointing else ""), "dtype": dtype, "runs": args.repeat,
            "tokens_per_s": middle(mine, "tokens_per_s"), "peer_tokens_per_s": middle(peer, "tokens_per_s"),
            "speed_ratio": statistics.median(m["tokens_per_s"] / p["tokens_per_s"] for m, p in zip(mine, peer)),
            "peak_mib": middle(mine, "peak_mib"), "peer_peak_mib": middle(peer, "peak_mib"),
            "memory_ratio": statistics.median(m["peak_mib"] / p["peak_mib"] for m, p in zip(mine, peer)),
            "first_loss": mine[0]["losses"][0], "first_loss_difference": first, "trainable": mine[0]["trainable"],
            "same_parameters": mine[0]["trainable"] == peer[0]["trainable"], "peer": peer[0]["versions"]}


def markdown(results):
    lines = ["| case | dtype | tokens/s | HF PEFT | ratio | peak MiB | HF PEFT | ratio | first loss differs by |", "|---|---|---|---|---|---|---|---|---|"]
    for r in results:
        lines.append(f"| {r['case']} | {r['dtype']} | {r['tokens_per_s']:.1f} | {r['peer_tokens_per_s']:.1f} | **{r['speed_ratio']:.2f}** | {r['peak_mib']:.0f} | "
                     f"{r['peer_peak_mib']:.0f} | **{r['memory_ratio']:.2f}** | {r['first_loss_difference']:.1e} |")
    return "\n".join(lines) + "\n"


def sweep(args, folder, lengths):
    """Seconds per step and peak memory of one row by its length, with the exponent that fits best."""
    import numpy

    found = []
    for length in lengths:
        data = str(cases.rows(folder / f"rows-{length}.jsonl", [length]))
        one = argparse.Namespace(**{**vars(args), "batch": 1, "repeat": 1})
        for dtype in args.dtypes:
            r = compare(one, "lora", dtype, data, folder / str(length))
            found.append({"length": length, "dtype": dtype, "seconds": length / r["tokens_per_s"], "peak_mib": r["peak_mib"],
                          "peer_seconds": length / r["peer_tokens_per_s"], "peer_peak_mib": r["peer_peak_mib"]})
            print(found[-1], flush=True)
    orders = {}
    for dtype in args.dtypes:
        of = [f for f in found if f["dtype"] == dtype]
        slope = lambda key: float(numpy.polyfit([f["length"] for f in of], [f[key] for f in of], 1)[0])
        power = lambda key: float(numpy.polyfit(numpy.log([f["length"] for f in of]), numpy.log([f[key] for f in of]), 1)[0])
        orders[dtype] = {"time_order": power("seconds"), "peer_time_order": power("peer_seconds"), "mib_per_token": slope("peak_mib"),
                         "peer_mib_per_token": slope("peer_peak_mib")}
    return {"points": found, "orders": orders}


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


def main():
    cli = argparse.ArgumentParser(description=__doc__)
    cli.add_argument("--command", required=True)
    cli.add_argument("--model", help="a checkpoint folder; otherwise --shape with random weights")
    cli.add_argument("--shape", default="smollm2", help="smollm2 or bloom-1b4")
    cli.add_argument("--data", help="rows with input_ids and labels; otherwise made")
    cli.add_argument("--cases", type=lambda text: text.split(","), default=["lora"], help=f"of {', '.join(cases.CASES)}, full")
    cli.add_argument("--dtypes", type=lambda text: text.split(","), default=["float32", "bfloat16"])
    cli.add_argument("--checkpointing", action="store_true", help="also with recomputation, against the peer without it")
    cli.add_argument("--sweep", action="store_true", help="also by the length of rows")
    cli.add_argument("--lengths", type=lambda text: [int(n) for n in text.split(",")], default=[64, 128, 256, 512, 1024])
    cli.add_argument("--repeat", type=int, default=3)
    cli.add_argument("--steps", type=int, default=8)
    cli.add_argument("--batch", type=int, default=4)
    cli.add_argument("--threads", type=int, default=2)
    cli.add_argument("--device", default="cpu")
    cli.add_argument("--output", type=Path, default=Path("benchmark-results"))
    args = cli.parse_args()
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        args.model = args.model or str(cases.checkpoint(args.shape, "bfloat16", folder))
        data = args.data or str(cases.rows(folder / "rows.jsonl"))
        results = []
        for case in args.cases:
            for dtype in args.dtypes:
                for checkpointing in [False, True] if args.checkpointing else [False]:
                    results.append(compare(args, case, dtype, data, folder, checkpointing))
                    print(markdown(results[-1:]).splitlines()[-1], flush=True)
        report = {"results": results}
        if args.sweep:
            report["sweep"] = sweep(args, folder, args.lengths)
    args.output.mkdir(exist_ok=True)
    (args.output / "results.json").write_text(json.dumps(report, indent=2) + "\n")
    (args.output / "results.md").write_text(markdown(results))
    plot(results, args.output / "results.png")
    print("\n" + markdown(results))
    bad = [f"{r['case']} {r['dtype']}" for r in results if not r["same_parameters"] or r["case"] in ("lora", "ia3", "adaption", "full")
           and r["first_loss_difference"] > (1e-3 if r["dtype"] == "float32" else 3e-2)]
    if bad:
        raise SystemExit(f"error: losses or parameters differ from Hugging Face PEFT's: {', '.join(bad)}")


if __name__ == "__main__":
    main()
