package io.github.peft4j.models.checkpoint.internal.pickle;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.checkpoint.internal.CheckpointForm;
import java.nio.file.Path;
import java.util.List;

/** Files that torch.save wrote. */
public final class PickleForm implements CheckpointForm {

    /** For the registry of forms. */
    public PickleForm() {}

    @Override
    public List<String> endings() {
        return List.of(".bin", ".pt", ".pth");
    }

    @Override
    public Checkpoint open(Path file) throws CheckpointException {
        return PickleCheckpoint.open(file);
    }
}
