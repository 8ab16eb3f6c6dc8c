package io.github.peft4j.models.text.internal.checks;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The sections of a {@code tokenizer.json} around its model, checked. */
public final class Pipeline {

    /** Their names. */
    public static final List<String> SECTIONS = List.of("normalizer", "pre_tokenizer", "post_processor", "decoder");

    /** The matcher of regular expressions ends the process after ten million tries, of which a run of blanks takes up to three a character. */
    private static final int LONGEST_TEXT = 1 << 21;

    private static final double LARGEST_GROWTH = 1024;
    private static final double LARGEST_NORMALIZED = 1 << 28;

    private final Map<String, @Nullable Object> sections = new HashMap<>();
    private final Removals removals;
    private final double written;
    private final int longestText;
    private final int longestDecoded;
    private final int tokensAtEnd;

    private Pipeline(Map<String, @Nullable Object> given, Faults faults) {
        Normalizers normalizers = new Normalizers();
        PreTokenizers preTokenizers = new PreTokenizers();
        PostProcessors postProcessors = new PostProcessors();
        Decoders decoders = new Decoders();
        Cost normalizing = check(given, "normalizer", faults, normalizers::check);
        Cost encoding = normalizing.then(check(given, "pre_tokenizer", faults, preTokenizers::check));
        Cost decoding = check(given, "decoder", faults, decoders::check);
        check(given, "post_processor", faults, component -> {
            postProcessors.check(component);
            return Cost.NONE;
        });
        bounded(encoding, "normalizer and pre_tokenizer", faults);
        bounded(decoding, "decoder", faults);
        this.removals = normalizers.removals();
        this.written = normalizers.written();
        this.longestText = longest(encoding);
        this.longestDecoded = (int) Math.min(decoding.longestText(), LARGEST_NORMALIZED / decoding.growth());
        this.tokensAtEnd = postProcessors.atEnd();
    }

    private interface Check {
        Cost of(Component component);
    }

    private Cost check(Map<String, @Nullable Object> given, String name, Faults faults, Check check) {
        Object section = given.get(name);
        if (section == null) {
            return Cost.NONE;
        }
        Component component = new Component(section, name, faults);
        Cost cost = check.of(component);
        sections.put(name, component.checked());
        return cost;
    }

    private static void bounded(Cost cost, String what, Faults faults) {
        if (cost.growth() > LARGEST_GROWTH) {
            faults.add(
                    what,
                    String.format(
                            java.util.Locale.ROOT,
                            "can make %.0f bytes of one, expected at most %.0f",
                            cost.growth(),
                            LARGEST_GROWTH));
        }
    }

    private static int longest(Cost cost) {
        return (int) Math.min(Math.min(LONGEST_TEXT, cost.longestText()), LARGEST_NORMALIZED / cost.growth());
    }

    /**
     * Checks the sections of a file.
     *
     * @param sections by name; a missing one stands for none
     * @param faults gets what is wrong with them
     */
    public static Pipeline of(Map<String, @Nullable Object> sections, Faults faults) {
        return new Pipeline(sections, faults);
    }

    /** The sections, with nothing in them but what was checked. */
    public Map<String, @Nullable Object> sections() {
        return sections;
    }

    /** The longest text in characters that can be encoded in bounded time. */
    public int longestText() {
        return longestText;
    }

    /**
     * How many tokens can be decoded at once.
     *
     * @param longestToken characters of the longest token
     */
    public int mostDecoded(int longestToken) {
        return Math.max(1, longestDecoded / Math.max(1, longestToken));
    }

    /** How many tokens the post-processor puts behind a text. */
    public int tokensAtEnd() {
        return tokensAtEnd;
    }

    Removals removals() {
        return removals;
    }

    double written() {
        return written;
    }
}
