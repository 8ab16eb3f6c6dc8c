package io.github.peft4j.training.report;

import io.github.peft4j.training.progress.TrainingListener;
import io.github.peft4j.training.progress.TrainingResult;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A report into a file that is open from the start of a run to its end. */
abstract class FileReport<F extends Closeable> implements TrainingListener {

    /** Where it is written to. */
    final Path path;

    private final String kind;
    private @Nullable F file;

    FileReport(String kind, Path path) {
        this.kind = kind;
        this.path = path;
    }

    /** What is done with the open file. */
    interface Use<F> {
        void with(F file) throws IOException;
    }

    abstract F open(TrainingListener.Start start) throws IOException;

    /** Does it, unless the run has not started. */
    final void use(Use<F> use) {
        if (file == null) {
            return;
        }
        try {
            use.with(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public final String name() {
        return kind + " " + path;
    }

    @Override
    public final void started(TrainingListener.Start start) {
        try {
            file = open(start);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public final void finished(TrainingResult result) {
        use(Closeable::close);
    }
}
