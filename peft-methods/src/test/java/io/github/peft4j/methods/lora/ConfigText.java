package io.github.peft4j.methods.lora;

import io.github.peft4j.core.config.internal.ConfigValues;
import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.models.checkpoint.CheckpointException;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The text of a config file with its lists in order that Hugging Face keeps as sets: those it writes in no particular order. */
final class ConfigText {

    private static final Pattern SET = Pattern.compile("(?<=\"(?:target|exclude)_modules\": \\[\n)[^]]*(?=\n  \\])");

    private ConfigText() {}

    /** The values of a case's config. */
    public static ConfigValues values(GoldenCase given) {
        try {
            return AdapterStore.values(given.folder().resolve(AdapterStore.CONFIG));
        } catch (CheckpointException e) {
            throw new AssertionError(e);
        }
    }

    public static String sorted(String text) {
        return SET.matcher(text)
                .replaceAll(set -> Matcher.quoteReplacement(
                        Arrays.stream(set.group().split(",\n")).sorted().collect(Collectors.joining(",\n"))));
    }
}
