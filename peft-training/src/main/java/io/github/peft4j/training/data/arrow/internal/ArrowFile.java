package io.github.peft4j.training.data.arrow.internal;

import com.google.flatbuffers.Table;
import java.io.Closeable;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.arrow.flatbuf.DictionaryBatch;
import org.apache.arrow.flatbuf.Endianness;
import org.apache.arrow.flatbuf.KeyValue;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.flatbuf.Schema;
import org.jspecify.annotations.Nullable;

/** An open file: its columns, and its batches one after the other. */
final class ArrowFile implements Closeable {

    /** A bit for a flag is the least that a row takes. */
    private static final long ROWS_OF_BYTE = 8;

    /** What compression may make of it. */
    private static final long ROWS_OF_COMPRESSED_BYTE = 1 << 20;

    private final FileChannel channel;
    private final ArrowMessages messages;
    private final List<ArrowField> fields;
    private final Map<String, String> metadata = new HashMap<>();
    private final Map<Long, ArrowField> dictionaryFields = new HashMap<>();
    private final Map<Long, Dictionary> dictionaries = new HashMap<>();

    /**
     * Some rows.
     *
     * @param rows how many
     */
    record Batch(ArrowMessages.Message message, RecordBatch header, long rows) {}

    /** What reads headers; the format's own classes find their bounds when they have passed them. */
    private interface Reading<T> {

        T read() throws IOException;
    }

    private ArrowFile(FileChannel channel) throws IOException {
        this.channel = channel;
        this.messages = checked(() -> new ArrowMessages(channel));
        this.fields = checked(this::schema);
        fields.forEach(this::findDictionaries);
    }

    static ArrowFile open(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file);
        try {
            return new ArrowFile(channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static <T> T checked(Reading<T> reading) throws IOException {
        try {
            return reading.read();
        } catch (IndexOutOfBoundsException
                | IllegalArgumentException
                | BufferUnderflowException
                | NullPointerException
                | ArithmeticException e) {
            throw new DamagedArrow("a header is damaged (" + e.getClass().getSimpleName() + ")", e);
        }
    }

    private List<ArrowField> schema() throws IOException {
        ArrowMessages.Message message = messages.next();
        if (message == null || message.header().headerType() != MessageHeader.Schema) {
            throw new DamagedArrow("it does not begin with a schema");
        }
        Schema schema = header(message, new Schema());
        if (schema.endianness() != Endianness.Little) {
            throw new DamagedArrow("its numbers are big-endian, which is not supported");
        }
        for (int i = 0; i < schema.customMetadataLength(); i++) {
            KeyValue entry = schema.customMetadata(i);
            if (entry.key() != null && entry.value() != null) {
                metadata.put(entry.key(), entry.value());
            }
        }
        return ArrowField.of(schema);
    }

    private static <T extends Table> T header(ArrowMessages.Message message, T of) {
        message.header().header(of);
        return of;
    }

    private void findDictionaries(ArrowField field) {
        if (field.index() != null) {
            dictionaryFields.put(field.index().dictionary(), field.withoutIndex());
        }
        field.children().forEach(this::findDictionaries);
    }

    /** The columns. */
    List<ArrowField> fields() {
        return fields;
    }

    /** What the file says of itself. */
    Map<String, String> metadata() {
        return metadata;
    }

    /**
     * The next batch that has rows, or null at the end.
     *
     * @throws DamagedArrow if there is something else
     */
    @Nullable
    Batch next() throws IOException {
        return checked(() -> Optional.ofNullable(batch())).orElse(null);
    }

    private @Nullable Batch batch() throws IOException {
        for (ArrowMessages.Message message = messages.next(); message != null; message = messages.next()) {
            switch (message.header().headerType()) {
                case MessageHeader.DictionaryBatch -> dictionary(message);
                case MessageHeader.RecordBatch -> {
                    RecordBatch header = header(message, new RecordBatch());
                    if (rows(message, header) > 0) {
                        return new Batch(message, header, header.length());
                    }
                }
                default ->
                    throw new DamagedArrow("expected a batch, found a message of the type "
                            + message.header().headerType());
            }
        }
        return null;
    }

    private static long rows(ArrowMessages.Message message, RecordBatch header) throws DamagedArrow {
        long each = header.compression() == null ? ROWS_OF_BYTE : ROWS_OF_COMPRESSED_BYTE;
        if (header.length() < 0 || header.length() / each > message.bodyLength()) {
            throw new DamagedArrow(
                    "a batch of " + message.bodyLength() + " bytes is said to have " + header.length() + " rows");
        }
        return header.length();
    }

    private void dictionary(ArrowMessages.Message message) throws IOException {
        DictionaryBatch batch = header(message, new DictionaryBatch());
        RecordBatch data = Objects.requireNonNull(batch.data());
        ArrowField field = dictionaryFields.get(batch.id());
        if (field == null) {
            throw new DamagedArrow("no column has the dictionary " + batch.id());
        }
        rows(message, data);
        Column values = new ColumnBuilder(new BatchParts(channel, message, data), dictionaries).next(field);
        Dictionary piece = Dictionary.of(values, data.length());
        Dictionary before = dictionaries.get(batch.id());
        dictionaries.put(batch.id(), batch.isDelta() && before != null ? before.and(piece) : piece);
    }

    /**
     * The columns of the batch that was read last.
     *
     * @throws DamagedArrow if its parts are not those of the columns
     */
    List<Column> columns(Batch batch) throws IOException {
        return checked(() -> {
            ColumnBuilder builder =
                    new ColumnBuilder(new BatchParts(channel, batch.message(), batch.header()), dictionaries);
            List<Column> columns = new ArrayList<>(fields.size());
            for (ArrowField field : fields) {
                columns.add(builder.next(field));
            }
            return columns;
        });
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
