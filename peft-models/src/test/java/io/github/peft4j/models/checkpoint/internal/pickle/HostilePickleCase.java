package io.github.peft4j.models.checkpoint.internal.pickle;

import io.github.peft4j.models.checkpoint.CheckpointException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** Pickles that are read as from a file. */
abstract class HostilePickleCase {

    static final Path NAME = Path.of("pytorch_model.bin");

    static final long[] FOUR = {4};

    static final long[] ONE = {1};

    @TempDir
    Path folder;

    static Object load(byte[] pickle) throws CheckpointException {
        return new Unpickler(new PickleInput(NAME, ByteBuffer.wrap(pickle))).load();
    }
}
