package io.github.peft4j.training.internal.loop;

import io.github.peft4j.training.progress.TrainingListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells all listeners; one that throws is logged and told no more. */
public final class Listeners {

    private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

    private final List<TrainingListener> all = new ArrayList<>();

    public void add(TrainingListener listener) {
        all.add(listener);
    }

    void tell(Consumer<TrainingListener> event) {
        for (Iterator<TrainingListener> each = all.iterator(); each.hasNext(); ) {
            TrainingListener listener = each.next();
            try {
                event.accept(listener);
            } catch (RuntimeException e) {
                each.remove();
                LOG.warn("training goes on without {}, which failed: {}", listener.name(), reason(e), e);
            }
        }
    }

    private static String reason(RuntimeException e) {
        if (e instanceof UncheckedIOException && e.getCause() instanceof IOException cause) {
            return cause.getMessage() == null ? cause.toString() : cause.getMessage();
        }
        return e.toString();
    }
}
