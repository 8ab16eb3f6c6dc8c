package io.github.peft4j.models.text.internal.folder;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.json.JsonLimits;
import io.github.peft4j.models.internal.json.JsonTree;
import io.github.peft4j.models.internal.json.JsonValues;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which class transformers 5.23 makes a tokenizer of ({@code tokenization_auto.py}), as the table {@code tokenizer-classes.json} has it: for each
 * class that it does not take as {@code tokenizer.json} describes it, how it is built; the classes for which this file is not all; and the class of
 * each {@code model_type}.
 */
public final class TokenizerClasses {

    private static final Map<String, @Nullable Object> TABLE = read();

    private TokenizerClasses() {}

    private static Map<String, @Nullable Object> read() {
        try (InputStream in = TokenizerClasses.class.getResourceAsStream("tokenizer-classes.json")) {
            byte[] table = Objects.requireNonNull(in).readAllBytes();
            return JsonValues.object(JsonTree.parse(table, JsonLimits.ofBytes(table.length)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The class that transformers chooses.
     *
     * @param declared {@code tokenizer_class} of {@code tokenizer_config.json}, or else of {@code config.json}
     * @param modelType {@code model_type} of {@code config.json}
     * @param byteLevel whether {@code tokenizer.json} mentions ByteLevel
     * @param file for messages
     * @throws CheckpointException if it is a class that needs more than {@code tokenizer.json}
     */
    public static TokenizerClass of(@Nullable String declared, @Nullable String modelType, boolean byteLevel, Path file)
            throws CheckpointException {
        String chosen = chosen(declared == null || declared.isEmpty() ? null : plain(declared), modelType, byteLevel);
        if (JsonValues.at(TABLE.get("refused"), chosen) instanceof String reason) {
            throw new CheckpointException(file + ": tokenizer_class " + chosen + " is not supported: it "
                    + reason + ". If tokenizer.json is all there is to it, set tokenizer_class to"
                    + " PreTrainedTokenizerFast");
        }
        Object spec = JsonValues.at(TABLE.get("classes"), chosen);
        Map<String, @Nullable Object> own = new LinkedHashMap<>();
        while (JsonValues.at(spec, "same_as") instanceof String other) {
            JsonValues.object(spec).forEach(own::putIfAbsent);
            spec = JsonValues.at(TABLE.get("classes"), other);
        }
        if (spec == null) {
            return TokenizerClass.AS_WRITTEN;
        }
        JsonValues.object(spec).forEach(own::putIfAbsent);
        return new TokenizerClass(chosen, own);
    }

    private static String plain(String name) {
        // The one class of which both exist.
        return name.endsWith("Fast") && !name.equals("CpmTokenizerFast") ? name.substring(0, name.length() - 4) : name;
    }

    /** A name; that of a class which is not in the table stands for a tokenizer as its file describes it. */
    private static String chosen(@Nullable String declared, @Nullable String modelType, boolean byteLevel) {
        Object named = modelType == null ? null : JsonValues.at(TABLE.get("model_types"), modelType);
        String registered = named instanceof String text ? text : null;
        if (declared == null) {
            return registered == null ? "" : registered;
        }
        boolean wrong = JsonValues.list(TABLE.get("types_with_wrong_classes")).contains(modelType);
        if (declared.equals("LlamaTokenizer") && byteLevel && !wrong) {
            return "";
        } else if (registered == null || registered.equals(declared)) {
            return declared;
        } else if (registered.equals("TokenizersBackend")) {
            return registered;
        }
        // Published configs of some types name wrong classes, so transformers does not believe them.
        return wrong ? registered : declared;
    }
}
