package io.github.peft4j.models.text.internal.checks;

import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.models.internal.message.Printable;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The settings in the section {@code model}, without its vocabulary.
 *
 * <table>
 * <caption>What ends the process or takes its time, tokenizers 0.21.4</caption>
 * <tr><th>setting</th><th>where</th><th>kept out by</th></tr>
 * <tr><td>continuing_subword_prefix longer than a token of a merge</td><td>models/bpe/model.rs:186</td><td>merges are looked at one by one</td></tr>
 * <tr><td>a long prefix or suffix, written for each character</td><td>models/bpe/model.rs:401</td><td>{@value #LONGEST_AFFIX} bytes</td></tr>
 * <tr><td>dropout just below 1: merges are drawn again and again</td><td>models/bpe/word.rs:181</td><td>at most 0.99, or 1</td></tr>
 * <tr><td>max_input_chars_per_word: time with its cube</td><td>models/wordpiece/mod.rs:242</td><td>at most {@value #LONGEST_WORD}</td></tr>
 * <tr><td>a long token of a Unigram vocabulary, freed by recursion</td><td>models/unigram/trie.rs:81</td><td>{@value #LONGEST_PIECE} characters</td></tr>
 * </table>
 */
public final class ModelSettings {

    /** The longest token in characters; published ones have at most a few hundred. */
    public static final int LONGEST_TOKEN = 4096;

    /** The longest token of a Unigram vocabulary in characters: each beginning of a text that is a token is copied. */
    public static final int LONGEST_PIECE = 512;

    private static final int LONGEST_AFFIX = 64;
    private static final int LONGEST_WORD = 1000;
    private static final double LARGEST_DROPOUT = 0.99;

    private ModelSettings() {}

    /**
     * The type of a model that does not say it, as files of old versions do not.
     *
     * @param settings the model without vocabulary and merges
     * @param scored whether its vocabulary is a list of tokens with scores
     * @param merges whether it has merges
     */
    public static String typeOf(Map<String, @Nullable Object> settings, boolean scored, boolean merges) {
        Object type = settings.get("type");
        if (type != null) {
            return type instanceof String text ? text : JsonWriter.shown(type);
        } else if (scored) {
            return "Unigram";
        } else if (merges) {
            return "BPE";
        }
        return settings.containsKey("max_input_chars_per_word") && settings.containsKey("continuing_subword_prefix")
                ? "WordPiece"
                : "WordLevel";
    }

    /**
     * Checks the settings of a model.
     *
     * @param settings the model without vocabulary and merges
     * @param type its type
     * @param size how many tokens its vocabulary has
     * @param faults gets what is wrong
     * @return the settings with nothing in them but what was checked
     */
    public static Map<String, @Nullable Object> check(
            Map<String, @Nullable Object> settings, String type, int size, Faults faults) {
        Component model = new Component(settings, "model", faults);
        model.checked().put("type", type);
        switch (type) {
            case "BPE":
                dropout(model);
                model.textIfAny("unk_token", LONGEST_TOKEN);
                model.textIfAny("continuing_subword_prefix", LONGEST_AFFIX);
                model.textIfAny("end_of_word_suffix", LONGEST_AFFIX);
                model.flagIfAny("fuse_unk");
                model.flagIfAny("byte_fallback");
                model.flagIfAny("ignore_merges");
                break;
            case "WordPiece":
                model.text("unk_token", LONGEST_TOKEN);
                model.text("continuing_subword_prefix", LONGEST_AFFIX);
                model.number("max_input_chars_per_word", 0, LONGEST_WORD);
                break;
            case "WordLevel":
                model.text("unk_token", LONGEST_TOKEN);
                break;
            case "Unigram":
                if (model.has("unk_id")) {
                    model.number("unk_id", 0, size - 1L);
                }
                model.flag("byte_fallback", false);
                break;
            default:
                faults.add(
                        "model",
                        "the type " + Printable.quoted(type) + " is not one of "
                                + String.join(", ", List.of("BPE", "WordPiece", "WordLevel", "Unigram")));
        }
        return model.checked();
    }

    private static void dropout(Component model) {
        if (!model.has("dropout")) {
            return;
        }
        double value = model.raw("dropout") instanceof Number number ? number.doubleValue() : Double.NaN;
        if (value >= 0 && (value <= LARGEST_DROPOUT || value == 1)) {
            model.checked().put("dropout", value);
        } else {
            model.fault("dropout must be a number from 0 to " + LARGEST_DROPOUT + ", or 1");
        }
    }
}
