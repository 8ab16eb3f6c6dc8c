package io.github.peft4j.methods.internal.promptlearning;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.slf4j.LoggerFactory;

/** What a class says in its log from now on. Close it. */
public final class Logged implements AutoCloseable {

    private final Logger logger;
    private final Level before;
    private final ListAppender<ILoggingEvent> list = new ListAppender<>();

    private Logged(Logger logger) {
        this.logger = logger;
        this.before = logger.getLevel();
        logger.setLevel(Level.INFO);
        logger.setAdditive(false);
    }

    /** Begins to listen. */
    public static Logged of(Class<?> source) {
        Logged logged = new Logged((Logger) LoggerFactory.getLogger(source));
        logged.list.start();
        logged.logger.addAppender(logged.list);
        return logged;
    }

    /** What was said, in order. */
    public List<String> messages() {
        return list.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    @Override
    public void close() {
        logger.detachAppender(list);
        logger.setLevel(before);
        logger.setAdditive(true);
    }
}
