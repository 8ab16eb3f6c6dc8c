"""Kills training at random moments and resumes it until it is done; see `run` beside it."""

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

STEPS = 8
SAVE_EVERY = 2
ROWS = 24
LONGEST = 40
TIMEOUT = 1800

# What a method draws at random in training is switched on where there is such a setting: it must come again as it was.
METHODS = {
    "lora": ["lora_dropout=0.1", "target_modules=all-linear"],
    "dora": ["lora_dropout=0.1", "use_dora=true"],
    "ia3": [],
    "bitfit": [],
    "ln-tuning": [],
    "trainable-tokens": ["token_indices=0,1,2,3"],
    "vera": ["r=8", "vera_dropout=0.1"],
    "loha": [],
    "lokr": [],
    "bottleneck": [],
    "prompt-tuning": ["num_virtual_tokens=6"],
    "p-tuning": ["num_virtual_tokens=5", "encoder_reparameterization_type=LSTM", "encoder_hidden_size=48", "encoder_dropout=0.1"],
    "prefix-tuning": ["num_virtual_tokens=6", "prefix_projection=true", "encoder_hidden_size=32"],
    "llama-adapter": ["adapter_len=6", "adapter_layers=4"],
    "full": [],
}
FORMATS = ["float32", "bfloat16"]


@dataclass
class Case:
    method: str
    dtype: str
    more: list = field(default_factory=list)

    @property
    def name(self):
        return f"{self.method}-{self.dtype}"


class Trial:
    def __init__(self, options, work):
        self.options = options
        self.work = work
        self.random = random.Random(options.seed)
        self.data = work / "rows.jsonl"
        self.references = {}
        self.durations = {}
        self.writes = {}

    def write_rows(self):
        vocabulary = json.loads((Path(self.options.model) / "config.json").read_text())["vocab_size"]
        source = random.Random(0)
        with open(self.data, "w") as file:
            for _ in range(ROWS):
                ids = [source.randrange(vocabulary) for _ in range(source.randint(8, LONGEST))]
                labels = [-100] * 3 + ids[3:]
                file.write(json.dumps({"input_ids": ids, "labels": labels}) + "\n")

    def command(self, case, output, resume):
        command = [self.options.command, "train", "--model", self.options.model, "--data", self.data, "--output", output]
        command += ["--method", case.method.replace("dora", "lora"), "--dtype", case.dtype]
        for setting in METHODS[case.method]:
            command += ["--set", setting]
        command += ["--steps", STEPS, "--batch-size", 2, "--gradient-accumulation", 2, "--save-every", SAVE_EVERY]
        command += ["--keep", 2, "--threads", 1, "--seed", 7, "--report", "csv", "--json"]
        return [str(part) for part in command + (["--resume"] if resume else [])]

    def start(self, case, output, resume):
        log = open(f"{output}.log", "ab")
        return subprocess.Popen(self.command(case, output, resume), stdout=subprocess.DEVNULL, stderr=log)

    def reference(self, case):
        """The files of a run that was left alone, by digest."""
        if case.name not in self.references:
            output = self.work / "reference"
            begin = time.monotonic()
            process = self.start(case, output, False)
            seen = set()
            while process.poll() is None:
                seen |= hidden(output)
                time.sleep(0.001)
            if process.returncode != 0:
                sys.exit(f"{case.name}: the run that was left alone failed\n{tail(output)}")
            self.durations[case.name] = time.monotonic() - begin
            self.writes[case.name] = len(seen)
            self.references[case.name] = digests(output)
            shutil.rmtree(output)
        return self.references[case.name]

    def moment(self, case):
        """When to kill: at some time, or while something hidden is in the folder, which is when it is written to."""
        if self.random.random() < 0.5:
            return "time", self.random.uniform(0.3, 0.95 * self.durations[case.name])
        return "writing", self.random.randrange(self.writes[case.name])

    def kill(self, case, process, output):
        """Kills a run at a random moment; false if it was over before."""
        kind, value = self.moment(case)
        begin = time.monotonic()
        seen = set()
        while process.poll() is None:
            if time.monotonic() - begin > TIMEOUT:
                process.kill()
                sys.exit(f"{case.name}: a run does not end\n{tail(output)}")
            if kind == "time" and time.monotonic() - begin >= value:
                break
            if kind == "writing":
                seen |= hidden(output)
                if len(seen) > value:
                    time.sleep(self.random.choice([0, 0, 0.001, 0.004, 0.02]))
                    break
            time.sleep(0.001)
        if process.poll() is not None:
            return False
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True

    def chain(self, case, number):
        """One run, killed and resumed until it is done; returns the number of kills and what is wrong."""
        reference = self.reference(case)
        output = self.work / f"run-{number}"
        wanted = self.random.randint(2, 5)
        kills = 0
        resume = False
        while True:
            process = self.start(case, output, resume)
            if kills < wanted and self.kill(case, process, output):
                kills += 1
                resume = output.exists()
                continue
            if process.wait(TIMEOUT) != 0:
                return kills, [f"exit code {process.returncode}: {tail(output)}"]
            break
        problems = differences(reference, digests(output))
        if not problems:
            shutil.rmtree(output)
            os.remove(f"{output}.log")
        return kills, problems


