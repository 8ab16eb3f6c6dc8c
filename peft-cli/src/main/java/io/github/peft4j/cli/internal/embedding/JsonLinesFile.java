package io.github.peft4j.cli.internal.embedding;

import io.github.peft4j.models.internal.output.TemporaryFile;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;

/** A file with a line of JSON for each vector. */
final class JsonLinesFile implements VectorSink {

    private final TemporaryFile temporary;
    private final BufferedWriter writer;
    private final Path file;

    private JsonLinesFile(TemporaryFile temporary, Path file) {
        this.temporary = temporary;
        this.file = file;
        this.writer = new BufferedWriter(Channels.newWriter(temporary.channel(), StandardCharsets.UTF_8), 1 << 16);
    }

    static JsonLinesFile create(Path file) throws IOException {
        Path whole = file.toAbsolutePath().normalize();
        return new JsonLinesFile(
                TemporaryFile.in(Objects.requireNonNull(whole.getParent()), String.valueOf(whole.getFileName())),
                whole);
    }

    @Override
    public void add(float[] vector) throws IOException {
        writer.write(VectorText.json(vector));
        writer.write('\n');
    }

    @Override
    public void finish() throws IOException {
        writer.flush();
        temporary.channel().force(true);
        Files.move(temporary.path(), file, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void close() throws IOException {
        temporary.close();
    }
}
