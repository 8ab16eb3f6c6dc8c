package io.github.peft4j.methods.lora;

import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The text of a config file with its lists in order that Hugging Face keeps as sets: those it writes in no particular order. */
final class ConfigText {

    private static final Pattern SET =
            Pattern.compile("(?<=\"(?:target|exclude)_modules\": \\[\n)[^]]*(?=\n  \\])");

    private ConfigText() {}

    static String sorted(String text) {
        return SET.matcher(text).replaceAll(set -> Matcher.quoteReplacement(Arrays.stream(set.group().split(",\n"))
                .sorted()
                .collect(Collectors.joining(",\n"))));
    }
}
