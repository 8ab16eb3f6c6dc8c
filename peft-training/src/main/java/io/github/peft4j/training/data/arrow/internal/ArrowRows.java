package io.github.peft4j.training.data.arrow.internal;

import io.github.peft4j.training.data.RowSource;
import io.github.peft4j.training.data.internal.RowFormat;
import io.github.peft4j.training.data.internal.RowSources;
import java.nio.file.Path;
import java.util.List;

/** Files of Arrow's IPC format, streams and files; Feather's second version is the latter. */
public final class ArrowRows implements RowFormat {

    @Override
    public List<String> extensions() {
        return List.of(".arrow", ".feather");
    }

    @Override
    public RowSource source(Path file, RowSources.Options options) {
        return new ArrowSource(file);
    }
}
