#!/usr/bin/env python3
"""Writes tiny tokenizers and what transformers makes of them: fixtures of peft-models' tests of package text.

Needs transformers 5.23.0 and tokenizers 0.23. The build does not need this script; run it only to renew the fixtures:

    python tools/golden_text.py peft-models/src/test/resources/text/tokenizers.jsonl

The first line holds the texts, the second the tokenizers, the third the folders: which tokenizer, which files beside it, and what
AutoTokenizer says of them.
"""

import json
import pathlib
import sys
import tempfile

import tokenizers
import transformers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer

CORPUS = [
    "Hello world, hello tokenizer! The quick brown fox jumps over the lazy dog.",
    "It's what they've said: we're here, isn't it? 1234567890 2024 10 100",
    "naïve café résumé Übermaß größer straße", "the the the and and of of in in to to", "    indented\n\n\tcode {x} = [1, 2];\n",
]  # fmt: skip

TEXTS = [
    "", " ", "a", " a", "a ", "  two  spaces  ", "Hello world", " Hello", "hello\nworld\n\n", "\n", "\t tabs\t\tand \r\n returns\r", "It's what they've said, isn't it ? Yes !",
    "naïve café", "nai\u0308ve cafe\u0301", "日本語のテキスト", "😀", "👩‍👩‍👧‍👦 family", "a😀b🏳️‍🌈c", "\u00a0nbsp\u200bzero\u200dwidth\ufeffbom", "Ω≈ç√∫˜µ≤≥÷", "ﬁ ligature ½", "1234567 12,345.67", "x\u0000y", "\ufffd \ufffd", "ß ẞ İ ı",
    "<s>", "</s>", "<s>hi</s>", " <s> hi </s> there", "a<s>b", "<unk>", "<|im_start|>user\nhi<|im_end|>\n", "x <|im_end|> y", "<|endoftext|>", "<pad>[PAD]", "<extra>  <EXTRA>x<extra>", "▁", "▁a ▁▁b", "a▁b", "Ġ Ċ", "##ing [CLS] [SEP] [MASK]", "&lt; \" ' \\ / {{ }}", "é" * 40, "the " * 40,
]  # fmt: skip

SPECIAL = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}


def byte_level(size=330, special=("<s>", "</s>", "<unk>", "<|im_start|>", "<|im_end|>"), pre=None):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre or pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=list(special), initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    return tokenizer


def sentencepiece_like():
    """As Llama-2's file: normalizers that put the first blank, byte fallback, and a post-processor that puts <s>."""
    trained = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    trained.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    bytes_ = [f"<0x{i:02X}>" for i in range(256)]
    trainer = trainers.BpeTrainer(vocab_size=380, special_tokens=["<unk>", "<s>", "</s>", *bytes_], show_progress=False)
    trained.train_from_iterator([" ".join(CORPUS)], trainer)
    content = json.loads(trained.to_str())
    content["added_tokens"] = content["added_tokens"][:3]
    tokenizer = Tokenizer.from_str(json.dumps(content))
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", 1)])
    return tokenizer


def declared(tokenizer, **changed):
    decoder = {}
    for id_, token in sorted(tokenizer.get_added_tokens_decoder().items()):
        decoder[str(id_)] = {
            "content": token.content, "lstrip": token.lstrip, "normalized": token.normalized, "rstrip": token.rstrip,
            "single_word": token.single_word, "special": token.special, **changed.get(token.content, {}),
        }  # fmt: skip
    return decoder


