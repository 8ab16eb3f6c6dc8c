#!/usr/bin/env python3
"""Writes rows as Arrow and Parquet files and as folders of Hugging Face's datasets, beside the same rows as JSON Lines: fixtures of peft-training.

Needs pyarrow 26.0.1 and datasets 5.2.0. The build does not need this script; run it only to renew the fixtures:

    python tools/columnar_rows.py
"""

import datetime
import decimal
import json
import os
import random
import shutil
import sys
import tempfile
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import datasets
import numpy
import pyarrow
import pyarrow.feather
import pyarrow.ipc
import pyarrow.parquet

OUTPUT = Path(__file__).parent.parent / "peft-training/src/test/resources/columnar"
COUNT = 24


def text(i):
    return "".join(random.choice("abc déü\n中😀\ufffd") for _ in range(i * 7 % 50))


def types():
    """A column of each type that is read."""
    every = range(COUNT)
    message = pyarrow.struct([("role", pyarrow.string()), ("content", pyarrow.string()), ("weight", pyarrow.int32())])
    halves = [0.0, -0.0, 6e-8, 1e-5, 65504, -1.5] + [random.gauss(0, 10) for _ in range(COUNT - 6)]
    return pyarrow.table({
        "text": pyarrow.array([None if i % 7 == 0 else text(i) for i in every]),
        "large_text": pyarrow.array([text(i) for i in every], pyarrow.large_utf8()),
        "view": pyarrow.array([None if i % 11 == 0 else text(i) for i in every], pyarrow.string_view()),
        "category": pyarrow.array(["x%d" % (i % 5) if i % 3 else None for i in every]).dictionary_encode(),
        "int8": pyarrow.array([i * 10 - 128 for i in every], pyarrow.int8()),
        "uint8": pyarrow.array([255 - i for i in every], pyarrow.uint8()),
        "int16": pyarrow.array([i * 1000 - 15000 for i in every], pyarrow.int16()),
        "uint16": pyarrow.array([65535 - i for i in every], pyarrow.uint16()),
        "uint32": pyarrow.array([4294967295 - i for i in every], pyarrow.uint32()),
        "int64": pyarrow.array([(-1) ** i * i**11 for i in every], pyarrow.int64()),
        "uint64": pyarrow.array([2**64 - 1 - i if i % 2 else i for i in every], pyarrow.uint64()),
        "float16": pyarrow.array([numpy.float16(x) for x in halves], pyarrow.float16()),
        "float32": pyarrow.array([random.gauss(0, 1) for _ in every], pyarrow.float32()),
        "float64": pyarrow.array([float("inf") if i % 9 == 0 else random.gauss(0, 1) for i in every]),
        "flag": pyarrow.array([None if i % 5 == 0 else i % 2 == 0 for i in every]),
        "nothing": pyarrow.nulls(COUNT),
        "ids": pyarrow.array([None if i % 13 == 0 else list(range(i % 9)) for i in every], pyarrow.list_(pyarrow.int32())),
        "lists": pyarrow.array(
            [[[j] * j for j in range(i % 4)] for i in every], pyarrow.large_list(pyarrow.list_(pyarrow.int64()))
        ),
        "triples": pyarrow.array(
            [None if i % 4 == 0 else [i, None, i + 2] for i in every], pyarrow.list_(pyarrow.int16(), 3)
        ),
        "list_view": pyarrow.array([list(range(i % 6)) for i in every], pyarrow.list_view(pyarrow.int32())),
        "messages": pyarrow.array(
            [[{"role": "user", "content": text(i + j), "weight": None} for j in range(i % 5)] for i in every],
            pyarrow.list_(message),
        ),
        "map": pyarrow.array(
            [[("k%d" % j, j) for j in range(i % 3)] for i in every], pyarrow.map_(pyarrow.string(), pyarrow.int32())
        ),
    })


def unread():
    """Columns of types that are not read."""
    return pyarrow.table({
        "text": ["a", "b", None],
        "time": pyarrow.array([datetime.datetime(2020, 1, 1), None, datetime.datetime(2021, 1, 1)]),
        "decimal": pyarrow.array([decimal.Decimal("1.5")] * 3),
        "bytes": pyarrow.array([b"x", None, b"y"]),
        "bytes_view": pyarrow.array([b"x", None, b"y" * 20], pyarrow.binary_view()),
        "two_bytes": pyarrow.array([b"ab"] * 3, pyarrow.binary(2)),
        "date": pyarrow.array([datetime.date(2020, 1, 1)] * 3),
        "duration": pyarrow.array([datetime.timedelta(1)] * 3),
        "runs": pyarrow.RunEndEncodedArray.from_arrays([2, 3], ["q", "r"]),
        "dense": pyarrow.UnionArray.from_dense(
            pyarrow.array([0, 1, 0], pyarrow.int8()),
            pyarrow.array([0, 0, 1], pyarrow.int32()),
            [pyarrow.array([1, 2]), pyarrow.array(["z"])],
        ),
        "sparse": pyarrow.UnionArray.from_sparse(
            pyarrow.array([0, 1, 0], pyarrow.int8()), [pyarrow.array([1, 2, 3]), pyarrow.array(["z", "y", "x"])]
        ),
        "last": [1, 2, 3],
    })


