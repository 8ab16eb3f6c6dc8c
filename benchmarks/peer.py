"""Trains with Hugging Face PEFT in a plain PyTorch loop and prints one JSON line; the other side of `compare.py`."""
import argparse
import json
import resource
import time
from pathlib import Path

import cases
import peft
import torch
import transformers


def batches(file: str, size: int):
    rows = [json.loads(line) for line in Path(file).read_text().splitlines()]
    step = 0
    while True:
        part = [rows[(step * size + i) % len(rows)] for i in range(size)]
        longest = max(len(row["input_ids"]) for row in part)
        fill = lambda key, value: torch.tensor([row[key] + [value] * (longest - len(row[key])) for row in part])
        mask = torch.tensor([[1] * len(row["input_ids"]) + [0] * (longest - len(row["input_ids"])) for row in part])
        labels = torch.tensor([row["label"] for row in part]) if "label" in part[0] else fill("labels", -100)
        yield {"input_ids": fill("input_ids", 0), "labels": labels, "attention_mask": mask}
        step += 1


def train(args):
    torch.manual_seed(0)
    torch.set_num_threads(args.threads)
    classifies = cases.classifies(transformers.AutoConfig.from_pretrained(args.model))
    kind = transformers.AutoModelForSequenceClassification if classifies else transformers.AutoModelForCausalLM
    model = kind.from_pretrained(args.model, dtype=getattr(torch, args.dtype), attn_implementation=args.attention).to(args.device)
    model = cases.of(args.case).of_peer(model)
    model.train()
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-3, weight_decay=0.0)
    losses, seconds, tokens = [], [], 0
    rows = batches(args.data, args.batch)
    for step in range(args.warm_up + args.steps):
        batch = {key: value.to(args.device) for key, value in next(rows).items()}
        start = time.perf_counter()
        loss = model(**batch).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
        if step >= args.warm_up:
            seconds.append(time.perf_counter() - start)
            tokens += int(batch["attention_mask"].sum())
            if args.each:
                print(json.dumps({"loss": losses[-1], "seconds": seconds[-1]}), flush=True)
    peak = torch.cuda.max_memory_allocated() / 2**20 if args.device.startswith("cuda") else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"tokens_per_s": tokens / sum(seconds), "rows_per_s": args.steps * args.batch / sum(seconds), "peak_mib": peak, "losses": losses,
            "step_seconds": seconds, "trainable": sum(p.numel() for p in trained),
            "versions": {"torch": torch.__version__, "transformers": transformers.__version__, "peft": peft.__version__}}


if __name__ == "__main__":
    cli = argparse.ArgumentParser()
    cli.add_argument("--model", required=True)
    cli.add_argument("--case", required=True)
    cli.add_argument("--dtype", required=True)
    cli.add_argument("--data", required=True)
    cli.add_argument("--batch", type=int, required=True)
    cli.add_argument("--warm-up", type=int, required=True)
    cli.add_argument("--steps", type=int, required=True)
    cli.add_argument("--threads", type=int, required=True)
    cli.add_argument("--device", default="cpu")
    cli.add_argument("--attention", default="sdpa", help="sdpa or eager")
    cli.add_argument("--each", action="store_true", help="also a line for each step, when it is done")
    print(json.dumps(train(cli.parse_args())))