def folders():
    gpt2 = byte_level(special=["<|endoftext|>"])
    digits = byte_level(pre=pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]))
    llama3 = byte_level(pre=pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(r"\p{N}{1,3}|\s?\p{L}+|\s+|[^\s\p{L}\p{N}]+"), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]))
    llama3.post_processor = processors.Sequence(
        [processors.ByteLevel(trim_offsets=True), processors.TemplateProcessing(single="<s> $A", pair="<s> $A $B", special_tokens=[("<s>", 0)])]
    )
    llama3.model.ignore_merges = True
    qwen2 = byte_level(special=["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
    qwen2.normalizer = normalizers.NFC()
    limited = byte_level()
    limited.enable_truncation(4)
    limited.enable_padding(pad_id=2, pad_token="<unk>", length=6)
    both = byte_level()
    both.post_processor = processors.TemplateProcessing(single="<s> $A </s>", pair="<s> $A $B", special_tokens=[("<s>", 0), ("</s>", 1)])

    words = sorted({w for line in CORPUS for w in line.split()})
    word_level = Tokenizer(models.WordLevel({w: i for i, w in enumerate(["<unk>", "<s>", "</s>", ".", "?", "!", ",", "'", *words])}, unk_token="<unk>"))
    word_level.pre_tokenizer = pre_tokenizers.Whitespace()
    word_level.add_special_tokens(["<unk>", "<s>", "</s>"])

    word_piece = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    word_piece.normalizer = normalizers.BertNormalizer()
    word_piece.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    word_piece.train_from_iterator(CORPUS, trainers.WordPieceTrainer(vocab_size=160, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], show_progress=False))
    word_piece.decoder = decoders.WordPiece()
    word_piece.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))

    unigram = Tokenizer(models.Unigram())
    unigram.normalizer = normalizers.NFKC()
    unigram.pre_tokenizer = pre_tokenizers.Metaspace()
    unigram.decoder = decoders.Metaspace()
    unigram.train_from_iterator(CORPUS, trainers.UnigramTrainer(vocab_size=120, special_tokens=["<pad>", "</s>", "<unk>"], unk_token="<unk>", show_progress=False))

    sp = sentencepiece_like()
    fast = {"tokenizer_class": "PreTrainedTokenizerFast"}
    im = {"bos_token": "<|im_start|>", "eos_token": "<|im_end|>"}
    yield "word-level", word_level, {**fast, **SPECIAL, "clean_up_tokenization_spaces": True}, "llama", {}
    yield "word-piece", word_piece, {**fast, "unk_token": "[UNK]", "pad_token": "[PAD]", "clean_up_tokenization_spaces": True}, "bert", {}
    yield "unigram", unigram, {**fast, "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}, "llama", {}
    yield "byte-level", byte_level(), {**fast, **SPECIAL}, "llama", {}
    yield "byte-level-cleaned", byte_level(), {**fast, **SPECIAL, "clean_up_tokenization_spaces": True}, "bloom", {}
    yield "bos-and-eos", both, {**fast, **SPECIAL}, "bloom", {}
    yield "limited", limited, {**fast, **SPECIAL, "model_max_length": 4}, "llama", {}
    yield "no-config", byte_level(), None, "bloom", {}
    yield "gpt2", gpt2, {"tokenizer_class": "GPT2Tokenizer"}, "gpt2", {}
    yield "gpt2-prefix", gpt2, {"tokenizer_class": "GPT2TokenizerFast", "add_prefix_space": True}, "gpt2", {}
    yield "gpt2-no-class", gpt2, {"eos_token": "<|endoftext|>", "pad_token": None}, "gpt2", {}
    yield "gpt2-fast", digits, {**fast, **im}, "gpt2", {}
    yield "smollm2", digits, {"tokenizer_class": "GPT2Tokenizer", **im, "unk_token": "<unk>", "add_prefix_space": False}, "llama", {}
    yield "llama2", sp, {"tokenizer_class": "LlamaTokenizer", **SPECIAL, "add_bos_token": True, "add_eos_token": True, "legacy": False, "added_tokens_decoder": declared(sp)}, "llama", {}
    yield "llama2-legacy", sp, {"tokenizer_class": "LlamaTokenizerFast", **SPECIAL, "add_bos_token": False, "legacy": True, "pad_token": "<pad>", "added_tokens_decoder": declared(sp)}, "llama", {}
    yield "llama2-no-prefix", sp, {"tokenizer_class": "LlamaTokenizer", "add_prefix_space": False, "legacy": None, "eos_token": None}, "llama", {}
    yield "llama2-as-written", sp, {**fast, **SPECIAL}, "llama", {}
    yield "mistral", sp, {"tokenizer_class": "LlamaTokenizer", **SPECIAL, "added_tokens_decoder": declared(sp)}, "mistral", {}
    yield "llama3", llama3, {**fast, **SPECIAL}, "llama", {}
    yield "llama3-named-llama", llama3, {"tokenizer_class": "LlamaTokenizer", **SPECIAL}, "llama", {}
    yield "qwen2", qwen2, {"tokenizer_class": "Qwen2Tokenizer", "eos_token": "<|im_end|>", "pad_token": "<|endoftext|>", "bos_token": None, "additional_special_tokens": ["<|im_start|>", "<|im_end|>"]}, "qwen2", {}
    yield "qwen2-fast", digits, {**fast, **im}, "qwen2", {}
    yield "new-tokens", byte_level(), {**fast, **SPECIAL, "pad_token": "[PAD]", "image_token": "<EXTRA>", "extra_special_tokens": ["<extra>", "the"]}, "llama", {}
    yield "new-named-tokens", byte_level(), {**fast, **SPECIAL, "sep_token": {"__type": "AddedToken", "content": "[SEP]", "lstrip": True, "rstrip": True, "normalized": False, "single_word": False}, "extra_special_tokens": {"boi_token": "<extra>"}}, "llama", {}
    changed = declared(byte_level(), **{"<|im_end|>": {"lstrip": True, "rstrip": True}, "<s>": {"special": False}})
    yield "changed-tokens", byte_level(), {**fast, **SPECIAL, "bos_token": "<|im_start|>", "added_tokens_decoder": {**changed, "340": {"content": "<extra>", "lstrip": False, "normalized": False, "rstrip": True, "single_word": False, "special": False}}}, "llama", {}
    old = {"special_tokens_map.json": {"bos_token": {"content": "<s>", "lstrip": False, "normalized": False, "rstrip": True, "single_word": False}, "eos_token": "<|im_end|>", "pad_token": "<pad>"}, "added_tokens.json": {"<extra>": 331, "<pad>": 330}}
    yield "old-files", byte_level(), {**fast, "eos_token": "</s>", "unk_token": "<unk>"}, "llama", old
    yield "old-llama", sp, {"tokenizer_class": "LlamaTokenizer"}, "llama", {"special_tokens_map.json": {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "</s>"}}


def expected(folder, texts):
    """What AutoTokenizer says; "alone" and the decoded texts only where they are not what one expects."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    cases = []
    for text in texts:
        case = {"ids": tokenizer(text)["input_ids"]}
        alone = tokenizer(text, add_special_tokens=False)["input_ids"]
        decoded = tokenizer.decode(case["ids"])
        skipped = tokenizer.decode(case["ids"], skip_special_tokens=True)
        case.update({} if alone == case["ids"] else {"alone": alone})
        case.update({} if decoded == text else {"decoded": decoded})
        case.update({} if skipped == text else {"skipped": skipped})
        cases.append(case)
    return {
        "size": len(tokenizer),
        "special": tokenizer.special_tokens_map,
        "ids": [tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id, tokenizer.unk_token_id],
        "added": {str(i): [t.content, t.special] for i, t in sorted(tokenizer.added_tokens_decoder.items())},
        "cases": cases,
    }


def write(target, texts, folders):
    stored, results = [], {}
    for name, tokenizer, config, model_type, files in folders:
        content = json.loads(tokenizer.to_str())
        if content not in stored:
            stored.append(content)
        files = {"config.json": {"model_type": model_type, "transformers_version": "5.23.0"}, **files}
        files.update({} if config is None else {"tokenizer_config.json": config})
        with tempfile.TemporaryDirectory() as work:
            for file, text in {**files, "tokenizer.json": content}.items():
                (pathlib.Path(work) / file).write_text(json.dumps(text), encoding="utf-8")
            results[name] = {"tokenizer": stored.index(content), "files": files, **expected(work, texts)}
    versions = {"transformers": transformers.__version__, "tokenizers": tokenizers.__version__}
    lines = [json.dumps(item, ensure_ascii=False, separators=(",", ":")) for item in ({"metadata": versions, "texts": texts}, stored, results)]
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(pathlib.Path(sys.argv[1]), TEXTS, folders())
