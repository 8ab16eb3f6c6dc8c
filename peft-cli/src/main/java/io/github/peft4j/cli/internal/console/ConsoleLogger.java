package io.github.peft4j.cli.internal.console;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/** A logger of {@link ConsoleLogging}. */
final class ConsoleLogger extends LegacyAbstractLogger {

    private static final long serialVersionUID = 1L;

    private static final String OWN = "io.github.peft4j";

    private static final boolean EVERYTHING = "debug".equals(System.getProperty("peft4j.log"));

    private final Level least;

    ConsoleLogger(String name) {
        this.name = name;
        this.least = EVERYTHING ? Level.TRACE : name.startsWith(OWN) ? Level.WARN : Level.ERROR;
    }

    private boolean shows(Level level) {
        return level.toInt() >= least.toInt();
    }

    @Override
    public boolean isTraceEnabled() {
        return shows(Level.TRACE);
    }

    @Override
    public boolean isDebugEnabled() {
        return shows(Level.DEBUG);
    }

    @Override
    public boolean isInfoEnabled() {
        return shows(Level.INFO);
    }

    @Override
    public boolean isWarnEnabled() {
        return shows(Level.WARN);
    }

    @Override
    public boolean isErrorEnabled() {
        return shows(Level.ERROR);
    }

    @Override
    protected @Nullable String getFullyQualifiedCallerName() {
        return null;
    }

    @Override
    protected void handleNormalizedLoggingCall(
            Level level,
            @Nullable Marker marker,
            String pattern,
            @Nullable Object @Nullable [] arguments,
            @Nullable Throwable thrown) {
        String text = MessageFormatter.basicArrayFormat(pattern, arguments);
        String kind = level == Level.WARN ? "warning" : level.name().toLowerCase(Locale.ROOT);
        ConsoleLogging.console().note(kind + ": " + text);
        if (EVERYTHING && thrown != null) {
            ConsoleLogging.console().trace(thrown);
        }
    }
}
