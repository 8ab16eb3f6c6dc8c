package io.github.peft4j.cli.internal.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InterruptionTest {

    @AfterEach
    void leaveTheThreadAsItWas() {
        Thread.interrupted();
    }

    private final List<String> ends = new ArrayList<>();
    private final Interruption interruption =
            Interruption.of(code -> ends.add("exit " + code), code -> ends.add("halt " + code));

    @Test
    void outsideOfAGuardTheProcessEndsAtOnce() {
        interruption.arrived(2);
        assertThat(ends).containsExactly("exit 130");
    }

    @Test
    void inAGuardTheCommandEndsByItself() {
        try (Interruption.Guard guard = interruption.guard()) {
            interruption.arrived(2);
            assertThat(ends).isEmpty();
            assertThat(interruption.requested()).isTrue();
            assertThat(Thread.interrupted()).isTrue();
            assertThatThrownBy(interruption::check).isInstanceOf(Interruption.Stopped.class);
        }
        assertThat(interruption.exitCode()).isEqualTo(130);
    }

    @Test
    void aSecondSignalEndsTheProcessWhateverItDoes() {
        try (Interruption.Guard guard = interruption.guard()) {
            interruption.arrived(2);
            interruption.arrived(15);
            assertThat(ends).containsExactly("halt 143");
        }
    }

    @Test
    void nothingIsBegunAfterASignal() {
        interruption.arrived(2);
        assertThatThrownBy(interruption::guard).isInstanceOf(Interruption.Stopped.class);
    }

    @Test
    void withoutASignalCommandsGoOn() {
        try (Interruption.Guard guard = interruption.guard()) {
            assertThatCode(interruption::check).doesNotThrowAnyException();
        }
        assertThat(interruption.requested()).isFalse();
    }

    @Test
    void theGuardsEndWithTheLastOfThem() {
        try (Interruption.Guard outer = interruption.guard()) {
            try (Interruption.Guard inner = interruption.guard()) {
                assertThat(interruption.requested()).isFalse();
            }
            interruption.arrived(2);
            assertThat(ends).isEmpty();
        }
    }
}
