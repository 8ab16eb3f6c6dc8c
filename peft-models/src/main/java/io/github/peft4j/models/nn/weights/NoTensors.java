package io.github.peft4j.models.nn.weights;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Set;

/** A checkpoint that holds nothing: a model built from it has weights of the right shapes with no memory behind them. */
final class NoTensors implements Checkpoint {

    @Override
    public Set<String> names() {
        return Set.of();
    }

    @Override
    public TensorInfo info(String name) throws CheckpointException {
        throw absent(name);
    }

    @Override
    public ByteBuffer bytes(String name) throws CheckpointException {
        throw absent(name);
    }

    @Override
    public ByteBuffer rows(String name, long from, long to) throws CheckpointException {
        throw absent(name);
    }

    @Override
    public boolean inPlace(String name) throws CheckpointException {
        throw absent(name);
    }

    @Override
    public Path source(String name) throws CheckpointException {
        throw absent(name);
    }

    private static CheckpointException absent(String name) {
        return new CheckpointException("no tensor " + name + ": only the shapes of this model are known");
    }

    @Override
    public void close() {}
}
