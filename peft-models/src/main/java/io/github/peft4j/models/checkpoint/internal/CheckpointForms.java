package io.github.peft4j.models.checkpoint.internal;

import io.github.peft4j.models.checkpoint.CheckpointException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Which reader a file needs, and which file of a folder is its checkpoint. */
final class CheckpointForms {

    /** The files a model folder may hold its weights in, best first; the order of transformers. */
    private static final List<String> IN_FOLDER = List.of(
            "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json");

    /** Found once, when the first file is opened. */
    private static final class Found {
        private static final List<CheckpointForm> ALL = all();

        private static List<CheckpointForm> all() {
            List<CheckpointForm> forms = new ArrayList<>();
            ServiceLoader.load(CheckpointForm.class, CheckpointForms.class.getClassLoader())
                    .forEach(forms::add);
            return List.copyOf(forms);
        }
    }

    private CheckpointForms() {}

    static Checkpoint open(Path folderOrFile) throws CheckpointException {
        if (!Files.exists(folderOrFile)) {
            throw new CheckpointException("no such file or folder: " + folderOrFile);
        }
        if (!Files.isDirectory(folderOrFile)) {
            return openFile(folderOrFile);
        }
        for (String name : IN_FOLDER) {
            Path file = UntrustedFolder.file(folderOrFile, name);
            if (Files.exists(file)) {
                return openFile(file);
            }
        }
        throw new CheckpointException(
                "no checkpoint in " + folderOrFile + ": expected one of " + String.join(", ", IN_FOLDER));
    }

    static Checkpoint openFile(Path file) throws CheckpointException {
        @Nullable Path last = file.getFileName();
        String name = last == null ? "" : last.toString();
        for (CheckpointForm form : Found.ALL) {
            if (form.endings().stream().anyMatch(name::endsWith)) {
                return form.open(file);
            }
        }
        throw new CheckpointException(file + " is not a known form of checkpoint: expected a name that ends in "
                + Found.ALL.stream().flatMap(form -> form.endings().stream()).collect(Collectors.joining(", ")));
    }
}
