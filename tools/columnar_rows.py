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


def main():
    random.seed(1)
    shutil.rmtree(OUTPUT, ignore_errors=True)
    OUTPUT.mkdir(parents=True)
    table = types()
    arrow_files(table)
    parquet_files(table)
    folders()
    versions = {"python": sys.version.split()[0], "pyarrow": pyarrow.__version__, "datasets": datasets.__version__}
    (OUTPUT / "versions.json").write_text(json.dumps(versions) + "\n")


if __name__ == "__main__":
    main()