def lines(name, rows):
    with open(OUTPUT / (name + ".jsonl"), "w", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


def rows_of(table):
    return table.to_pylist(maps_as_pydicts="strict")


def arrow(name, table, batch=None, file=False, options=None):
    new = pyarrow.ipc.new_file if file else pyarrow.ipc.new_stream
    with new(str(OUTPUT / (name + ".arrow")), table.schema, options=options) as writer:
        writer.write_table(table, max_chunksize=batch)


def dictionaries():
    """Two batches, of which the second has more values, or others."""
    first = pyarrow.array(["a", "b", "a"]).dictionary_encode()
    second = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0, 2, 3], pyarrow.int32()), pyarrow.array(["a", "b", "c", "d"]))
    for name, deltas in ("delta", True), ("replaced", False):
        options = pyarrow.ipc.IpcWriteOptions(emit_dictionary_deltas=deltas)
        with pyarrow.ipc.new_stream(str(OUTPUT / (name + ".arrow")), pyarrow.schema([("category", first.type)]), options=options) as writer:
            writer.write_batch(pyarrow.record_batch([first], ["category"]))
            writer.write_batch(pyarrow.record_batch([second], ["category"]))
        lines(name, [{"category": value} for value in "abaacd"])


def arrow_files(table):
    arrow("stream", table)
    arrow("batches", table, batch=7)
    arrow("file", table, batch=10, file=True)
    arrow("slice", table.slice(5, 11), batch=4)
    arrow("lz4", table, options=pyarrow.ipc.IpcWriteOptions(compression="lz4"))
    arrow("zstd", table, options=pyarrow.ipc.IpcWriteOptions(compression="zstd"))
    pyarrow.feather.write_feather(table.select(["text", "ids", "messages"]), str(OUTPUT / "lz4.feather"))
    arrow("unread", unread())
    # A row of a billion nothings, in 600 bytes.
    nothings = pyarrow.ListArray.from_arrays(pyarrow.array([0, 1 << 30, 1 << 30], pyarrow.int32()), pyarrow.nulls(1 << 30))
    arrow("nothings", pyarrow.table({"ids": nothings, "text": ["a", "b"]}))
    dictionaries()
    lines("types", rows_of(table))


def parquet_files(table):
    plain = table.drop_columns(["list_view"])
    pyarrow.parquet.write_table(plain, OUTPUT / "types.parquet")
    pyarrow.parquet.write_table(plain, OUTPUT / "groups.parquet", row_group_size=7, compression="zstd")
    pyarrow.parquet.write_table(unread().select(["text", "time", "decimal", "bytes", "date", "last"]), OUTPUT / "unread.parquet")


def labelled(count, first=0):
    names = ["negative", "neutral", "positive"]
    features = datasets.Features({
        "text": datasets.Value("string"),
        "label": datasets.ClassLabel(names=names),
        "tokens": datasets.List(datasets.Value("string")),
        "ner_tags": datasets.List(datasets.ClassLabel(names=["O", "B-PER"])),
    })
    rows = [
        {"text": "row %d" % i, "label": i % 3, "tokens": ["row", str(i)], "ner_tags": [0, i % 2]}
        for i in range(first, first + count)
    ]
    return datasets.Dataset.from_list(rows, features=features)


def folders():
    datasets.disable_progress_bars()
    whole = labelled(10)
    whole.save_to_disk(str(OUTPUT / "dataset"), num_shards=2)
    lines("dataset", whole.to_list())
    # save_to_disk writes rows in the order of their indices.
    shuffled = whole.shuffle(seed=1).select(range(6))
    shuffled.save_to_disk(str(OUTPUT / "shuffled"))
    lines("shuffled", shuffled.to_list())
    both = datasets.DatasetDict({"train": whole, "validation": labelled(4, 10), "test": labelled(3, 14)})
    both.save_to_disk(str(OUTPUT / "dict"))
    for split, rows in both.items():
        lines("dict-" + split, rows.to_list())
    hub = OUTPUT / "hub" / "data"
    hub.mkdir(parents=True)
    for i in range(2):
        whole.shard(2, i).to_parquet(str(hub / f"train-0000{i}-of-00002.parquet"))
    both["test"].to_parquet(str(hub / "test-00000-of-00001.parquet"))
    cached()


def cached():
    """What load_dataset leaves in its cache."""
    source = OUTPUT / "source"
    source.mkdir()
    for split, count in ("train", 5), ("test", 2):
        labelled(count).to_json(str(source / (split + ".jsonl")))
    cache = OUTPUT / "cache"
    datasets.load_dataset("json", data_files={s: str(source / (s + ".jsonl")) for s in ("train", "test")}, cache_dir=str(cache))
    lines("cache-train", datasets.load_dataset("json", data_files=str(source / "train.jsonl"), split="train", cache_dir=str(source / "c")).to_list())
    shutil.rmtree(source)
    # The folder's name follows from the path of whoever ran this.
    (info,) = cache.rglob("dataset_info.json")
    target = cache / "someone___rows" / "default" / "0.0.0" / "0123456789abcdef"
    target.parent.mkdir(parents=True)
    shutil.move(str(info.parent), str(target))
    for other in set(cache.iterdir()) - {cache / "someone___rows"}:
        shutil.rmtree(other) if other.is_dir() else other.unlink()


