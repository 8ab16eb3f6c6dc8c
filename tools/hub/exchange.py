"""What peft4j downloads the Python client finds, and the other way round: run by tools/hub/run."""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

TIME = 3.0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=pathlib.Path, required=True)
    parser.add_argument("--model", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    command = str(arguments.root / "peft4j")
    classes = arguments.root / "peft-loopback" / "target" / "launcher" / "classes"
    subprocess.run([command, "--version"], check=True, stdout=subprocess.DEVNULL)
    if not classes.is_dir():
        classes = arguments.root / "peft-loopback" / "target" / "classes"
    serve = [ "java", "-cp", str(classes), str(arguments.root / "tools" / "hub" / "Serve.java"), str(arguments.model)]
    with tempfile.TemporaryDirectory() as work, subprocess.Popen(
        serve, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as hub:
        endpoint = hub.stdout.readline().strip()
        try:
            exchange(command, endpoint, pathlib.Path(work))
        finally:
            hub.stdin.close()


def exchange(command, endpoint, work):
    ours, theirs = work / "ours", work / "theirs"
    base = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "TRANSFORMERS_"))}
    base |= {"HF_ENDPOINT": endpoint, "HF_HUB_DISABLE_TELEMETRY": "1"}

    def peft4j(home, *words):
        run = subprocess.run(
            [command, *words, "--json"], env=base | {"HF_HOME": str(home)}, check=True, capture_output=True, text=True
        )
        return [json.loads(line) for line in run.stdout.splitlines()]

    def python(home, text):
        environment = base | {"HF_HOME": str(home)}
        run = subprocess.run([sys.executable, "-c", text], env=environment, capture_output=True, text=True)
        if run.returncode:
            raise SystemExit(run.stderr)
        return run.stdout.strip()

    model = peft4j(ours, "download", "org/toy")[0]
    rows = peft4j(ours, "download", "org/rows", "--type", "dataset")[0]
    local = "from huggingface_hub import snapshot_download as s; print(s(%r, repo_type=%r, local_files_only=True))"
    same("a model of ours", python(ours, local % ("org/toy", "model")), model["path"])
    same("a data set of ours", python(ours, local % ("org/rows", "dataset")), rows["path"])
    found = "from huggingface_hub import hf_hub_download as d; print(d('org/toy', 'config.json', local_files_only=True))"
    same("a file of ours", python(ours, found), model["path"] + "/config.json")
    scan = "from huggingface_hub import scan_cache_dir as s; c = s(); print(len(c.repos), c.warnings)"
    same("their scan of ours", python(ours, scan), "2 []")
    verified = subprocess.run(
        [str(pathlib.Path(sys.executable).parent / "hf"), "cache", "verify", "org/toy"],
        env=base | {"HF_HOME": str(ours)}, capture_output=True, text=True,
    )
    same("their check of ours", verified.returncode, 0)

    fetched = python(theirs, "from huggingface_hub import snapshot_download as s; print(s('org/toy'))")
    same("a model of theirs", peft4j(theirs, "download", "org/toy", "--offline")[0]["path"], fetched)
    same("our check of theirs", peft4j(theirs, "cache", "verify")[0]["damaged"], [])

    waiting(peft4j, work / "locked", model)


def waiting(peft4j, home, model):
    """A file that the Python client has locked is waited for."""
    from filelock import FileLock

    weights = pathlib.Path(model["path"]) / "model.safetensors"
    lock = home / "hub" / ".locks" / "models--org--toy" / (os.readlink(weights).split("/")[-1] + ".lock")
    lock.parent.mkdir(parents=True)
    held = FileLock(lock)
    held.acquire()
    ended = []
    thread = threading.Thread(target=lambda: (peft4j(home, "download", "org/toy"), ended.append(time.time())))
    thread.start()
    weights_there = home / "hub" / "models--org--toy" / "snapshots"
    while not list(weights_there.glob("*/config.json")):
        time.sleep(0.1)
    time.sleep(TIME)
    released = time.time()
    held.release()
    thread.join()
    same("a file that they have locked", ended[0] > released, True)


def same(what, found, expected):
    print(f"{what:32} {'same' if found == expected else 'DIFFERENT'}")
    if found != expected:
        raise SystemExit(f"{what}: found {found}, expected {expected}")


if __name__ == "__main__":
    main()
