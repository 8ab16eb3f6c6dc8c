package io.github.peft4j.training.data.text.internal;

import de.siegmar.fastcsv.reader.CloseableIterator;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.CsvRecordHandler;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.training.data.RowSource.Cursor;
import io.github.peft4j.training.data.RowSource.Item;
import io.github.peft4j.training.data.RowSource.Position;
import io.github.peft4j.training.data.internal.DataException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PushbackInputStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Rows of CSV. Places are counted in rows: whoever goes on from the middle passes over those before. */
final class CsvCursor implements Cursor {

    /** Characters of a row, and so of a value. */
    private static final int LONGEST = 32 << 20;

    private static final int MOST_COLUMNS = 16_384;

    private static final Pattern LINE =
            Pattern.compile(" \\(record starting at line (\\d+)\\)| in record starting at line (\\d+)"
                    + "|Record starting at line (\\d+) has ");

    private final TextFile text;
    private final CloseableIterator<CsvRecord> records;
    private final List<String> names;
    private Position position = Position.START;
    private boolean ended;

    private CsvCursor(TextFile text, CloseableIterator<CsvRecord> records, char delimiter) throws IOException {
        this.text = text;
        this.records = records;
        try {
            this.names = records.hasNext() ? header(text.name(), records.next().getFields(), delimiter) : List.of();
        } catch (CsvParseException e) {
            throw new DataException(text.name() + ": " + e.getMessage(), e);
        } catch (UncheckedIOException e) {
            throw problem(e);
        }
    }

    static CsvCursor open(TextFile text, Position from, char delimiter) throws IOException {
        CloseableIterator<CsvRecord> records = CsvReader.builder()
                .fieldSeparator(delimiter)
                .maxBufferSize(LONGEST)
                .allowUnclosedQuote(false)
                .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                .build(
                        CsvRecordHandler.builder()
                                .maxFields(MOST_COLUMNS)
                                .maxFieldSize(LONGEST)
                                .maxRecordSize(LONGEST)
                                .build(),
                        reader(text.from(0)))
                .iterator();
        try {
            CsvCursor cursor = new CsvCursor(text, records, delimiter);
            while (cursor.position.offset() < from.offset() && cursor.next() != null) {
                // What was read before.
            }
            return cursor;
        } catch (IOException | RuntimeException e) {
            records.close();
            throw e;
        }
    }

    /** Characters of UTF-8 behind its mark; bytes that are none are an error. */
    private static Reader reader(InputStream text) throws IOException {
        PushbackInputStream in = new PushbackInputStream(text, 3);
        byte[] start = in.readNBytes(3);
        int mark = Spaces.mark(start);
        in.unread(start, mark, start.length - mark);
        return new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder());
    }

    private static List<String> header(String file, List<String> names, char delimiter) throws DataException {
        Set<String> seen = new LinkedHashSet<>();
        Set<String> twice = new LinkedHashSet<>();
        names.stream().filter(name -> !seen.add(name)).forEach(twice::add);
        String found = file + ": the first line must name the columns; ";
        if (names.size() == 1 && names.get(0).chars().anyMatch(c -> c != delimiter && ";,\t|".indexOf(c) >= 0)) {
            throw new DataException(
                    found + "it is one name, " + JsonWriter.shown(names.get(0)) + ", as columns are separated by "
                            + shown(delimiter) + ". If something else separates them, say so as the delimiter");
        }
        if (seen.contains("")) {
            throw new DataException(
                    found + "column " + (names.indexOf("") + 1) + " of " + names.size() + " has no name");
        }
        if (!twice.isEmpty()) {
            throw new DataException(found + "it has more than once " + JsonWriter.shown(List.copyOf(twice)));
        }
        return names;
    }

    private static String shown(char delimiter) {
        return delimiter == '\t' ? "tabs" : JsonWriter.shown(String.valueOf(delimiter));
    }

    @Override
    public @Nullable Item next() throws IOException {
        if (ended) {
            return null;
        }
        try {
            if (!records.hasNext()) {
                ended = true;
                return null;
            }
            CsvRecord row = records.next();
            position = new Position(position.offset() + 1, row.getStartingLineNumber());
            return item(row);
        } catch (CsvParseException e) {
            ended = true;
            return unreadable(String.valueOf(e.getMessage()));
        } catch (UncheckedIOException e) {
            throw problem(e);
        }
    }

    private IOException problem(UncheckedIOException e) throws IOException {
        // Characters are decoded ahead of the row that is read.
        IOException cause = Objects.requireNonNull(e.getCause());
        return cause instanceof CharacterCodingException ? text.notUtf8(e) : cause;
    }

    private Item item(CsvRecord row) {
        if (row.getFieldCount() != names.size()) {
            return Item.unreadable(
                    row.getStartingLineNumber(),
                    "expected " + names.size() + " values, as the first line names, got " + row.getFieldCount());
        }
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            fields.put(names.get(i), row.getField(i));
        }
        return Item.ofText(row.getStartingLineNumber(), fields);
    }

    /** The library's message with the line taken out of it, which is told beside it. */
    private Item unreadable(String message) {
        Matcher line = LINE.matcher(message);
        boolean found = line.find();
        long number = found
                ? Long.parseLong(
                        line.group(1) != null ? line.group(1) : line.group(2) != null ? line.group(2) : line.group(3))
                : position.line() + 1;
        return Item.unreadable(number, message.replace(found ? line.group() : "", "") + JsonRows.NOT_READ);
    }

    @Override
    public Position position() {
        return ended ? TextFile.END : position;
    }

    @Override
    public void close() throws IOException {
        records.close();
    }
}
