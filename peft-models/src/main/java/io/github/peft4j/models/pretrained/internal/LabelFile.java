package io.github.peft4j.models.pretrained.internal;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.classification.SequenceClassification;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.internal.json.JsonWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a head's outputs are called, and what they are, beside an adapter: {@code id2label}, {@code label2id} and {@code problem_type} of a
 * {@code config.json}. PEFT's files have no place for them, and PEFT and transformers leave a file of this name alone.
 */
public final class LabelFile {

    /** Its name. */
    public static final String NAME = "labels.json";

    private static final String NAMES = "id2label";
    private static final String TYPE = "problem_type";

    private LabelFile() {}

    /** Its text. */
    public static String text(Map<String, Object> told) {
        return JsonWriter.FILE.write(told) + "\n";
    }

    /**
     * What the one in a folder says, as values of a config; nothing if there is none.
     *
     * @throws CheckpointException if it is no such file, names are no texts or two are the same, numbers are missing, or there is no such type
     */
    public static Map<String, Object> read(Path folder) throws CheckpointException {
        ConfigJson json = ConfigJson.readIfPresent(folder, NAME);
        Map<String, Object> told = new LinkedHashMap<>();
        if (json == null) {
            return told;
        }
        try {
            ConfigJson names = json.object(NAMES);
            if (names != null && names.isEmpty()) {
                throw new IllegalArgumentException(NAMES + " must name at least one label");
            }
            if (names != null) {
                Map<String, Object> counted = Map.of("num_labels", names.keys().size());
                told.putAll(SequenceHead.Labels.of(json.with(counted)).config());
            }
            String type = json.textOrNull(TYPE);
            if (type != null) {
                told.put(TYPE, SequenceClassification.ProblemType.of(type).text());
            }
            return told;
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            throw new CheckpointException(
                    message.contains(json.source()) ? message : json.source() + ": " + message, e);
        }
    }
}
