#!/usr/bin/env python3
"""Writes a tiny tokenizer for each class that transformers has, and what transformers makes of it: fixtures of peft-models' tests of package text.

Needs transformers 5.23.0, tokenizers 0.23 and sentencepiece. The build does not need this script; run it only to renew the fixtures:

    python tools/golden_tokenizer_classes.py peft-models/src/test/resources/text/tokenizer_classes.jsonl

With the table of classes instead it says what transformers has otherwise, for instance after an update:

    python tools/golden_tokenizer_classes.py peft-models/src/main/resources/io/github/peft4j/models/text/internal/folder/tokenizer-classes.json

The form is that of golden_text.py. Folders are named kinds/KIND, CLASS, CLASS/OPTIONS, MODEL_TYPE/WHAT or tokens/WHAT.
"""

import base64
import json
import pathlib
import sys
import tempfile

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from golden_text import CORPUS, byte_level, declared, sentencepiece_like, write
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

TEXTS = [
    "", " a", "Hello world", "  Two  spaces ", "hello\nworld\t.", "it's Don't 2024 12,3", "naïve Café ﬁ ½", "日本語 😀", "x<s>y </s> z<mask>", " [CLS]a [MASK] b[SEP]", "▁a ▁▁b", "<x1>  <x2>c", "``q'' ẞ İ",
]  # fmt: skip

BYTE_LEVEL = "CohereTokenizer CodeGenTokenizer GPT2Tokenizer GPTNeoXTokenizer Qwen2Tokenizer Qwen3_5Tokenizer RobertaTokenizer BlenderbotTokenizer DebertaTokenizer".split()
WORDS = "BertTokenizer ConvBertTokenizer DPRReaderTokenizer FunnelTokenizer MPNetTokenizer SplinterTokenizer".split()
PIECES = "LlamaTokenizer CodeLlamaTokenizer GemmaTokenizer Siglip2Tokenizer HerbertTokenizer OpenAIGPTTokenizer ReformerTokenizer Tipsv2Tokenizer".split()
SCORES = (
    "AlbertTokenizer FNetTokenizer BarthezTokenizer BigBirdTokenizer CamembertTokenizer DebertaV2Tokenizer PegasusTokenizer RemBertTokenizer T5Tokenizer"
    " VideoPrismTokenizer XGLMTokenizer XLMRobertaTokenizer XLNetTokenizer"
).split()
ALIASES = "DistilBertTokenizer ElectraTokenizer BartTokenizer Phi3Tokenizer GPTNeoXTokenizerFast TokenizersBackend PreTrainedTokenizer UnknownTokenizer".split()


def charsmap():
    """A normalization table of a few rules, as SentencePiece packs it."""
    with tempfile.TemporaryDirectory() as work:
        folder = pathlib.Path(work)
        rules = {"ﬁ": "fi", "½": "1⁄2", "\t": " ", "\n": " ", "\x07": "", "e\u0301": "é", "\u3000": " "}
        lines = ["\t".join(" ".join(f"{ord(c):X}" for c in text) for text in rule) for rule in rules.items()]
        (folder / "rules.tsv").write_text("\n".join(lines) + "\n")
        (folder / "corpus.txt").write_text("\n".join(CORPUS * 20))
        sentencepiece.SentencePieceTrainer.train(
            input=str(folder / "corpus.txt"), model_prefix=str(folder / "m"), vocab_size=60, hard_vocab_limit=False,
            normalization_rule_tsv=str(folder / "rules.tsv"), minloglevel=2,
        )  # fmt: skip
        model = sentencepiece_model_pb2.ModelProto()
        model.ParseFromString((folder / "m.model").read_bytes())
        return base64.b64encode(model.normalizer_spec.precompiled_charsmap).decode()


def scores(table=True):
    """As XLM-R's file: scores, a normalization table and a Metaspace pre-tokenizer."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    special = ["<s>", "<unk>", "<pad>", "</s>", "[CLS]", "[SEP]", "[MASK]", "[UNK]", "[PAD]", "<mask>", "<sep>", "<cls>"]
    trainer = trainers.UnigramTrainer(vocab_size=140, special_tokens=special, unk_token="<unk>", show_progress=False)
    tokenizer.train_from_iterator(CORPUS, trainer)
    content = json.loads(tokenizer.to_str())
    content["added_tokens"] = [token for token in content["added_tokens"] if token["content"] in ("<s>", "</s>", "<unk>", "<pad>")]
    if table:
        content["normalizer"] = {"type": "Sequence", "normalizers": [{"type": "Precompiled", "precompiled_charsmap": charsmap()}, {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}]}
    content["post_processor"] = json.loads(template("<s> $A </s>", [("<s>", 0), ("</s>", 3)]))
    return Tokenizer.from_str(json.dumps(content))


def template(single, special):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.post_processor = processors.TemplateProcessing(single=single, pair=single + " $B", special_tokens=special)
    return json.dumps(json.loads(tokenizer.to_str())["post_processor"])


def words():
    """As BERT's file, cased."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "<unk>"]
    tokenizer.train_from_iterator(CORPUS, trainers.WordPieceTrainer(vocab_size=160, special_tokens=special, show_progress=False))
    tokenizer.decoder = decoders.WordPiece()
    return tokenizer


