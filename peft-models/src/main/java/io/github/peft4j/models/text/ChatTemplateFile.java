package io.github.peft4j.models.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.peft4j.models.checkpoint.CheckpointException;
import java.nio.file.Path;
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
        String text = JsonFile.text(own);
        if (text != null) {
            return new ChatTemplateFile(own, text);
        }
        ChatTemplateFile found = in(folder.resolve("tokenizer_config.json"));
        return found != null ? found : in(folder.resolve("chat_template.json"));
    }

    private static @Nullable ChatTemplateFile in(Path file) throws CheckpointException {
        ObjectNode json = JsonFile.read(file);
        JsonNode value = json.get("chat_template");
        if (value == null || value.isNull()) {
            return null;
        }
        return new ChatTemplateFile(file, value.isTextual() ? value.textValue() : named(value, file));
    }

    private static String named(JsonNode list, Path file) throws CheckpointException {
        Map<String, String> templates = new TreeMap<>();
        for (JsonNode item : list) {
            JsonNode name = item.path("name");
            JsonNode template = item.path("template");
            if (!name.isTextual() || !template.isTextual()) {
                throw new CheckpointException(
                        file + ": chat_template must be text, or a list of objects with name and template");
            }
            templates.put(name.textValue(), template.textValue());
        }
        String chosen = templates.get("default");
        if (chosen == null) {
            throw new CheckpointException(
                    file + ": of the chat templates " + templates.keySet() + " none is named default");
        }
        return chosen;
    }
}
