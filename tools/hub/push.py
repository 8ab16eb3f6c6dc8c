"""Pushes one folder with huggingface_hub and with the command to the tests' hub, and compares what was asked of it and what it has in the end.

The command asks one thing more: which commit a branch is at, so that it follows that one and no other. Needs huggingface_hub, safetensors, torch, and
the project built (./peft4j --version does that).
"""

import argparse
import base64
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request

TOKEN = "hf_toolstools"
PART = 100_000


class Hub:
    """The tests' hub in a process of its own."""

    def __init__(self, root):
        classes = root / "peft-loopback" / "target" / "classes"
        self.process = subprocess.Popen(
            ["java", "-cp", str(classes), str(root / "tools" / "hub" / "ServePushes.java"), TOKEN, str(PART)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.endpoint = self.process.stdout.readline().strip()

    def seen(self):
        with urllib.request.urlopen(self.endpoint + "/seen") as answer:
            text = answer.read().decode()
        return [Seen(line, self.endpoint) for line in text.splitlines()]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Seen:
    """A request: where it went, with or without the token, and its body with JSON in one order."""

    def __init__(self, line, endpoint):
        method, address, token, kind, body = line.split("\t")
        self.what = method + " " + re.sub(r"http://localhost:\d+", "STORE", address.replace(endpoint, ""))
        self.at_hub = address.startswith(endpoint)
        self.token = token == "Bearer " + TOKEN
        assert self.token or token == "null", token
        self.body = base64.b64decode(body)
        if "json" in kind:
            lines = [json.loads(line) for line in self.body.splitlines()]
            for each in lines:
                each.get("value", {}).pop("parentCommit", None)
                if "objects" in each:
                    each["objects"].sort(key=lambda item: item["oid"])
                if "files" in each:
                    each["files"].sort(key=lambda item: item["path"])
            self.body = json.dumps([lines[0], *sorted(lines[1:], key=lambda item: item["value"]["path"])], sort_keys=True)

    def key(self):
        return self.what, str(self.body)


def folder(root):
    """An adapter with a file in one piece, one in parts, and small ones."""
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(0)
    save_file({"w": torch.randn(100, 1000)}, root / "adapter_model.safetensors", metadata={"format": "pt"})
    save_file({"w": torch.randn(8)}, root / "prompt_encoder.safetensors", metadata={"format": "pt"})
    (root / "adapter_config.json").write_text('{"base_model_name_or_path": "o/n", "peft_type": "LORA"}')
    (root / "README.md").write_text("---\nlibrary_name: peft\nbase_model: o/n\n---\n# \u00fc\n", encoding="utf8")
    (root / "tokenizer.json").write_text("{}")
    (root / "additional_chat_templates").mkdir()
    (root / "additional_chat_templates" / "tool.jinja").write_text("{{ x }}\n")


def by_python(endpoint, path):
    from huggingface_hub import HfApi

    api = HfApi(endpoint=endpoint, token=TOKEN)
    api.create_repo("me/a", private=True, exist_ok=True)
    return api.upload_folder(folder_path=path, repo_id="me/a", commit_message="first").oid


def by_command(command, endpoint, path):
    environment = {**os.environ, "HF_ENDPOINT": endpoint, "HF_TOKEN": TOKEN}
    done = subprocess.run(
        [command, "push", path, "me/a", "--message", "first", "--json"],
        env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])["commit"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2])
    root = parser.parse_args().root
    os.environ["HF_HUB_DISABLE_XET"] = "1"
    os.environ.pop("HF_HUB_OFFLINE", None)
    path = pathlib.Path(tempfile.mkdtemp())
    try:
        folder(path)
        runs = {}
        for name, push in {
            "huggingface_hub": lambda at: by_python(at, path),
            "peft4j": lambda at: by_command(root / "peft4j", at, path),
        }.items():
            hub = Hub(root)
            commit = push(hub.endpoint)
            first = hub.seen()
            again = push(hub.endpoint)
            second = hub.seen()
            hub.close()
            runs[name] = commit, again, first, second
            print(f"{name}: commit {commit}, again {again}")
            for seen in first:
                print("   ", "token" if seen.token else "     ", seen.what)
            print("    again:", [seen.what for seen in second if seen.what.startswith("PUT") or "/commit/" in seen.what])
        (theirs, theirs_again, their_first, _), (ours, ours_again, our_first, _) = runs.values()
        assert ours == theirs == ours_again == theirs_again, "the hub has different files"
        assert all(seen.at_hub for run in runs.values() for seen in run[2] + run[3] if seen.token)
        expected = sorted(seen.key() for seen in their_first)
        found = sorted(seen.key() for seen in our_first)
        missing = [key for key in expected if key not in found]
        more = [key[0] for key in found if key not in expected]
        print("only huggingface_hub asked:", [key[0] for key in missing])
        print("only peft4j asked:", more)
        assert not missing
        assert more == ["GET /api/models/me/a/revision/main"]
        print("they agree")
    finally:
        shutil.rmtree(path)


if __name__ == "__main__":
    sys.exit(main())
