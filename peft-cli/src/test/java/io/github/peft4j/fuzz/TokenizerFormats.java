package io.github.peft4j.fuzz;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.models.text.internal.TokenizerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/** Tokenizers, and what stands beside them. */
final class TokenizerFormats {

    private static final String TOKENIZER = "tokenizer.json";

    private static final String CONFIG = "tokenizer_config.json";

    private static final String SPECIAL = "special_tokens_map.json";

    private static final String ADDED = "added_tokens.json";

    private static final String BUILT =
            "{\"tokenizer_class\":\"LlamaTokenizer\",\"add_prefix_space\":true,\"legacy\":false,"
                    + "\"bos_token\":\"<s>\",\"eos_token\":{\"__type\":\"AddedToken\",\"content\":\"</s>\",\"lstrip\":false,"
                    + "\"rstrip\":true,\"normalized\":true,\"single_word\":false},\"unk_token\":\"<unk>\",\"pad_token\":\"[PAD]\","
                    + "\"image_token\":\"<x>\",\"extra_special_tokens\":[\"<y>\",\"  \"],\"do_lower_case\":true,"
                    + "\"added_tokens_decoder\":{\"3\":{\"content\":\"<w>\",\"lstrip\":true,\"rstrip\":false,\"normalized\":true,"
                    + "\"single_word\":true,\"special\":true}}}";

    private static final String PLAIN = "{\"tokenizer_class\":\"PreTrainedTokenizerFast\",\"bos_token\":\"<s>\","
            + "\"eos_token\":{\"content\":\"</s>\",\"lstrip\":false,\"normalized\":false,\"rstrip\":false,"
            + "\"single_word\":false,\"__type\":\"AddedToken\"},\"unk_token\":\"<unk>\",\"pad_token\":\"<pad>\","
            + "\"additional_special_tokens\":[\"<s>\"],\"add_bos_token\":true,\"add_eos_token\":false,"
            + "\"clean_up_tokenization_spaces\":true,\"model_max_length\":2048,"
            + "\"added_tokens_decoder\":{\"1\":{\"content\":\"<s>\",\"special\":true,\"lstrip\":false,"
            + "\"normalized\":false,\"rstrip\":false,\"single_word\":false}}}";

    private static final String OLD_SPECIAL =
            "{\"bos_token\":\"<s>\",\"eos_token\":{\"content\":\"</s>\",\"lstrip\":false,"
                    + "\"normalized\":false,\"single_word\":false,\"rstrip\":true},\"additional_special_tokens\":[\"<pad>\",\"<new>\"]}";

    private static final String OLD_ADDED = "{\"<new>\":400,\"<more>\":401,\"<s>\":1}";

    private static final List<String> NAMES = List.of(
            "unk_id",
            "Precompiled",
            "precompiled_charsmap",
            "CTC",
            "Fuse",
            "truncation",
            "padding",
            "max_length",
            "dropout",
            "<s>",
            "</s>",
            "<unk>",
            "<new>",
            "chat_template",
            "LlamaTokenizer",
            "GPT2Tokenizer",
            "BertTokenizer",
            "T5Tokenizer",
            "extra_special_tokens",
            "additional_special_tokens",
            "split_special_tokens");

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

    private static final int TEXTS_OF_A_CASE = 4;

    /** Of a text, in characters, where it is not the tokenizer itself that was changed. */
    private static final int SHORT = 200;

    private TokenizerFormats() {}

    static List<Format> all() throws IOException {
        List<Sample> plain = TokenizerFolders.all();
        List<Sample> configured = new ArrayList<>(having(CONFIG, plain));
        for (String name : List.of("llama2", "word-piece", "unigram")) {
            configured.add(TokenizerFolders.named(name).with(CONFIG, PLAIN));
        }
        configured.add(TokenizerFolders.named("llama2").with(CONFIG, BUILT));
        List<Sample> old = new ArrayList<>(having(ADDED, plain));
        for (String name : List.of("llama2", "gpt2", "unigram")) {
            old.add(TokenizerFolders.named(name).with(SPECIAL, OLD_SPECIAL).with(ADDED, OLD_ADDED));
        }
        Mutator json = json(TOKENIZER, plain);
        Mutator config = json(CONFIG, configured);
        Mutator tokenizer = new TokenizerMutator().or(json, 0.4).or(new BytesMutator(500), 0.1);
        Mutator special = json(SPECIAL, old);
        return List.of(
                format("tokenizer", plain, Integer.MAX_VALUE, Map.of(TOKENIZER, tokenizer, CONFIG, config.in(0.25))),
                format("tokenizer-config", configured, SHORT, Map.of(CONFIG, config)),
                format("special-tokens-map", having(SPECIAL, old), SHORT, Map.of(SPECIAL, special)),
                format("added-tokens", old, SHORT, Map.of(ADDED, json(ADDED, old), SPECIAL, special.in(0.1))));
    }

    private static List<Sample> having(String file, Collection<Sample> folders) {
        return folders.stream()
                .filter(folder -> folder.files().containsKey(file))
                .toList();
    }

    private static Mutator json(String file, Collection<Sample> folders) {
        return new JsonMutator(NAMES, Format.contents(folders, file));
    }

    private static Format format(String name, List<Sample> samples, int longest, Map<String, Mutator> mutators) {
        return new Format(name, samples, mutators, folder -> use(folder, longest), Set.of(CheckpointException.class));
    }

    /** Encodes and decodes; a text or ids may be refused. */
    private static void use(Path folder, int longest) throws IOException {
        try (Tokenizer tokenizer = Tokenizer.open(folder)) {
            SplittableRandom random =
                    new SplittableRandom(Arrays.hashCode(Files.readAllBytes(folder.resolve(TOKENIZER))));
            for (int i = 0; i < TEXTS_OF_A_CASE; i++) {
                String whole = TEXTS.get(random.nextInt(TEXTS.size()));
                String text = whole.substring(0, Math.min(longest, whole.length()));
                attempt(() -> tokenizer.decode(tokenizer.encode(text), random.nextBoolean()));
            }
            StringBuilder any = new StringBuilder(characters(random));
            tokenizer.addedTokens().values().stream()
                    .limit(3)
                    .forEach(token -> any.append(token.content()).append("  "));
            attempt(() -> tokenizer.tokens(any.toString()));
            attempt(() -> tokenizer.encode(any.toString(), "a b"));
            int[] ids = random.ints(random.nextInt(60), 0, tokenizer.size() + 5).toArray();
            attempt(() -> tokenizer.decode(ids, false));
            attempt(() -> tokenizer.decode(new int[0], true));
            attempt(() -> tokenizer.decode(new int[] {Integer.MAX_VALUE}, true));
        }
    }

    /** Characters from anywhere, more of them from scripts with letters. */
    private static String characters(SplittableRandom random) {
        StringBuilder any = new StringBuilder();
        for (int i = random.nextInt(200); i > 0; i--) {
            int c = random.nextInt(random.nextInt(4) == 0 ? Character.MAX_CODE_POINT + 1 : 0x3000);
            any.appendCodePoint(Character.getType(c) == Character.SURROGATE ? ' ' : c);
        }
        return any.toString();
    }

    private static void attempt(Runnable call) {
        try {
            call.run();
        } catch (TokenizerException e) {
            Verdict.requireShowable(e);
        }
    }
}
