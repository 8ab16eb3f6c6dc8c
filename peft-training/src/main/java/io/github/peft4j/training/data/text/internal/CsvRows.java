package io.github.peft4j.training.data.text.internal;

import io.github.peft4j.training.data.RowSource;
import io.github.peft4j.training.data.internal.RowFormat;
import io.github.peft4j.training.data.internal.RowSources;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * Values separated by commas ({@code .csv}) or tabs ({@code .tsv}), in UTF-8, with a line of names first: RFC 4180, with any line ends. All values are
 * text.
 */
public final class CsvRows implements RowFormat {

    private static final String COMMAS = ".csv";
    private static final String TABS = ".tsv";

    @Override
    public List<String> extensions() {
        return List.of(COMMAS, TABS);
    }

    @Override
    public List<String> compressions() {
        return Compression.endings();
    }

    @Override
    public RowSource source(Path file, RowSources.Options options) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        char usual = name.contains(TABS) && !name.contains(COMMAS) ? '\t' : ',';
        char delimiter = Objects.requireNonNullElse(options.delimiter(), usual);
        return new TextFile(file, (text, from) -> CsvCursor.open(text, from, delimiter));
    }
}
