package io.github.peft4j.models.text;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.fuzz.ChildFuzzer;
import io.github.peft4j.models.fuzz.JsonMutator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Opens damaged tokenizers and encodes and decodes with them. Run it at length by
 * {@code java -cp TEST_CLASS_PATH io.github.peft4j.models.text.TokenizerFuzzTarget SEED CASES}, or one case by
 * {@code ... SEED FOLDER FIRST LAST}.
 */
public final class TokenizerFuzzTarget {

    private static final List<String> TEXTS = List.of(
            "",
            "a",
            "Hello world, it's 2024! \u00e9\u0301",
            " ".repeat(3000) + "x",
            "aB".repeat(2000),
            "A".repeat(4000),
            "\u65e5\u672c\u8a9e ".repeat(300),
            "\ufdfa\u0130\u00df\ufb01\u00bd\u0344".repeat(50),
            "e" + "\u0301".repeat(500) + "\u200d\ud83d\ude00\u200d\ud83d\udc67",
            "<s> </s><unk>\u2581<pad> [MASK]  [CLS] <|endoftext|>\n\n\t\u0000x",
            "The quick brown fox jumps over the lazy dog. ".repeat(180));

    private TokenizerFuzzTarget() {}

    /** The child's work, or with two arguments the parent's. */
    public static void main(String[] args) throws IOException, InterruptedException {
        long seed = Long.parseLong(args[0]);
        if (args.length == 2) {
            Path work = Files.createTempDirectory("tokenizers");
            List<String> faults = ChildFuzzer.run(
                    TokenizerFuzzTarget.class.getName(), List.of(args[0], work.toString()), 0, Long.parseLong(args[1]));
            faults.forEach(ChildFuzzer::say);
            ChildFuzzer.say(faults.size() + " faults in " + args[1] + " cases of seed " + seed);
            return;
        }
        List<JsonNode> samples = ToyFolders.tokenizers();
        for (long number = Long.parseLong(args[2]); number < Long.parseLong(args[3]); number++) {
            ChildFuzzer.begin(number);
            run(seed, number, samples, Path.of(args[1]));
        }
        ChildFuzzer.end();
    }

    private static void run(long seed, long number, List<JsonNode> samples, Path work) throws IOException {
        SplittableRandom random = new SplittableRandom(seed * 1_000_003 + number);
        List<JsonNode> all = new ArrayList<>(samples);
        all.add(ToyFolders.JSON.readTree(COMPONENTS));
        JsonMutator mutator = new JsonMutator(random, all);
        JsonNode sample = samples.get(random.nextInt(samples.size()));
        Files.write(
                work.resolve("tokenizer.json"),
                random.nextInt(3) == 0
                        ? mutator.mutate(sample)
                        : new TokenizerAssembler(random, all.get(samples.size())).assemble(sample));
        Files.deleteIfExists(work.resolve("tokenizer_config.json"));
        if (random.nextInt(4) == 0) {
            JsonNode config = ToyFolders.JSON.readTree(CONFIG);
            Files.write(work.resolve("tokenizer_config.json"), mutator.mutate(config));
        }
        try (Tokenizer tokenizer = Tokenizer.open(work)) {
            use(tokenizer, random);
        } catch (CheckpointException | TokenizerException e) {
            // Refused, as it should be.
        } catch (RuntimeException e) {
            ChildFuzzer.fault(number, e.toString());
        }
    }

    private static void use(Tokenizer tokenizer, SplittableRandom random) {
        for (int i = 0; i < 4; i++) {
            String text = TEXTS.get(random.nextInt(TEXTS.size()));
            attempt(() -> {
                int[] ids = tokenizer.encode(text);
                tokenizer.decode(ids, random.nextBoolean());
            });
        }
        StringBuilder any = new StringBuilder();
        for (int i = random.nextInt(200); i > 0; i--) {
            int c = random.nextInt(4) == 0 ? random.nextInt(0x110000) : random.nextInt(0x3000);
            any.appendCodePoint(c >= 0xd800 && c < 0xe000 ? ' ' : c);
        }
        tokenizer.addedTokens().values().stream()
                .limit(3)
                .forEach(token -> any.append(token.content()).append("  "));
        attempt(() -> tokenizer.encodeWithPlaces(any.toString(), true));
        attempt(() -> tokenizer.encode(any.toString(), "a b"));
        int[] ids = random.ints(random.nextInt(60), 0, tokenizer.size() + 5).toArray();
        attempt(() -> tokenizer.decode(ids, false));
        attempt(() -> tokenizer.decode(new int[0], true));
        attempt(() -> tokenizer.decode(new int[] {Integer.MAX_VALUE}, true));
    }

