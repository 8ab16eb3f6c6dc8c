package io.github.peft4j.models.text.template.internal;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The text tools of a model, those of its own folder and of any that are used in their place, opened when they are needed. Safe for concurrent
 * use.
 */
public final class ModelTexts implements AutoCloseable {

    private final Map<Path, ModelText> byFolder = new HashMap<>();
    private Supplier<Optional<Path>> other = Optional::empty;
    private boolean closed;

    /** Uses those of other folders from now on, where it names one. */
    public synchronized void use(Supplier<Optional<Path>> folder) {
        other = folder;
    }

    /**
     * The tools in use.
     *
     * @param own the model's own folder, or null if it has none
     */
    public ModelText inUse(@Nullable Path own) {
        Optional<Path> chosen = chosen().get();
        Path folder = chosen.isPresent() ? chosen.get() : own;
        return folder == null ? ModelText.NONE : of(folder, own == null ? folder : own);
    }

    private synchronized Supplier<Optional<Path>> chosen() {
        return other;
    }

    private synchronized ModelText of(Path folder, Path templates) {
        if (closed) {
            throw new IllegalStateException("the model is closed");
        }
        return byFolder.computeIfAbsent(folder, path -> ModelText.in(path, templates));
    }

    @Override
    public synchronized void close() {
        closed = true;
        byFolder.values().forEach(ModelText::close);
    }
}
