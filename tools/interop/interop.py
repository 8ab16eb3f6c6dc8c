"""Exchanges adapters between Hugging Face PEFT and peft4j; see `run`."""
import argparse
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import cases
import checkpoints
import torch

STEPS, BATCH, RATE = 10, 3, 2e-3
PROMPT, NEW = [5, 17, 33, 101, 7, 64], 12


def write_rows(file: Path) -> None:
    rng = random.Random(5)
    with file.open("w") as out:
        for _ in range(24):
            prompt = [rng.randrange(3, checkpoints.VOCABULARY - 8) for _ in range(rng.randrange(2, 9))]
            answer = [rng.randrange(3, checkpoints.VOCABULARY - 8) for _ in range(rng.randrange(3, 15))]
            out.write(json.dumps({"input_ids": prompt + answer, "labels": [-100] * len(prompt) + answer}) + "\n")


def rows(file: Path):
    return [json.loads(line) for line in file.read_text().splitlines()]


def pad(batch):
    longest = max(len(row["input_ids"]) for row in batch)
    fill = lambda key, value: torch.tensor([row[key] + [value] * (longest - len(row[key])) for row in batch])
    mask = torch.tensor([[1] * len(row["input_ids"]) + [0] * (longest - len(row["input_ids"])) for row in batch])
    return {"input_ids": fill("input_ids", 0), "labels": fill("labels", -100), "attention_mask": mask}


def nll(model, data) -> float:
    total = count = 0
    with torch.no_grad():
        for row in data:
            supervised = sum(label != -100 for label in row["labels"][1:])
            total += model(**pad([row])).loss.double().item() * supervised
            count += supervised
    return total / count


def greedy(model):
    ids = torch.tensor([PROMPT])
    with torch.no_grad():
        made = model.generate(input_ids=ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=NEW, min_new_tokens=NEW, pad_token_id=0)
    return made[0].tolist()[-NEW:]


def trace(model, data):
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=RATE, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / STEPS)
    model.train()
    found = []
    for step in range(STEPS):
        batch = [data[(step * BATCH + i) % len(data)] for i in range(BATCH)]
        loss = model(**pad(batch)).loss
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


def apart(ours, theirs) -> float:
    return abs(ours - theirs) / max(abs(theirs), 1e-9)


def exchange(command, folder: Path, architecture: str, case: str, data_file: Path):
    """Yields (check, outcome, ok)."""
    base = folder / architecture
    data = rows(data_file)
    torch.manual_seed(3)
    config = cases.CASES[case](architecture)
    if config is None:
        return
    model = cases.attach(config, checkpoints.load(base))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "adaption_gate" in name:
                parameter.fill_(0.4)
    theirs = folder / f"{architecture}-{case}-hf"
    cases.save(config, model, theirs)

    loaded = cases.load(config, checkpoints.load(base), theirs)
    ours = command("eval", "--model", base, "--adapter", theirs, "--data", data_file)[0]["nll"]
    difference = apart(ours, nll(loaded, data))
    yield "nll", f"{difference:.1e}", difference < 1e-5
    made = command("generate", "--model", base, "--adapter", theirs, "--prompt-ids", ",".join(map(str, PROMPT)), "--greedy", "--max-new-tokens",
                   NEW, "--min-new-tokens", NEW)[0]["ids"]
    yield "tokens", "equal" if made == greedy(loaded) else "differ", made == greedy(loaded)

    back = folder / f"{architecture}-{case}-java"
    steps = command("train", "--model", base, "--init-adapter", theirs, "--data", data_file, "--no-shuffle", "--steps", STEPS, "--batch-size", BATCH,
                    "--learning-rate", RATE, "--schedule", "linear", "--max-grad-norm", 1.0, "--output", back)
    reference = trace(loaded if case in cases.TABLES else model, data)
    taken = [line for line in steps if "grad_norm" in line]
    worst = max(max(apart(line["loss"], loss), apart(line["grad_norm"], norm)) for line, (loss, norm) in zip(taken, reference, strict=True))
    yield "trace", f"{worst:.1e}", worst < 1e-4

    returned = cases.load(config, checkpoints.load(base), back)
    ours = command("eval", "--model", base, "--adapter", back, "--data", data_file)[0]["nll"]
    difference = apart(ours, nll(returned, data))
    yield "back", f"{difference:.1e}", difference < 1e-5


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--command", required=True)
    options.add_argument("--only", default="")
    chosen = options.parse_args()
    only = set(filter(None, chosen.only.split(",")))
    command = Command(chosen.command)
    failures = 0
    print(f"{'architecture':<13}{'case':<13}{'nll':>10}{'tokens':>10}{'trace':>10}{'back':>10}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data_file = folder / "rows.jsonl"
        write_rows(data_file)
        for architecture in checkpoints.CONFIGS:
            checkpoints.write(architecture, folder / architecture)
            for case in cases.CASES:
                if only and not only & {architecture, case}:
                    continue
                if cases.CASES[case](architecture) is None:
                    continue
                cells, problem = {}, ""
                try:
                    for check, outcome, good in exchange(command, folder, architecture, case, data_file):
                        cells[check] = outcome if good else outcome + " !"
                        failures += not good
                except Exception as error:  # one row's failure must not hide the others
                    problem = f"  {type(error).__name__}: {str(error)[:160]}"
                    failures += 1
                print(f"{architecture:<13}{case:<13}" + "".join(f"{cells.get(c, '-'):>10}" for c in ("nll", "tokens", "trace", "back")) + problem,
                      flush=True)
    print("all agree" if failures == 0 else f"{failures} checks failed")
    return 0 if failures == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
