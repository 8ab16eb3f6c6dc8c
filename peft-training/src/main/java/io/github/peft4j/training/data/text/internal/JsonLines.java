package io.github.peft4j.training.data.text.internal;

import io.github.peft4j.models.internal.json.JsonException;
import io.github.peft4j.models.internal.json.JsonReader;
import io.github.peft4j.training.data.RowSource.Cursor;
import io.github.peft4j.training.data.RowSource.Item;
import io.github.peft4j.training.data.RowSource.Position;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Objects of JSON, one in each line. Places are counted in bytes, so that reading goes on from the middle at once. */
final class JsonLines implements Cursor {

    private final LineReader lines;
    private boolean ended;

    private JsonLines(LineReader lines) {
        this.lines = lines;
    }

    static JsonLines open(TextFile text, Position from) throws IOException {
        return new JsonLines(LineReader.open(text, from, JsonRows.LIMITS.bytes()));
    }

    @Override
    public @Nullable Item next() throws IOException {
        if (ended) {
            return null;
        }
        byte[] line = lines.next();
        while (line != null && Spaces.skipped(line, lines.mark(line)) == line.length) {
            line = lines.next();
        }
        return line == null ? null : item(line);
    }

    private Item item(byte[] line) throws IOException {
        long number = lines.position().line();
        try {
            JsonReader json = JsonReader.of(line, JsonRows.LIMITS);
            Item item = JsonRows.item(json, number);
            json.end();
            return item;
        } catch (JsonException e) {
            ended = opens(line);
            return JsonRows.bad(
                    e, number, ended ? "; expected a whole object in each line, or one list" + JsonRows.NOT_READ : "");
        }
    }

    /** Whether a line begins an object that goes on in the next, as where rows are indented. */
    private static boolean opens(byte[] line) {
        int first = Spaces.skipped(line, 0);
        return first < line.length && line[first] == '{' && Spaces.skipped(line, first + 1) == line.length;
    }

    @Override
    public Position position() {
        return ended ? TextFile.END : lines.position();
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
