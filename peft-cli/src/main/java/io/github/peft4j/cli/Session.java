package io.github.peft4j.cli;

/**
 * What a command is run with.
 *
 * @param console where it reads and writes
 * @param interruption how it is stopped
 */
record Session(Console console, Interruption interruption) {}
