package io.github.peft4j.training.data.text.internal;

import io.github.peft4j.training.data.RowSource;
import io.github.peft4j.training.data.internal.RowFormat;
import io.github.peft4j.training.data.internal.RowSources;
import java.nio.file.Path;
import java.util.List;

/** Plain text ({@code .txt}): each line that is not blank is a row of one {@code text}. */
public final class TextRows implements RowFormat {

    @Override
    public List<String> extensions() {
        return List.of(".txt");
    }

    @Override
    public List<String> compressions() {
        return Compression.endings();
    }

    @Override
    public RowSource source(Path file, RowSources.Options options) {
        return TextLines.source(file);
    }
}
