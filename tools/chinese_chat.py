#!/usr/bin/env python3
"""Writes a small Bloom as Langboat/bloom-1b4-zh is published, Alpaca rows as datasets saves them, and what the tutorial's Python makes of both: the
fixture of peft-examples' ChineseChatTest.

Needs torch 2.7.1, transformers 5.23.0, peft 0.21.2, accelerate and datasets 5.2.0. The build does not need this script; run it only to renew the fixture:

    python tools/chinese_chat.py peft-examples/src/test/resources/chinese-chat

The weights are random. Config, names of tensors, number format and the tokenizer's parts are those of the published files; sizes are not.
"""

import collections
import json
import pathlib
import shutil
import sys
import tempfile

import datasets
import torch
from golden_instructions import ROWS, process, tokenizer
from peft import PromptTuningConfig, PromptTuningInit, TaskType, get_peft_model
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    BloomConfig,
    BloomForCausalLM,
    DataCollatorForSeq2Seq,
    Trainer,
    TrainingArguments,
)

WIDTH = 16
LAYERS = 2
HEADS = 2

# In the order and by the names of the published config.json, which has n_embed where newer ones have hidden_size.
CONFIG = {
    "apply_residual_connection_post_layernorm": False,
    "architectures": ["BloomForCausalLM"],
    "attention_dropout": 0.0,
    "attention_softmax_in_fp32": True,
    "bias_dropout_fusion": True,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "hidden_dropout": 0.0,
    "initializer_range": 0.02,
    "layer_norm_epsilon": 1e-05,
    "masked_softmax_fusion": True,
    "model_type": "bloom",
    "n_embed": WIDTH,
    "n_inner": None,
    "n_layer": LAYERS,
    "num_attention_heads": HEADS,
    "offset_alibi": 100,
    "pad_token_id": 3,
    "pretraining_tp": 2,
    "seq_length": 4096,
    "skip_bias_add": True,
    "skip_bias_add_qkv": False,
    "slow_but_exact": False,
    "torch_dtype": "float16",
    "transformers_version": "4.21.0",
    "unk_token_id": 0,
    "use_cache": True,
}


def model(folder):
    folder.mkdir(parents=True)
    used = tokenizer(folder)
    special = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
    (folder / "special_tokens_map.json").write_text(json.dumps(special))
    config = CONFIG | {"vocab_size": len(used)}
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    torch.manual_seed(7)
    bloom = BloomForCausalLM(BloomConfig(**config)).half()
    for name, weight in bloom.named_parameters():
        # Norms stay near one; a deviation of 0.02 would leave so small a model without anything to say.
        scale = name.endswith("weight") and ("layernorm" in name or "ln_f" in name)
        torch.nn.init.normal_(weight, 1.0 if scale else 0.0, 0.3)
    state = bloom.state_dict()
    tensors = collections.OrderedDict((n.removeprefix("transformer."), t.clone()) for n, t in state.items() if n != "lm_head.weight")
    torch.save(tensors, folder / "pytorch_model.bin")


def rows():
    """Those of the golden instructions, and small ones so that a pass has four steps of eight."""
    words = {"一": "one", "二": "two", "三": "three", "四": "four", "五": "five", "六": "six", "七": "seven"}
    more = []
    for word, english in words.items():
        more.append({"instruction": "把下面的词翻译成英文", "input": word, "output": english})
        more.append({"instruction": f"数字{word}的英文是什么?", "input": "", "output": f"{word}的英文是 {english}。"})
        more.append({"instruction": f"Say {english} in Chinese.", "input": "", "output": word})
    # As alpaca_data_zh has its columns.
    return [{key: row[key] for key in ("output", "input", "instruction")} for row in ROWS + more]


WORDS = "下面是一段人与机器人的对话。"
LENGTH = 64


class InOrder(Trainer):
    def _get_train_sampler(self, dataset=None):
        return torch.utils.data.SequentialSampler(self.train_dataset)


def tutorial(output):
    """The tutorial's program, with the vectors that begin as words and the rows in their order, so that nothing is drawn."""
    folder = output / "model"
    used = AutoTokenizer.from_pretrained(folder)
    bloom = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    config = PromptTuningConfig(
        task_type=TaskType.CAUSAL_LM,
        prompt_tuning_init=PromptTuningInit.TEXT,
        prompt_tuning_init_text=WORDS,
        num_virtual_tokens=len(used(WORDS)["input_ids"]),
        tokenizer_name_or_path=str(folder),
    )
    model = get_peft_model(bloom, config)
    saved = datasets.load_from_disk(str(output / "alpaca_data_zh"))
    encoded = saved.map(lambda row: process(row, used), remove_columns=saved.column_names, keep_in_memory=True)
    with tempfile.TemporaryDirectory() as work:
        told = TrainingArguments(
            output_dir=work,
            per_device_train_batch_size=1,
            gradient_accumulation_steps=8,
            logging_steps=1,
            num_train_epochs=1,
            learning_rate=1e-2,
            save_strategy="no",
            report_to=[],
            use_cpu=True,
            disable_tqdm=True,
        )
        trainer = InOrder(model=model, args=told, train_dataset=encoded, data_collator=DataCollatorForSeq2Seq(tokenizer=used, padding=True))
        trainer.train()
    model.eval()
    asked = used("Human: {}\n{}".format("考试有哪些技巧?", "").strip() + "\n\nAssistant: ", return_tensors="pt")
    answer = model.generate(**asked, max_length=LENGTH, do_sample=False)[0]
    return {
        "words": WORDS,
        "losses": [step["loss"] for step in trainer.state.log_history if "loss" in step],
        "prompt_embeddings": model.prompt_encoder["default"].embedding.weight.tolist(),
        "max_length": LENGTH,
        "answer": used.decode(answer, skip_special_tokens=True),
        "tokens": len(answer),
    }


def main(output):
    datasets.disable_progress_bars()
    shutil.rmtree(output, ignore_errors=True)
    model(output / "model")
    datasets.Dataset.from_list(rows()).save_to_disk(str(output / "alpaca_data_zh"))
    (output / "tutorial.json").write_text(json.dumps(tutorial(output), indent=1) + "\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