    private static void attempt(Runnable call) {
        try {
            call.run();
        } catch (TokenizerException e) {
            // The text or the ids are refused, as they should be.
        }
    }

    private static final String CONFIG = """
            {"tokenizer_class":"LlamaTokenizer","add_prefix_space":true,"legacy":false,"bos_token":"<s>","eos_token":{"__type":"AddedToken","content":"</s>",
            "lstrip":false,"rstrip":true,"normalized":true,"single_word":false},"unk_token":"<unk>","pad_token":"[PAD]","image_token":"<x>",
            "extra_special_tokens":["<y>","  "],"additional_special_tokens":["<z>"],"do_lower_case":true,"clean_up_tokenization_spaces":true,
            "added_tokens_decoder":{"3":{"content":"<w>","lstrip":true,"rstrip":false,"normalized":true,"single_word":true,"special":true}}}
            """;

    /** Components that the samples lack, to be put into them. */
    private static final String COMPONENTS = """
            [{"normalizer":{"type":"Sequence","normalizers":[{"type":"Strip","strip_left":true,"strip_right":true},{"type":"StripAccents"},{"type":"NFD"},{"type":"NFKC"},
            {"type":"NFKD"},{"type":"Nmt"},{"type":"Lowercase"},{"type":"ByteLevel"},{"type":"Prepend","prepend":"x"},{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true},
            {"type":"Replace","pattern":{"String":"a"},"content":""},{"type":"Replace","pattern":{"Regex":"\\\\s+"},"content":"\u2581\u2581"},{"type":"Replace","pattern":{"Regex":"a*b"},"content":" "}]}},
            {"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Whitespace"},{"type":"UnicodeScripts"},{"type":"FixedLength","length":2},{"type":"CharDelimiterSplit","delimiter":"a"},{"type":"Punctuation","behavior":"Contiguous"},
            {"type":"Digits","individual_digits":true},{"type":"Metaspace","replacement":"_","prepend_scheme":"first","split":true},{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true},
            {"type":"Split","pattern":{"Regex":"(?=(\\\\d{3})+(?!\\\\d))"},"behavior":"MergedWithNext","invert":true},{"type":"Split","pattern":{"String":" "},"behavior":"MergedWithPrevious","invert":false},
            {"type":"Split","pattern":{"Regex":"[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?\\\\p{L}+|\\\\p{N}| ?[^\\\\s\\\\p{L}\\\\p{N}]+[\\\\r\\\\n]*|\\\\s*[\\\\r\\\\n]+|\\\\s+(?!\\\\S)|\\\\s+"},"behavior":"Isolated","invert":false}]}},
            {"post_processor":{"type":"Sequence","processors":[{"type":"RobertaProcessing","sep":["</s>",2],"cls":["<s>",0],"trim_offsets":true,"add_prefix_space":true},{"type":"BertProcessing","sep":["[SEP]",1],"cls":["[CLS]",0]},
            {"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"x","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],"pair":[{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":1}}],"special_tokens":{"x":{"id":"x","ids":[1,2],"tokens":["a","b"]}}}]}},
            {"decoder":{"type":"Sequence","decoders":[{"type":"BPEDecoder","suffix":"</w>"},{"type":"WordPiece","prefix":"##","cleanup":true},{"type":"CTC","pad_token":"<pad>","word_delimiter_token":"|","cleanup":true},
            {"type":"Strip","content":" ","start":2,"stop":0},{"type":"Fuse"},{"type":"ByteFallback"},{"type":"Replace","pattern":{"String":"_"},"content":" "},{"type":"Metaspace","replacement":"_","prepend_scheme":"always"}]}},
            {"model":{"continuing_subword_prefix":"##","end_of_word_suffix":"</w>","byte_fallback":true,"fuse_unk":true,"dropout":0.5,"ignore_merges":true,"unk_id":1,"max_input_chars_per_word":100}}]
            """;
}
