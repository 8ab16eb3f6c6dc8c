package io.github.peft4j.cli.internal.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class FailureTest {

    private static final IllegalStateException FULL =
            new IllegalStateException("DefaultCPUAllocator: can't allocate memory");

    @Test
    void outOfMemoryOnlyOptionsAreRecommendedThatTheCommandHas() {
        assertThat(Failure.line(FULL, Set.of("--batch-size", "--max-length", "--checkpointing", "--model")))
                .isEqualTo("error: not enough memory: try a smaller --batch-size, or a smaller --max-length, or"
                        + " --checkpointing (DefaultCPUAllocator: can't allocate memory)");
        assertThat(Failure.line(FULL, Set.of("--dtype", "--output")))
                .isEqualTo(
                        "error: not enough memory: try --dtype bfloat16 (DefaultCPUAllocator: can't allocate memory)");
        assertThat(Failure.line(FULL))
                .isEqualTo("error: not enough memory (DefaultCPUAllocator: can't allocate memory)");
    }
}
