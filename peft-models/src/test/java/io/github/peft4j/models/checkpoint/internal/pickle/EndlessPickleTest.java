package io.github.peft4j.models.checkpoint.internal.pickle;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** Pickles of few bytes that ask for much work. */
class EndlessPickleTest extends HostilePickleCase {

    @Test
    void endsATupleThatHoldsItselfTwiceAMillionTimes() {
        StringBuilder doubling = new StringBuilder(")");
        for (int i = 0; i < 500_000; i++) {
            doubling.append("2\u0086");
        }
        assertQuick(
                "as a key, found a list",
                PickleBytes.start().ops("}" + doubling + "Ns").stop());
        assertQuick(
                "holds a list, expected a mapping",
                PickleBytes.start().ops(doubling.toString()).stop());
        byte[] asSize = PickleBytes.start()
                .global("torch._utils", "_rebuild_tensor")
                .op('(')
                .storage("torch.FloatStorage", "0", 4)
                .number(0)
                .ops(doubling + "2tR")
                .stop();
        assertQuick("to be tuples of integers", asSize);
    }

    @Test
    void endsAListThatHoldsItself() {
        assertQuick(
                "holds a list, expected a mapping",
                PickleBytes.start().ops("]q\0h\0a").stop());
        assertQuick(
                "expected a tensor under \"x\", found a mapping",
                PickleBytes.start().ops("}q\0").text("x").ops("h\0s").stop());
    }

    @Test
    void stopsAfterABoundedNumberOfSteps() {
        assertQuick(
                "takes more than 2000000 steps",
                PickleBytes.start().ops("(".repeat(5_000_000)).stop());
        assertQuick(
                "takes more than 2000000 steps",
                PickleBytes.start().ops("}".repeat(5_000_000)).stop());
        assertQuick(
                "takes more than 2000000 steps",
                PickleBytes.start().ops(")" + "\u0094".repeat(5_000_000)).stop());
        assertQuick(
                "takes more than 2000000 steps",
                PickleBytes.start().ops("]" + "2a".repeat(5_000_000)).stop());
    }

    @Test
    void chargesForCopyingOneListAgainAndAgain() {
        byte[] pickle = PickleBytes.start()
                .global("builtins", "set")
                .ops("q\0" + "0](" + "N".repeat(100_000) + "e\u0085q\1" + "0h\0h\1R".repeat(100_000))
                .stop();
        assertQuick("takes more than 2000000 steps", pickle);
    }

    private void assertQuick(String message, byte[] pickle) {
        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
            Path file = Files.createTempFile(folder, "a", ".bin");
            TorchFiles.of(pickle, 16).write(file);
            assertThatThrownBy(() -> Checkpoint.open(file))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining(message);
        });
    }
}
