package io.github.peft4j.models.checkpoint.internal.safetensors;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.checkpoint.internal.CheckpointForm;
import java.nio.file.Path;
import java.util.List;

/** Files of safetensors. */
public final class SafetensorsForm implements CheckpointForm {

    /** For the registry of forms. */
    public SafetensorsForm() {}

    @Override
    public List<String> endings() {
        return List.of(".safetensors");
    }

    @Override
    public Checkpoint open(Path file) throws CheckpointException {
        return SafetensorsFile.open(file);
    }
}
