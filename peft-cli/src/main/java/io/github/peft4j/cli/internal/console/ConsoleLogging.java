package io.github.peft4j.cli.internal.console;

import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.Logger;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.helpers.NOPMDCAdapter;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/**
 * Where the log of libraries goes in the command line: warnings of this project to the console's notes, errors of others too, and nothing
 * else. {@code -Dpeft4j.log=debug} shows everything. A full logging library would take longer to start than some commands run.
 */
public final class ConsoleLogging implements SLF4JServiceProvider {

    private static volatile Console console = Console.silent();

    private final ConcurrentHashMap<String, Logger> loggers = new ConcurrentHashMap<>();
    private final IMarkerFactory markers = new BasicMarkerFactory();
    private final MDCAdapter context = new NOPMDCAdapter();

    /** For the service loader. */
    public ConsoleLogging() {}

    /** Sends the log to a console from now on. */
    public static void to(Console target) {
        console = target;
    }

    public static Console console() {
        return console;
    }

    @Override
    public ILoggerFactory getLoggerFactory() {
        return name -> loggers.computeIfAbsent(name, ConsoleLogger::new);
    }

    @Override
    public IMarkerFactory getMarkerFactory() {
        return markers;
    }

    @Override
    public MDCAdapter getMDCAdapter() {
        return context;
    }

    @Override
    public String getRequestedApiVersion() {
        return "2.0.99";
    }

    @Override
    public void initialize() {}
}
