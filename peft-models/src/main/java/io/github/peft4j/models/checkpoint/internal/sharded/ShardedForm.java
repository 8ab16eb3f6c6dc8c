package io.github.peft4j.models.checkpoint.internal.sharded;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.checkpoint.internal.CheckpointForm;
import java.nio.file.Path;
import java.util.List;

/** Indexes of checkpoints in several files. */
public final class ShardedForm implements CheckpointForm {

    /** For the registry of forms. */
    public ShardedForm() {}

    @Override
    public List<String> endings() {
        return List.of(".index.json");
    }

    @Override
    public Checkpoint open(Path file) throws CheckpointException {
        return ShardedCheckpoint.open(file);
    }
}
