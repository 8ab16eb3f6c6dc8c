package io.github.peft4j.cli.internal.console;

/**
 * What a command is run with.
 *
 * @param console where it reads and writes
 * @param interruption how it is stopped
 */
public record Session(Console console, Interruption interruption) {}
