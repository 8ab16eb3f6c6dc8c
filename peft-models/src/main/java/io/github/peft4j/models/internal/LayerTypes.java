package io.github.peft4j.models.internal;

import io.github.peft4j.models.ConfigJson;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** Which layers of a model see all keys, and which a window of them: {@code layer_types}, or what an architecture has without it. */
public final class LayerTypes {

    /** A layer that sees all keys. */
    public static final String FULL = "full_attention";

    /** A layer with a window. */
    public static final String SLIDING = "sliding_attention";

    private LayerTypes() {}

    /**
     * For each layer whether it has a window.
     *
     * @param otherwise says it where there is no {@code layer_types}
     * @throws IllegalArgumentException if there is not one type per layer, or one that is not implemented
     */
    public static List<Boolean> sliding(ConfigJson json, IntPredicate otherwise) {
        int layers = json.integer("num_hidden_layers");
        List<String> types = json.texts("layer_types");
        if (types.isEmpty()) {
            return IntStream.range(0, layers).mapToObj(otherwise::test).toList();
        }
        if (types.size() != layers) {
            throw new IllegalArgumentException(json.source() + ": layer_types has " + types.size()
                    + " entries, expected num_hidden_layers, " + layers);
        }
        return types.stream().map(type -> isSliding(json, type)).toList();
    }

    private static boolean isSliding(ConfigJson json, String type) {
        return switch (type) {
            case FULL -> false;
            case SLIDING -> true;
            default ->
                throw new IllegalArgumentException(json.source() + ": layer type \"" + type
                        + "\" is not implemented; expected one of full_attention, sliding_attention");
        };
    }

    /** {@code sliding_window}: null means no window, 0 here, and absence the default. */
    public static int windowOr(int otherwise, ConfigJson json) {
        return json.isNull("sliding_window") ? 0 : json.integerOr(otherwise, "sliding_window");
    }

    /**
     * The window of each layer, 0 for none.
     *
     * @param sliding whether each layer has it
     * @param window its size; 0 where the config gives none
     * @param keys the keys that would give it, for the message
     * @throws IllegalArgumentException if a layer is to have a window and there is none
     */
    public static List<Integer> windows(ConfigJson json, List<Boolean> sliding, int window, String keys) {
        if (window == 0 && sliding.contains(true)) {
            throw new IllegalArgumentException(
                    json.source() + ": layer_types names sliding_attention, but " + keys + " no window");
        }
        return sliding.stream().map(is -> is ? window : 0).toList();
    }
}