WORD = "[^\\r\\n\\p{L}\\p{N}]?"
UPPER, LOWER = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]", "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]"
REST = "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
EXPRESSIONS = {
    "bloom": " ?[^(\\s|[.,!?…。，、।۔،])]+",
    "llama3": "(?i:'s|'t|'re|'ve|'m|'ll|'d)|" + WORD + "\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*" + REST,
    "mistral": WORD + UPPER + "*" + LOWER + "+|" + WORD + UPPER + "+" + LOWER + "*|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*" + REST,
    "deepseek": "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+",
}


def published():
    """Files as they are published, which are taken as they are."""
    for name, expression in EXPRESSIONS.items():
        division = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(expression), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
        tokenizer = byte_level(pre=division)
        tokenizer.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), processors.TemplateProcessing(single="<s> $A", pair="<s> $A $B", special_tokens=[("<s>", 0)])])
        yield name, tokenizer
    gemma = sentencepiece_like()
    gemma.normalizer = normalizers.Replace(" ", "▁")
    gemma.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    gemma.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    gemma.add_tokens([AddedToken("▁▁", normalized=False), AddedToken("\n\n", normalized=False)])
    yield "gemma", gemma
    phi = sentencepiece_like()
    phi.add_tokens([AddedToken("<x1>", rstrip=True, normalized=False, special=True), AddedToken("<x2>", rstrip=True, normalized=False, special=True)])
    yield "phi3", phi
    modern = byte_level(special=["[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]"])
    modern.normalizer = normalizers.NFC()
    modern.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]", special_tokens=[("[CLS]", 0), ("[SEP]", 1)])
    modern.add_tokens([AddedToken(" " * n, normalized=True) for n in (4, 3, 2)] + [AddedToken("[MASK]", lstrip=True, normalized=False, special=True)])
    yield "modernbert", modern
    roberta = byte_level()
    roberta.post_processor = processors.RobertaProcessing(("</s>", 1), ("<s>", 0))
    roberta.add_tokens([AddedToken("<mask>", lstrip=True, normalized=False, special=True)])
    yield "roberta", roberta
    yield "xlm-roberta", scores()
    yield "bert", words()


