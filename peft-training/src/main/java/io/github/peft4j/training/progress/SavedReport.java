package io.github.peft4j.training.progress;

import java.nio.file.Path;

/**
 * A checkpoint that is complete on disk.
 *
 * @param step steps done
 * @param checkpoint its folder
 */
public record SavedReport(long step, Path checkpoint) {}