def hidden(output):
    try:
        names = {name for name in os.listdir(output) if name.startswith(".") and name != ".peft4j.lock"}
    except FileNotFoundError:
        return set()
    return names


def digests(output):
    """Every file, by its path; of tables, whose times differ, only that they are there."""
    found = {}
    for path in sorted(Path(output).rglob("*")):
        name = str(path.relative_to(output))
        if path.is_dir():
            found[name] = "a folder"
        elif name.endswith(".csv"):
            found[name] = "a file"
        else:
            with open(path, "rb") as file:
                found[name] = hashlib.file_digest(file, "sha256").hexdigest() if sys.version_info >= (3, 11) else \
                    hashlib.sha256(file.read()).hexdigest()
    return found


def differences(expected, found):
    problems = [f"{name} is missing" for name in sorted(expected.keys() - found.keys())]
    problems += [f"{name} is left over" for name in sorted(found.keys() - expected.keys())]
    problems += [f"{name} differs" for name in sorted(expected.keys() & found.keys()) if expected[name] != found[name]]
    return problems


def tail(output):
    with open(f"{output}.log", errors="replace") as file:
        return file.read()[-1500:].strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--command", required=True)
    parser.add_argument("--model", required=True, help="a checkpoint folder")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="cases whose name holds one of these, separated by commas")
    parser.add_argument("--work", help="a folder for what is written; default: a temporary one")
    options = parser.parse_args()
    cases = [Case(method, dtype) for dtype in FORMATS for method in METHODS]
    wanted = [text for text in options.only.split(",") if text]
    cases = [case for case in cases if not wanted or any(text in case.name for text in wanted)]
    if not cases:
        sys.exit(f"--only {options.only} names none of {', '.join(METHODS)}")
    if options.work:
        os.makedirs(options.work, exist_ok=True)
    work = Path(options.work or tempfile.mkdtemp(prefix="peft4j-kills-"))
    trial = Trial(options, work)
    trial.write_rows()
    kills = chains = wrong = 0
    while kills < options.kills:
        case = cases[chains % len(cases)]
        done, problems = trial.chain(case, chains)
        kills += done
        chains += 1
        wrong += bool(problems)
        print(f"{kills:5} kills  {case.name:40} killed {done} times: {'; '.join(problems) or 'as if left alone'}", flush=True)
    print(f"{kills} kills in {chains} runs, {wrong} of which differ" + (f"; see {work}" if wrong else ""))
    if not wrong and not options.work:
        shutil.rmtree(work)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