LAYOUTS = [
    ["data/train-00000-of-00002.parquet", "data/train-00001-of-00002.parquet", "data/test-00000-of-00001.parquet"],
    ["data/zh-00000-of-00001.parquet", "data/validation-00000-of-00001.parquet", "data/train.1-00000-of-00001-a1b2.parquet"],
    ["train.csv", "test.csv", "LICENSE", "README.md", ".gitattributes"],
    ["dataset.csv"],
    ["a.jsonl", "b.jsonl", "sub/c.jsonl", "notes.txt"],
    ["data/train/0.csv", "data/train/1.csv", "data/dev/0.csv", "data/extra/0.csv"],
    ["my_train/0.jsonl", "my-val 2/0.jsonl", "contest/0.jsonl"],
    ["train_0.jsonl", "train_1.jsonl", "x-valid.jsonl", "evaluation.jsonl", "trainer.jsonl", "my.training.set.jsonl"],
    ["train.json", "train.parquet"],
    ["train.json", "train.csv"],
    ["train.jsonl", "train.json", "train.ndjson", "test.ndjson"],
    ["en/train.jsonl", "de/train.jsonl", "de/test.jsonl"],
    [".hidden/train.jsonl", "__pycache__/train.jsonl", "deep/er/and/deeper/train.jsonl"],
    ["test/train.jsonl", "test/validation.jsonl"],
    ["Train.jsonl", "train.jsonl.gz", "test.jsonl.gz"],
    ["train.tsv", "test.tsv"],
    ["train-train.csv", "train.csv", "dev.val.csv", "training/train.csv"],
    ["train/train-0/x.csv", "train-1/x.csv", "a train/training/x.csv"],
]

CARDS = [
    ["configs:", "- config_name: default", "  data_files:", "  - split: train", "    path: data/train-*", "  - split: test", "    path: data/test-*"],
    ["license: mit", "configs:", "  - config_name: a", "    default: true", "    data_files: \"data/train*\"", "dataset_info: x"],
    ["configs:", "- config_name: a", "  data_files:", "  - 'data/t*-00000*'", "  - data/**/train*   # both"],
    ["configs:", "- config_name: a", "  data_files:", "  - split: all", "    path:", "    - data/train-0000[1-3]-of-*", "    - data/tes?-*"],
    ["license: mit"],
]


def splits_of(files, card=()):
    """The files of each split, as datasets finds them."""
    with tempfile.TemporaryDirectory() as folder:
        for name in files:
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("x")
        if card:
            Path(folder, "README.md").write_text("---\n" + "\n".join(card) + "\n---\n# Title\nconfigs:\n- none\n")
        module = datasets.load.LocalDatasetModuleFactory(folder).get_module()
        config = module.builder_configs_parameters.builder_configs[0]
        config._resolve_data_files(folder, datasets.DownloadConfig())
        found = config.data_files
        return {str(split): [os.path.relpath(p, folder) for p in paths] for split, paths in found.items()}


def slices():
    """Rows of slices."""
    specs = [
        "train", "train[:]", "train[:90%]", "train[90%:]", "train[10%:20%]", "train[-10%:]", "train[:33%](pct1_dropremainder)",
        "train[100:200]", "train[-50:]", "train[:-5]", "train[1_0:]", "train[5:3]", "train[33%:66%](closest)", "train[50%:-50%]",
        "train[:0.5%]", "train[:101%]", "train[", "tr-ain", "train[1:2](closest)", "", "train[::2]", "train[0:1]+train[3:]",
    ]
    cases = []
    for spec in specs:
        for count in 0, 1, 7, 50, 99, 100, 150, 26858:
            try:
                instruction = datasets.ReadInstruction.from_spec(spec)
                rows = [[r.from_, max(r.from_, r.to)] for r in instruction.to_absolute({"train": count})]
            except (ValueError, AssertionError, TypeError):
                rows = None
            cases.append({"split": spec, "count": count, "rows": rows})
    return cases


def names():
    layouts = [{"files": files, "splits": splits_of(files)} for files in LAYOUTS]
    cards = [{"files": LAYOUTS[0], "card": card, "splits": splits_of(LAYOUTS[0], card)} for card in CARDS]
    (OUTPUT / "splits.json").write_text(json.dumps({"layouts": layouts + cards, "slices": slices()}, indent=0) + "\n")


def main():
    random.seed(1)
    shutil.rmtree(OUTPUT, ignore_errors=True)
    OUTPUT.mkdir(parents=True)
    table = types()
    arrow_files(table)
    parquet_files(table)
    folders()
    names()
    versions = {"python": sys.version.split()[0], "pyarrow": pyarrow.__version__, "datasets": datasets.__version__}
    (OUTPUT / "versions.json").write_text(json.dumps(versions) + "\n")


if __name__ == "__main__":
    main()
