package io.github.peft4j.training.data.text.internal;

import io.github.peft4j.training.data.RowSource;
import io.github.peft4j.training.data.RowSource.Cursor;
import io.github.peft4j.training.data.RowSource.Item;
import io.github.peft4j.training.data.RowSource.Position;
import io.github.peft4j.training.data.internal.DataException;
import io.github.peft4j.training.data.internal.RowSources;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Plain text in UTF-8: each line that is not blank is a row of one {@value #TEXT}. */
public final class TextLines implements Cursor {

    /** What a row has. */
    public static final String TEXT = "text";

    private static final int LONGEST = 32 << 20;

    private final LineReader lines;

    private TextLines(LineReader lines) {
        this.lines = lines;
    }

    /**
     * The lines of a file, whatever its name.
     *
     * @throws DataException if there is no such file
     */
    public static RowSource of(Path file) throws DataException {
        RowSources.requireRegular(file);
        return source(file);
    }

    static RowSource source(Path file) {
        return new TextFile(file, (text, from) -> new TextLines(LineReader.open(text, from, LONGEST)));
    }

    @Override
    public @Nullable Item next() throws IOException {
        for (byte[] line = lines.next(); line != null; line = lines.next()) {
            long number = lines.position().line();
            try {
                String text = lines.decoded(line);
                if (!text.isBlank()) {
                    return Item.of(number, Map.of(TEXT, text));
                }
            } catch (CharacterCodingException e) {
                return Item.unreadable(number, "the text is not valid UTF-8");
            }
        }
        return null;
    }

    @Override
    public Position position() {
        return lines.position();
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
