"""One step of LoRA as a plain script over Hugging Face PEFT: a model, a tokenizer and a file of prompts and completions; the other side of `start.py`."""
import argparse
import json
from pathlib import Path

import peft
import torch
import transformers


def encoded(row, tokenizer):
    prompt = tokenizer(row["prompt"], add_special_tokens=False)["input_ids"]
    completion = tokenizer(row["completion"], add_special_tokens=False)["input_ids"] + [tokenizer.eos_token_id]
    return {"input_ids": prompt + completion, "labels": [-100] * len(prompt) + completion}


def collated(rows):
    longest = max(len(row["input_ids"]) for row in rows)
    fill = lambda values, value: values + [value] * (longest - len(values))
    return {"input_ids": torch.tensor([fill(row["input_ids"], 0) for row in rows]), "labels": torch.tensor([fill(row["labels"], -100) for row in rows]),
            "attention_mask": torch.tensor([fill([1] * len(row["input_ids"]), 0) for row in rows])}


def main(args):
    torch.manual_seed(0)
    torch.set_num_threads(args.threads)
    tokenizer = transformers.AutoTokenizer.from_pretrained(args.model)
    rows = [encoded(json.loads(line), tokenizer) for line in Path(args.data).read_text().splitlines()]
    model = transformers.AutoModelForCausalLM.from_pretrained(args.model, dtype=getattr(torch, args.dtype))
    model = peft.get_peft_model(model, peft.LoraConfig(r=16, lora_alpha=32, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
    model.train()
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-3, weight_decay=0.0)
    loss = model(**collated(rows[:args.batch])).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_(trained, 1.0)
    optimizer.step()
    print(json.dumps({"loss": loss.item()}), flush=True)


if __name__ == "__main__":
    cli = argparse.ArgumentParser()
    cli.add_argument("--model", required=True)
    cli.add_argument("--dtype", required=True)
    cli.add_argument("--data", required=True)
    cli.add_argument("--batch", type=int, required=True)
    cli.add_argument("--threads", type=int, required=True)
    main(cli.parse_args())
