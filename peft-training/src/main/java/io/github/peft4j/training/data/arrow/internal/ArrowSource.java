package io.github.peft4j.training.data.arrow.internal;

import io.github.peft4j.models.checkpoint.internal.FileProblem;
import io.github.peft4j.training.data.columnar.internal.Features;
import io.github.peft4j.training.data.columnar.internal.NumberedRows;
import io.github.peft4j.training.data.content.internal.FileFingerprint;
import io.github.peft4j.training.data.internal.DataException;
import io.github.peft4j.training.data.internal.DescribedRows;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rows of a file. */
record ArrowSource(Path file) implements NumberedRows {

    @Override
    public String name() {
        return file.toString();
    }

    @Override
    public String fingerprint() throws IOException {
        return FileFingerprint.of(file);
    }

    @Override
    public Cursor open(@Nullable Position from) throws IOException {
        ArrowFile open = open();
        try {
            ArrowCursor cursor = new ArrowCursor(this, open);
            cursor.skip(from == null ? 0 : from.offset());
            return cursor;
        } catch (IOException | RuntimeException e) {
            open.close();
            throw e;
        }
    }

    private ArrowFile open() throws DataException {
        try {
            return ArrowFile.open(file);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /** What reports a problem of the file as a whole. */
    DataException unreadable(IOException e) {
        return e instanceof DataException told
                ? told
                : new DataException("cannot read " + file + " as Arrow: " + FileProblem.of(e), e);
    }

    @Override
    public long rows() throws IOException {
        try (ArrowFile open = open()) {
            long rows = 0;
            for (ArrowFile.Batch batch = open.next(); batch != null; batch = open.next()) {
                rows = Math.addExact(rows, batch.rows());
            }
            return rows;
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    @Override
    public List<DescribedRows.Column> columns() throws IOException {
        try (ArrowFile open = open()) {
            Features features = Features.ofMetadata(open.metadata().get(Features.KEY));
            return open.fields().stream()
                    .map(field ->
                            new DescribedRows.Column(field.name(), field.typeName(), features.classes(field.name())))
                    .toList();
        }
    }
}
