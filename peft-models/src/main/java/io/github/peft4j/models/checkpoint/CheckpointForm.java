package io.github.peft4j.models.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which reader a file needs, and which file of a folder is its checkpoint. */
final class CheckpointForm {

    /** The files a model folder may hold its weights in, best first; the order of transformers. */
    private static final List<String> IN_FOLDER = List.of(
            "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json");

    private static final List<String> PICKLE_ENDINGS = List.of(".bin", ".pt", ".pth");

    private CheckpointForm() {}

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
        if (name.endsWith(".safetensors")) {
            return SafetensorsFile.open(file);
        }
        if (name.endsWith(".index.json")) {
            return ShardedCheckpoint.open(file);
        }
        if (PICKLE_ENDINGS.stream().anyMatch(name::endsWith)) {
            return PickleCheckpoint.open(file);
        }
        throw new CheckpointException(
                file + " is not a known form of checkpoint: expected a name that ends in .safetensors, "
                        + ".index.json, " + String.join(", ", PICKLE_ENDINGS));
    }
}
