package io.github.peft4j.models.checkpoint.internal;

import io.github.peft4j.models.checkpoint.CheckpointException;
import java.nio.file.Path;
import java.util.List;

/**
 * A form in which tensors lie on disk. Found among the services of this type by how a file's name ends, so that another form is one more service.
 */
public interface CheckpointForm {

    /** How the names of such files end, for example {@code .safetensors}. */
    List<String> endings();

    /**
     * Opens a file of this form.
     *
     * @return the open checkpoint; the caller closes it
     * @throws CheckpointException if the file is damaged
     */
    Checkpoint open(Path file) throws CheckpointException;

    /**
     * Opens a file by the form that its name ends in.
     *
     * @return the open checkpoint; the caller closes it
     * @throws CheckpointException if no form has such names, or the file is damaged
     */
    static Checkpoint openFile(Path file) throws CheckpointException {
        return CheckpointForms.openFile(file);
    }
}
