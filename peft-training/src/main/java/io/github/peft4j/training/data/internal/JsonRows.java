package io.github.peft4j.training.data.internal;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.json.JsonException;
import io.github.peft4j.models.internal.json.JsonKind;
import io.github.peft4j.models.internal.json.JsonLimits;
import io.github.peft4j.models.internal.json.JsonReader;
import io.github.peft4j.models.internal.json.JsonTree;
import io.github.peft4j.training.data.internal.RowException.Problem;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Objects of JSON in UTF-8: one in each line (JSON Lines), where lines of white space are nothing; or a file that is one list of them, as
 * many published data sets are. Which of both it is says the first character, not the name. Either may be larger than memory.
 */
final class JsonRows implements RowFormat {

    /** A row of a million tokens has a third of it. */
    private static final JsonLimits LIMITS = JsonLimits.ofBytes(32 << 20);

    /** Where an error leaves it open where the next row begins. */
    private static final String NOT_READ = "; what follows in this file was not read";

    /** How far a list may be from the beginning of the file. */
    private static final int LOOK_AHEAD = 1 << 12;

    @Override
    public List<String> extensions() {
        return List.of(".jsonl", ".ndjson", ".json");
    }

    @Override
    public void read(Path file, RowConsumer rows) throws IOException {
        try (BufferedInputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            if (isList(in)) {
                list(in, rows);
            } else {
                lines(file, in, rows);
            }
        }
    }

    private static boolean isList(BufferedInputStream in) throws IOException {
        in.mark(LOOK_AHEAD);
        byte[] start = in.readNBytes(LOOK_AHEAD);
        in.reset();
        int at = hasMark(start) ? 3 : 0;
        while (at < start.length && isSpace(start[at])) {
            at++;
        }
        return at < start.length && start[at] == '[';
    }

    private static boolean hasMark(byte[] text) {
        return text.length >= 3 && text[0] == (byte) 0xef && text[1] == (byte) 0xbb && text[2] == (byte) 0xbf;
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || (b >= '\t' && b <= '\r');
    }

    private static void list(InputStream in, RowConsumer rows) throws IOException {
        try {
            JsonReader json = JsonReader.of(in, LIMITS);
            json.beginList();
            while (json.nextItem()) {
                json.peek();
                long line = json.line();
                take(JsonTree.next(json), line, rows);
            }
            json.end();
        } catch (JsonException e) {
            rows.problem(e.line(), notJson(e, NOT_READ));
        }
    }

    private static void lines(Path file, InputStream in, RowConsumer rows) throws IOException {
        LineReader lines = new LineReader(file, in, LIMITS.bytes());
        for (byte[] line = lines.next(); line != null; line = lines.next()) {
            if (isBlank(line, lines.number() == 1 && hasMark(line) ? 3 : 0)) {
                continue;
            }
            try {
                take(JsonTree.parse(line, LIMITS), lines.number(), rows);
            } catch (JsonException e) {
                if (opens(line)) {
                    rows.problem(
                            lines.number(),
                            notJson(e, "; expected a whole object in each line, or one list" + NOT_READ));
                    return;
                }
                rows.problem(lines.number(), notJson(e, ""));
            }
        }
    }

    private static boolean isBlank(byte[] line, int from) {
        int at = from;
        while (at < line.length && isSpace(line[at])) {
            at++;
        }
        return at == line.length;
    }

    /** Whether a line begins an object that goes on in the next, as where rows are indented. */
    private static boolean opens(byte[] line) {
        return isBlank(line, 1) && line[0] == '{';
    }

    private static RowException notJson(JsonException e, String remedy) {
        return new RowException(Problem.NOT_JSON, e.problem() + " at column " + e.column() + remedy);
    }

    private static void take(@Nullable Object value, long line, RowConsumer rows)
            throws CheckpointException, DataException {
        if (value instanceof Map<?, ?> object) {
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            object.forEach((key, field) -> fields.put(String.valueOf(key), field));
            rows.row(line, new FileRow(fields));
        } else {
            rows.problem(
                    line, new RowException(Problem.NOT_JSON, "expected an object, got " + JsonKind.described(value)));
        }
    }
}
