package io.github.peft4j.models.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.peft4j.models.checkpoint.CheckpointException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The special tokens as the model, not the tokenizer, names them: {@code generation_config.json}, or else {@code config.json}. They are
 * what generation goes by, also without a tokenizer. A chat model often names several that end its turn.
 *
 * @param begin the id that begins a text
 * @param ends the ids that end generation, in their order; empty if none is named
 * @param padding the id that fills up rows
 */
public record ModelTokens(OptionalInt begin, Set<Integer> ends, OptionalInt padding) {

    /**
     * Reads a checkpoint folder.
     *
     * @throws CheckpointException if a file is damaged
     */
    public static ModelTokens read(Path folder) throws CheckpointException {
        Path generation = folder.resolve("generation_config.json");
        ObjectNode first = JsonFile.read(generation);
        ObjectNode second = JsonFile.read(folder.resolve("config.json"));
        return new ModelTokens(
                first(ids(first, second, "bos_token_id", folder)),
                ids(first, second, "eos_token_id", folder),
                first(ids(first, second, "pad_token_id", folder)));
    }

    private static OptionalInt first(Set<Integer> ids) {
        return ids.stream().mapToInt(Integer::intValue).findFirst();
    }

    private static Set<Integer> ids(ObjectNode first, ObjectNode second, String key, Path folder)
            throws CheckpointException {
        JsonNode value = first.hasNonNull(key) ? first.get(key) : second.get(key);
        Set<Integer> ids = new LinkedHashSet<>();
        if (value == null || value.isNull()) {
            return ids;
        }
        for (JsonNode id : value.isArray() ? value : java.util.List.of(value)) {
            if (!id.canConvertToInt() || !id.isIntegralNumber()) {
                throw new CheckpointException(
                        folder + ": " + key + " must be a token id or a list of them, got " + value);
            }
            if (id.intValue() >= 0) {
                ids.add(id.intValue());
            }
        }
        return ids;
    }
}
