package io.github.peft4j.models.text;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.InputFile;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where a checkpoint folder keeps its chat template: {@code chat_template.jinja}, or else {@code chat_template} of
 * {@code tokenizer_config.json} (a text, or a list of named ones), or else {@code chat_template.json}, as processors have it.
 *
 * @param file where it was found
 * @param source the template
 */
record ChatTemplateFile(Path file, String source) {

    /**
     * Finds the template, the one named "default" if there are several.
     *
     * @return the template, or null if the folder has none
     * @throws CheckpointException if a file is damaged, or none of several templates is the default
     */
    static @Nullable ChatTemplateFile find(Path folder) throws CheckpointException {
        Path own = folder.resolve("chat_template.jinja");
        String text = InputFile.textIfPresent(own, FolderJson.LIMITS.bytes());
        if (text != null) {
            return new ChatTemplateFile(own, text);
        }
        ChatTemplateFile found = in(folder.resolve("tokenizer_config.json"));
        return found != null ? found : in(folder.resolve("chat_template.json"));
    }

    private static @Nullable ChatTemplateFile in(Path file) throws CheckpointException {
        Object value = FolderJson.read(file).get("chat_template");
        return value == null
                ? null
                : new ChatTemplateFile(file, value instanceof String text ? text : named(value, file));
    }

    private static String named(Object value, Path file) throws CheckpointException {
        Map<String, String> templates = new TreeMap<>();
        for (Object item : value instanceof List<?> list ? list : Collections.singletonList(value)) {
            if (!(item instanceof Map<?, ?> entry)
                    || !(entry.get("name") instanceof String name)
                    || !(entry.get("template") instanceof String template)) {
                throw new CheckpointException(
                        file + ": chat_template must be text, or a list of objects with name and template");
            }
            templates.put(name, template);
        }
        String chosen = templates.get("default");
        if (chosen == null) {
            throw new CheckpointException(
                    file + ": of the chat templates " + templates.keySet() + " none is named default");
        }
        return chosen;
    }
}
