package io.github.peft4j.models.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.peft4j.models.checkpoint.CheckpointException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Which class transformers 5.23 makes a tokenizer of ({@code tokenization_auto.py}), as the table {@code tokenizer-classes.json} has it: for each
 * class that it does not take as {@code tokenizer.json} describes it, how it is built; the classes for which this file is not all; and the class of
 * each {@code model_type}.
 */
final class TokenizerClasses {

    private static final JsonNode TABLE = read();

    private TokenizerClasses() {}

    private static JsonNode read() {
        try (InputStream in = TokenizerClasses.class.getResourceAsStream("tokenizer-classes.json")) {
            return new ObjectMapper().readTree(in);
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
    static TokenizerClass of(@Nullable String declared, @Nullable String modelType, boolean byteLevel, Path file)
            throws CheckpointException {
        String chosen = chosen(declared == null || declared.isEmpty() ? null : plain(declared), modelType, byteLevel);
        JsonNode refused = TABLE.path("refused").path(chosen);
        if (refused.isTextual()) {
            throw new CheckpointException(file + ": tokenizer_class " + chosen + " is not supported: it "
                    + refused.textValue() + ". If tokenizer.json is all there is to it, set tokenizer_class to"
                    + " PreTrainedTokenizerFast");
        }
        JsonNode spec = TABLE.path("classes").path(chosen);
        while (spec.has("same_as")) {
            spec = TABLE.path("classes").path(spec.get("same_as").textValue());
        }
        return spec.isMissingNode() ? TokenizerClass.AS_WRITTEN : new TokenizerClass(chosen, spec);
    }

    private static String plain(String name) {
        // The one class of which both exist.
        return name.endsWith("Fast") && !name.equals("CpmTokenizerFast") ? name.substring(0, name.length() - 4) : name;
    }

    /** A name; that of a class which is not in the table stands for a tokenizer as its file describes it. */
    private static String chosen(@Nullable String declared, @Nullable String modelType, boolean byteLevel) {
        String registered = modelType == null
                ? null
                : TABLE.path("model_types").path(modelType).textValue();
        if (declared == null) {
            return registered == null ? "" : registered;
        }
        boolean wrong = isAmong(TABLE.path("types_with_wrong_classes"), modelType);
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

    private static boolean isAmong(JsonNode list, @Nullable String text) {
        for (JsonNode item : list) {
            if (item.textValue().equals(text)) {
                return true;
            }
        }
        return false;
    }
}
