package io.github.peft4j.methods.internal.layers;

import io.github.peft4j.core.config.Setting;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The setting {@code bias}: which of the model's own biases are trained. */
public final class BiasSetting {

    private BiasSetting() {}

    /**
     * The setting.
     *
     * @param choices the constants, in words of a method; the first is the default
     */
    public static <E extends Enum<E>> Setting<E> of(E[] choices) {
        String shown = Stream.of(choices).map(BiasSetting::json).collect(Collectors.joining("`, `", "`", "`"));
        return Setting.text("bias", json(choices[0]), "the model's own biases that are trained: " + shown)
                .as(name -> named(choices, name), BiasSetting::json);
    }

    private static String json(Enum<?> choice) {
        return choice.name().toLowerCase(Locale.ROOT);
    }

    private static <E extends Enum<E>> E named(E[] choices, String name) {
        return Stream.of(choices)
                .filter(choice -> json(choice).equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "Requested bias: " + name + ", is not implemented. Expected " + expected(choices) + "."));
    }

    private static String expected(Enum<?>[] choices) {
        int last = choices.length - 1;
        return IntStream.range(0, last).mapToObj(i -> json(choices[i])).collect(Collectors.joining(", ")) + " or "
                + json(choices[last]);
    }
}