def folders():
    for name, tokenizer in published():
        yield "kinds/" + name, tokenizer, {"tokenizer_class": "PreTrainedTokenizerFast"}, "llama", {}
    special = ["<s>", "</s>", "<unk>", "<pad>", "<mask>", "<|endoftext|>", "[CLS]", "[SEP]", "[MASK]", "[UNK]", "[PAD]"]
    bytes_ = byte_level(size=330, special=special, pre=pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]))
    bytes_.post_processor = processors.TemplateProcessing(single="<s> $A", pair="<s> $A $B", special_tokens=[("<s>", 0)])
    pieces, unigram, plain, wordpiece = sentencepiece_like(), scores(), scores(False), words()
    kinds = [(BYTE_LEVEL, bytes_, {}), (WORDS, wordpiece, {}), (PIECES, pieces, {}), (SCORES, unigram, {})]
    prefix = {"add_prefix_space": True}
    for names, tokenizer, config in kinds:
        for name in names:
            yield name, tokenizer, {"tokenizer_class": name, **config}, "llama", {}
    for name in BYTE_LEVEL:
        yield name + "/prefix", bytes_, {"tokenizer_class": name + "Fast", **prefix, "eos_token": "</s>", "pad_token": "[PAD]"}, "bloom", {}
    for name in WORDS:
        yield name + "/cased", wordpiece, {"tokenizer_class": name, "do_lower_case": False, "strip_accents": True, "tokenize_chinese_chars": False, "cls_token": "[CLS]", "sep_token": "[SEP]", "unk_token": "[UNK]"}, "llama", {}
    for name in "AlbertTokenizer BarthezTokenizer DebertaV2Tokenizer RemBertTokenizer XGLMTokenizer XLMRobertaTokenizer XLNetTokenizer PegasusTokenizer".split():
        yield name + "/other", plain, {"tokenizer_class": name, "add_prefix_space": False, "do_lower_case": name != "AlbertTokenizer", "keep_accents": name == "AlbertTokenizer", "split_by_punct": True, "mask_token": "[MASK]", "additional_special_tokens": ["<x1>"]}, "llama", {}
    yield "LlamaTokenizer/of-scores", plain, {"tokenizer_class": "LlamaTokenizer"}, "llama", {}
    yield "BertTokenizer/of-bytes", bytes_, {"tokenizer_class": "BertTokenizer"}, "llama", {}
    yield "GPT2Tokenizer/of-words", wordpiece, {"tokenizer_class": "GPT2Tokenizer"}, "llama", {}
    yield "CodeLlamaTokenizer/declared", pieces, {"tokenizer_class": "CodeLlamaTokenizer", "add_prefix_space": False, "prefix_token": "<x1>", "fill_token": None, "eot_token": None, "added_tokens_decoder": declared(pieces), "additional_special_tokens": ["<x2>"]}, "llama", {}
    yield "CodeLlamaTokenizer/beside-dict", pieces, {"tokenizer_class": "CodeLlamaTokenizer", "fill_token": None, "additional_special_tokens": ["<x2>"], "extra_special_tokens": {"a_token": "<x1>"}}, "llama", {}
    yield "T5Tokenizer/beside-dict", unigram, {"tokenizer_class": "T5Tokenizer", "extra_ids": 3, "additional_special_tokens": ["<x2>"], "extra_special_tokens": {"a_token": "<x1>"}}, "llama", {}
    for name in ALIASES:
        tokenizer = wordpiece if "ert" in name or "ectra" in name else pieces if "Phi" in name else bytes_
        yield name, tokenizer, {"tokenizer_class": name}, "llama", {}
    for model_type, tokenizer in {
        "qwen3": bytes_, "gemma": pieces, "gemma2": pieces, "gemma3_text": pieces, "phi3": pieces, "gpt_neox": bytes_, "opt": bytes_, "olmo2": bytes_, "smollm3": bytes_, "bert": wordpiece, "distilbert": wordpiece, "roberta": bytes_,
        "xlm-roberta": unigram, "electra": wordpiece, "modernbert": bytes_,
    }.items():  # fmt: skip
        yield model_type + "/no-class", tokenizer, None, model_type, {}
        yield model_type + "/fast", tokenizer, {"tokenizer_class": "PreTrainedTokenizerFast"}, model_type, {}
        yield model_type + "/llama", tokenizer, {"tokenizer_class": "LlamaTokenizer"}, model_type, {}
    fast = {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>"}
    yield "tokens/additional", bytes_, {**fast, "additional_special_tokens": ["<x1>"]}, "llama", {}
    yield "tokens/additional-beside-list", bytes_, {**fast, "additional_special_tokens": ["<x1>"], "extra_special_tokens": ["<x2>"]}, "llama", {}
    yield "tokens/additional-beside-empty", bytes_, {**fast, "additional_special_tokens": ["<x1>"], "extra_special_tokens": []}, "llama", {}
    yield "tokens/additional-beside-dict", bytes_, {**fast, "additional_special_tokens": ["<x1>"], "extra_special_tokens": {"a_token": "<x2>"}}, "llama", {}
    yield "tokens/specific", bytes_, {**fast, "additional_special_tokens": ["<x1>"], "model_specific_special_tokens": {"a_token": "<x2>", "image": {"__type": "AddedToken", "content": "😀", "lstrip": True, "rstrip": False, "normalized": True, "single_word": False}}}, "llama", {}
    yield "tokens/specific-replaced", bytes_, {**fast, "b_token": "<x1>", "model_specific_special_tokens": {"a_token": "<x2>"}}, "llama", {}
    yield "tokens/special-declared-plain", bytes_, {**fast, "added_tokens_decoder": {**declared(bytes_, **{"<s>": {"special": False}}), "331": {"content": "<x1>", "lstrip": False, "normalized": True, "rstrip": True, "single_word": False, "special": False}}, "sep_token": "<x1>"}, "llama", {}
    old = {"bos_token": "<x1>", "additional_special_tokens": ["<x2>"], "b_token": "a", "extra_special_tokens": ["😀"]}
    yield "tokens/old-files", bytes_, {**fast, "extra_special_tokens": ["c"]}, "llama", {"special_tokens_map.json": old, "added_tokens.json": {"<x2>": 400, "z": 401}}
    yield "tokens/old-dict", bytes_, {**fast, "a_token": "<x1>"}, "llama", {"special_tokens_map.json": {"extra_special_tokens": {"c_token": "<x2>"}, "additional_special_tokens": ["z"]}}


def check(table):
    """Compares the table with transformers: classes of model types, and classes that are built anew or need other files."""
    import transformers
    from transformers.models.auto import tokenization_auto as auto

    types = {name: value.removesuffix("Fast") for name, value in auto.TOKENIZER_MAPPING_NAMES.items() if value}
    for name in sorted(types.keys() | table["model_types"].keys()):
        if types.get(name) != table["model_types"].get(name):
            print(f"model type {name}: {types.get(name)}, in the table {table['model_types'].get(name)}")
    wrong = set(auto.MODELS_WITH_INCORRECT_HUB_TOKENIZER_CLASS) ^ set(table["types_with_wrong_classes"])
    print("\n".join(f"model type {name}: its classes are wrong in one of both" for name in sorted(wrong)), end="")
    names = {name.removesuffix("Fast") for name in dir(transformers) if name.endswith(("Tokenizer", "TokenizerFast"))} | set(types.values())
    for name in sorted(names):
        found = auto.tokenizer_class_from_name(name)
        as_written = found is None or found.__name__ in ("TokenizersBackend", "PythonBackend")
        if not as_written and name not in table["classes"] and name not in table["refused"]:
            print(f"class {name}: not in the table")


if __name__ == "__main__":
    target = pathlib.Path(sys.argv[1])
    if target.suffix == ".json":
        check(json.loads(target.read_text(encoding="utf-8")))
    else:
        write(target, TEXTS, folders())
