#!/usr/bin/env python3
"""Writes the fixtures of peft-models' embedding tests with the real sentence-transformers: tiny random folders and what they make of texts.

Needs torch 2.7.1, transformers 5.23.0 and sentence-transformers 6.2.0. The build does not need this script; run it only to renew the fixtures:

    python tools/golden_embedding.py peft-models/src/test/resources/golden/embedding

A folder each as the library or its users lay it out, of old or now, and golden.json: texts, their vectors, and those with prompts.
"""

import json
import pathlib
import shutil
import sys
import warnings

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Dense, Normalize, Transformer
from sentence_transformers.sentence_transformer.modules import Pooling
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

WORDS = "a the and of in to is it text that was for on as with by at from his her an were are which this also be has".split()
LETTERS = list("abcdefghijklmnopqrstuvwxyz") + ["##" + letter for letter in "abcdefghijklmnopqrstuvwxyz"] + list(".,!?ABCT")
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *LETTERS, "文", "字", "😀"]
TEXTS = [
    "a text",
    "The text that was for her is also in this, and it has to be with him at last!",
    "",
    "😀 文字 of a text",
    "A TEXT. About [MASK] cats",
    "it",
    "from the text " * 30,
]


def tokenizer(folder, lower, special=True, side="right", length=1000):
    model = Tokenizer(models.WordPiece({word: i for i, word in enumerate(VOCABULARY)}, unk_token="[UNK]"))
    model.normalizer = normalizers.BertNormalizer(lowercase=lower)
    model.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    model.decoder = decoders.WordPiece()
    if special:
        model.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
        )
    names = dict(pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]")
    PreTrainedTokenizerFast(tokenizer_object=model, model_max_length=length, truncation_side=side, **names).save_pretrained(folder)


def randomized(model):
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            center = 1.0 if "norm" in name.lower() and name.endswith("weight") else 0.0
            weight.copy_(center + 0.3 * torch.randn(weight.shape, generator=generator))
    return model


def encoder(folder, **text):
    config = BertConfig(
        vocab_size=len(VOCABULARY), hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4,
        max_position_embeddings=24,
    )
    randomized(BertModel(config)).save_pretrained(folder)
    tokenizer(folder, **text)


def decoder(folder, **text):
    config = LlamaConfig(
        vocab_size=len(VOCABULARY), hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=40,
    )
    randomized(LlamaForCausalLM(config)).save_pretrained(folder)
    tokenizer(folder, special=False, **text)


def dump(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2))


def listed(folder, modules):
    """modules.json in the words of old."""
    dump(folder / "modules.json", [
        {"idx": i, "name": str(i), "path": path, "type": "sentence_transformers.models." + name}
        for i, (name, path) in enumerate(modules)
    ])


def old(folder):
    """A folder as most on the hub are: mean, normalised, cut after 12 tokens, with prompts."""
    encoder(folder, lower=True)
    listed(folder, [("Transformer", ""), ("Pooling", "1_Pooling"), ("Normalize", "2_Normalize")])
    dump(folder / "1_Pooling/config.json", {
        "word_embedding_dimension": 16, "pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True,
        "pooling_mode_max_tokens": False, "pooling_mode_mean_sqrt_len_tokens": False,
    })
    dump(folder / "sentence_bert_config.json", {"max_seq_length": 12, "do_lower_case": False})
    dump(folder / "config_sentence_transformers.json", {
        "__version__": {"sentence_transformers": "2.0.0", "transformers": "4.6.1", "pytorch": "1.8.1"},
        "prompts": {"query": "text to the ", "passage": "a "}, "default_prompt_name": "passage", "similarity_fn_name": "cosine",
    })


def new(folder):
    """As the library saves one now: the first position, and a linear layer with an activation function."""
    work = folder.with_name("work")
    encoder(work, lower=True, side="left", length=9)
    torch.manual_seed(5)
    modules = [Transformer(str(work)), Pooling(16, "cls"), Dense(16, 6, activation_function=torch.nn.GELU()), Normalize()]
    SentenceTransformer(modules=modules, device="cpu").save(str(folder), create_model_card=False)
    shutil.rmtree(work)


def several(folder):
    """Several poolings side by side, then a pickled linear layer without bias, and the transformer in a folder of its own."""
    encoder(folder / "0_Transformer", lower=False)
    listed(folder, [("Transformer", "0_Transformer"), ("Pooling", "1_Pooling"), ("Dense", "2_Dense")])
    dump(folder / "1_Pooling/config.json", {
        "word_embedding_dimension": 16, "pooling_mode_max_tokens": True, "pooling_mode_mean_sqrt_len_tokens": True,
        "pooling_mode_weightedmean_tokens": True,
    })
    dump(folder / "2_Dense/config.json", {
        "in_features": 48, "out_features": 5, "bias": False, "activation_function": "torch.nn.modules.linear.Identity",
    })
    generator = torch.Generator().manual_seed(7)
    torch.save({"linear.weight": torch.randn(5, 48, generator=generator)}, folder / "2_Dense/pytorch_model.bin")
    dump(folder / "0_Transformer/sentence_bert_config.json", {"max_seq_length": None, "do_lower_case": True})


def instructed(folder):
    """A decoder: the mean without the prompt's tokens."""
    decoder(folder, lower=True)
    listed(folder, [("Transformer", ""), ("Pooling", "1_Pooling")])
    dump(folder / "1_Pooling/config.json", {"embedding_dimension": 16, "pooling_mode": "mean", "include_prompt": False})
    dump(folder / "config_sentence_transformers.json", {"prompts": {"query": "text to the "}})


def plain_encoder(folder):
    encoder(folder, lower=True)


def plain_decoder(folder):
    decoder(folder, lower=True)


def main():
    warnings.filterwarnings("ignore")
    root = pathlib.Path(sys.argv[1])
    for case in (old, new, several, instructed, plain_encoder, plain_decoder):
        folder = root / case.__name__.replace("_", "-")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        case(folder)
        model = SentenceTransformer(str(folder), device="cpu")
        # Of a decoder nothing is left of an empty text.
        texts = [text for text in TEXTS if text or case in (old, new, several, plain_encoder)]
        vectors = {"": None, **{name: name for name, prompt in model.prompts.items() if prompt}}
        made = {}
        for name, prompt in vectors.items():
            rows = [model.encode(text, prompt_name=prompt, show_progress_bar=False).tolist() for text in texts]
            made[name] = rows
        longest = [len(model.tokenizer(text)["input_ids"]) for text in texts]
        dump(folder / "golden.json", {"texts": texts, "vectors": made, "max_length": model.max_seq_length, "lengths": longest})
        for unused in folder.rglob("*"):
            if unused.name in ("README.md", "special_tokens_map.json"):
                unused.unlink()
        print(folder.name, len(texts), len(made[""][0]), model.max_seq_length)


if __name__ == "__main__":
    main()
