"""Time of a training step against workers and threads, from a model fitted to measured steps: for processors with more cores than this one.

    python benchmarks/scaling.py 1x1:480:3.66 1x2:480:2.54 2x1:480:1.98 2x1:960:3.28    # workers x threads : tokens of the step : seconds

A step of N tokens shared out over W workers of T threads each takes N / W (a / T + q) + w / T + d W seconds: a is a token's work that threads share, q the part of
it that threads wait for, w what each worker does whatever its tokens are, reading and ordering the weights above all, and d a worker's part of summing the gradients
(--sum). On C cores with T = C / W that is N a / C + N q / W + w W / C + d W, so one more worker pays from N = W (W + 1) (w / C + d) / q on. Cores are taken to be
alike and not to slow each other down: what they share, memory and clock, is not in the model. Writes scaling.png."""
import argparse
from pathlib import Path

import numpy

CORES = [1, 2, 4, 8, 16]


def fit(points, each):
    """a, q and w, none of them negative, with the least squares of relative errors over (workers, threads, tokens, seconds)."""
    names = ["a", "q", "w"]
    terms = numpy.array([[n / w / t, n / w, 1 / t] for w, t, n, _ in points])
    times = numpy.array([s - each * w for w, _, _, s in points])
    while True:
        kept = [["a", "q", "w"].index(name) for name in names]
        found, _, rank, _ = numpy.linalg.lstsq(terms[:, kept] / times[:, None], numpy.ones(len(times)), rcond=None)
        if rank < len(names):
            raise SystemExit("error: these points do not tell a, q and w apart: give some of 1x1, 1x2 and 2x1, and of two numbers of tokens")
        if min(found) >= 0:
            return {"a": 0.0, "q": 0.0, "w": 0.0, "d": each} | dict(zip(names, map(float, found)))
        names.pop(int(numpy.argmin(found)))


def seconds(parts, tokens, workers, threads):
    return tokens / workers * (parts["a"] / threads + parts["q"]) + parts["w"] / threads + parts["d"] * workers


def best(parts, tokens, cores, rows):
    """Workers and threads of the fastest choice; a worker has a row at least."""
    return min(((w, cores // w) for w in range(1, min(cores, rows) + 1)), key=lambda choice: seconds(parts, tokens, *choice))


def pays_from(parts, workers, cores):
    """Tokens of a step from which on one more worker pays."""
    return workers * (workers + 1) * (parts["w"] / cores + parts["d"]) / parts["q"] if parts["q"] else float("inf")


def table(parts, tokens, rows):
    lines = ["| cores | one worker, s | a worker a core, s | best, workers x threads | s | times one core's | second worker pays from, tokens |", "|---|---|---|---|---|---|---|"]
    alone = seconds(parts, tokens, 1, 1)
    for cores in CORES:
        workers, threads = best(parts, tokens, cores, rows)
        taken = seconds(parts, tokens, workers, threads)
        each = f"{seconds(parts, tokens, cores, 1):.2f}" if cores <= rows else ""
        pays = f"{pays_from(parts, 1, cores):.0f}" if cores > 1 else ""
        lines.append(f"| {cores} | {seconds(parts, tokens, 1, cores):.2f} | {each} | {workers} x {threads} | {taken:.2f} | {alone / taken:.1f} | {pays} |")
    return "\n".join(lines) + "\n"


def plot(parts, tokens, rows, file):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axis = pyplot.subplots(figsize=(6, 4))
    for workers in (1, 2, 4, 8, 16):
        cores = [c for c in CORES if c >= workers]
        if workers <= rows:
            axis.loglog(cores, [seconds(parts, tokens, workers, c // workers) for c in cores], "o-", label=f"{workers} workers")
    axis.set_xlabel("cores")
    axis.set_title(f"seconds of a step of {tokens} tokens, by the model", fontsize=9)
    axis.legend()
    figure.tight_layout()
    figure.savefig(file)


def point(text):
    size, tokens, taken = text.split(":")
    return *map(int, size.split("x")), int(tokens), float(taken)


def main():
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("points", type=point, nargs="+")
    cli.add_argument("--sum", type=float, default=0.001, help="seconds of adding up one worker's gradients")
    cli.add_argument("--tokens", type=int, default=480)
    cli.add_argument("--rows", type=int, default=4)
    cli.add_argument("--output", type=Path, default=Path("benchmark-results"))
    args = cli.parse_args()
    parts = fit(args.points, args.sum)
    print(", ".join(f"{name} = {value * 1e3:.3g} ms" for name, value in parts.items()))
    for w, t, n, s in args.points:
        print(f"{w}x{t}, {n} tokens: measured {s:.2f} s, model {seconds(parts, n, w, t):.2f} s, {seconds(parts, n, w, t) / s - 1:+.0%}")
    print("\n" + table(parts, args.tokens, args.rows))
    args.output.mkdir(exist_ok=True)
    plot(parts, args.tokens, args.rows, args.output / "scaling.png")


if __name__ == "__main__":
    main()
