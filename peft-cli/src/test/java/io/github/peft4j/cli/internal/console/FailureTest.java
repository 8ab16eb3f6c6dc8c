package io.github.peft4j.cli.internal.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
                    Java heap space; the Java heap is full (Java heap space): give it more with PEFT4J_JAVA_OPTS=-Xmx
                    Cannot reserve 8 bytes of direct buffer memory; Java's direct memory is full (Cannot reserve 8 bytes of direct buffer memory): give it more with PEFT4J_JAVA_OPTS=-XX:MaxDirectMemorySize=
                    unable to create native thread; the system gives no more memory (unable to create native thread): raise the limit
                    Map failed; the system gives no more memory (Map failed): raise the limit
                    """)
    void whatJavaRanOutOfIsTold(String message, String told) {
        assertThat(Failure.line(new OutOfMemoryError(message))).startsWith("error: " + told);
        assertThat(Failure.code(new OutOfMemoryError(message))).isEqualTo(ExitCode.FAILED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[enforce fail at alloc_cpu.cpp:116] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes.",
                "DefaultCPUAllocator: not enough memory: you tried to allocate 8 bytes.",
                "CUDA out of memory. Tried to allocate 2.00 GiB",
                "std::bad_alloc"
            })
    void whatEnginesSayOfMemoryIsRecognised(String message) {
        assertThat(Failure.isOutOfMemory(new IllegalStateException(message))).isTrue();
        assertThat(Failure.isOutOfMemory(new IllegalStateException("native call", new IllegalStateException(message))))
                .isTrue();
        assertThat(Failure.isOutOfMemory(new IllegalStateException("the loss is infinite")))
                .isFalse();
    }
}
