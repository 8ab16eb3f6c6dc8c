package io.github.peft4j.models.text.template;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.FileProblem;
import io.github.peft4j.models.checkpoint.internal.InputFile;
import io.github.peft4j.models.checkpoint.internal.UntrustedFolder;
import io.github.peft4j.models.internal.json.JsonKind;
import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.models.text.internal.folder.FolderJson;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Where a checkpoint folder keeps its chat template, as transformers looks for it: {@code chat_template.jinja} and
 * {@code additional_chat_templates/NAME.jinja}; where there are none of these, {@code chat_template} of {@code tokenizer_config.json} (a
 * text, a list of objects with name and template, or an object of templates by name); or else {@code chat_template.json}, as processors
 * have it. Of several the one named "default" is taken, as transformers does where there are no tools.
 *
 * @param file where it was found
 * @param source the template
 * @see <a href="https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/tokenization_utils_base.py">get_chat_template</a>
 */
record ChatTemplateFile(Path file, String source) {

    private static final String DEFAULT = "default";

    private static final String KEY = "chat_template";

    private static final String MORE = "additional_chat_templates";

    /**
     * Finds the template.
     *
     * @return the template, or null if the folder has none
     * @throws CheckpointException if a file is damaged, or none of several templates is the default
     */
    static @Nullable ChatTemplateFile find(Path folder) throws CheckpointException {
        Map<String, Path> files = files(folder);
        if (!files.isEmpty()) {
            Path file = files.get(DEFAULT);
            if (file == null) {
                throw noDefault(folder.toString(), files);
            }
            return new ChatTemplateFile(file, InputFile.text(file, FolderJson.LIMITS.bytes()));
        }
        ChatTemplateFile found = in(FolderJson.read(folder, "tokenizer_config.json"));
        return found != null ? found : in(FolderJson.read(folder, "chat_template.json"));
    }

    /** The files by the name of their template; an additional one comes before the one beside it. */
    private static Map<String, Path> files(Path folder) throws CheckpointException {
        Map<String, Path> files = new TreeMap<>();
        Path own = UntrustedFolder.file(folder, "chat_template.jinja");
        if (Files.exists(own)) {
            files.put(DEFAULT, own);
        }
        Path more = UntrustedFolder.file(folder, MORE);
        if (Files.isDirectory(more)) {
            try (DirectoryStream<Path> found = Files.newDirectoryStream(more, "*.jinja")) {
                for (Path file : found) {
                    String name = String.valueOf(file.getFileName());
                    files.put(
                            name.substring(0, name.length() - ".jinja".length()),
                            UntrustedFolder.file(folder, MORE + "/" + name));
                }
            } catch (IOException e) {
                throw new CheckpointException("cannot read the folder " + more + ": " + FileProblem.of(e), e);
            }
        }
        return files;
    }

    private static @Nullable ChatTemplateFile in(FolderJson json) throws CheckpointException {
        Path file = json.file();
        Object value = json.get(KEY);
        if (value == null || value instanceof String) {
            return value == null ? null : new ChatTemplateFile(file, (String) value);
        }
        Map<String, @Nullable Object> named = named(value, file);
        if (!named.containsKey(DEFAULT)) {
            throw noDefault(file.toString(), named);
        }
        if (named.get(DEFAULT) instanceof String template) {
            return new ChatTemplateFile(file, template);
        }
        throw new CheckpointException(
                file + ": the chat template named default must be text, got " + JsonKind.described(named.get(DEFAULT)));
    }

    private static Map<String, @Nullable Object> named(Object value, Path file) throws CheckpointException {
        Map<String, @Nullable Object> named = new LinkedHashMap<>();
        if (value instanceof Map<?, ?> byName) {
            byName.forEach((name, template) -> named.put(String.valueOf(name), template));
            return named;
        }
        if (!(value instanceof List<?> list)) {
            throw malformed(file, "got " + JsonKind.described(value));
        }
        for (Object item : list) {
            if (!(item instanceof Map<?, ?> entry)
                    || !(entry.get("name") instanceof String name)
                    || !entry.containsKey("template")) {
                throw malformed(file, "found " + JsonWriter.shown(item) + " in the list");
            }
            named.put(name, entry.get("template"));
        }
        return named;
    }

    private static CheckpointException malformed(Path file, String found) {
        return new CheckpointException(file + ": " + KEY
                + " must be text, a list of objects with name and template, or an object of templates by name; "
                + found);
    }

    private static CheckpointException noDefault(String where, Map<String, ?> named) {
        return new CheckpointException(where + " has the chat templates "
                + JsonWriter.shown(new TreeSet<>(named.keySet())) + ", but none is named default");
    }
}
