"""Exchanges adapters between Hugging Face PEFT and peft4j; see `run`."""
import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import cases
import checkpoints
import tasks
import torch
import transformers
from tasks import apart

STEPS, BATCH, RATE = 10, 3, 2e-3
CHECKS = ("loss", "outputs", "trace", "back", "merged")


def rows(file: Path):
    return [json.loads(line) for line in file.read_text().splitlines()]


def trace(task, model, data):
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=RATE, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / STEPS)
    model.train()
    found = []
    for step in range(STEPS):
        batch = [data[(step * BATCH + i) % len(data)] for i in range(BATCH)]
        loss = model(**task.inputs(batch, model)).loss
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        found.append((loss.item(), norm.item()))
    model.eval()
    return found


class Command:
    def __init__(self, path: str):
        self.path = path

    def __call__(self, *arguments):
        done = subprocess.run([self.path, *map(str, arguments), "--json"], capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(next((line for line in done.stderr.splitlines() if line.startswith("error")), done.stderr[-400:]))
        return [json.loads(line) for line in done.stdout.splitlines()]


def exchange(command, folder: Path, architecture: str, case: str, data_file: Path):
    """Yields (check, outcome, ok)."""
    base = folder / architecture
    task = tasks.of(architecture)
    data = rows(data_file)
    torch.manual_seed(3)
    config = cases.of(architecture, case)
    model = cases.attach(config, checkpoints.load(base, task.kind))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "adaption_gate" in name:
                parameter.fill_(0.4)
            if "classifier.modules_to_save" in name:
                parameter.normal_(0, 0.4)
    theirs = folder / f"{architecture}-{case}-hf"
    cases.save(config, model, theirs)

    loaded = cases.load(config, checkpoints.load(base, task.kind), theirs)
    yield "loss", *task.losses(command, base, theirs, loaded, data_file, data)
    yield "outputs", *task.outputs(command, base, theirs, loaded, data_file, data)
    if cases.merges(config, task):
        yield "merged", *task.merged(command, base, theirs, loaded, folder / f"{architecture}-{case}-merged", data)

    back = folder / f"{architecture}-{case}-java"
    steps = command("train", "--model", base, "--init-adapter", theirs, "--data", data_file, "--no-shuffle", "--steps", STEPS, "--batch-size", BATCH,
                    "--learning-rate", RATE, "--schedule", "linear", "--max-grad-norm", 1.0, "--output", back)
    for name, parameter in loaded.named_parameters():
        parameter.requires_grad_(parameter.requires_grad or "modules_to_save" in name)
    reference = trace(task, loaded if case in cases.TABLES else model, data)
    taken = [line for line in steps if "grad_norm" in line]
    worst = max(max(apart(line["loss"], loss), apart(line["grad_norm"], norm)) for line, (loss, norm) in zip(taken, reference, strict=True))
    yield "trace", f"{worst:.1e}", worst < 1e-4

    returned = cases.load(config, checkpoints.load(base, task.kind), back)
    yield "back", *task.returned(command, base, back, returned, data_file, data)


def main() -> int:
    transformers.utils.logging.disable_progress_bar()
    options = argparse.ArgumentParser()
    options.add_argument("--command", required=True)
    options.add_argument("--only", default="")
    chosen = options.parse_args()
    only = set(filter(None, chosen.only.split(",")))
    command = Command(chosen.command)
    failures = 0
    print(f"{'architecture':<17}{'case':<13}" + "".join(f"{check:>10}" for check in CHECKS))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for architecture in checkpoints.names(tasks.HEADS):
            wanted = [case for case in cases.names(architecture) if not only or only & {architecture, case, f"{architecture}/{case}"}]
            if not wanted:
                continue
            task, data_file = tasks.of(architecture), folder / f"{architecture}.jsonl"
            checkpoints.write(architecture, folder / architecture, task)
            tasks.write(task, checkpoints.load(folder / architecture, task.kind), data_file)
            for case in wanted:
                cells, problem = {}, ""
                try:
                    for check, outcome, good in exchange(command, folder, architecture, case, data_file):
                        cells[check] = outcome if good else outcome + " !"
                        failures += not good
                except Exception as error:  # one row's failure must not hide the others
                    problem = f"  {type(error).__name__}: {str(error)[:160]}"
                    failures += 1
                print(f"{architecture:<17}{case:<13}" + "".join(f"{cells.get(c, '-'):>10}" for c in CHECKS) + problem, flush=True)
    print("all agree" if failures == 0 else f"{failures} checks failed")
    return 0 if failures == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
