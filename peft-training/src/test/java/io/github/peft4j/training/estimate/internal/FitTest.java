package io.github.peft4j.training.estimate.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.testkit.ToyModel;
import io.github.peft4j.training.estimate.MemoryEstimate;
import io.github.peft4j.training.internal.TrainedPart;
import io.github.peft4j.training.optimizer.internal.ParameterGroups;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FitTest {

    private static final long MIB = 1L << 20;

    private static final List<Fit.Format> FORMATS =
            List.of(new Fit.Format(Precision.FLOAT32, null), new Fit.Format(Precision.BFLOAT16, null));

    @TempDir
    private Path folder;

    @BeforeEach
    void write() {
        ToyModel.BLOOM.write(folder);
    }

    private <T> T counted(Function<MemoryCount, T> use) {
        try {
            TrainedPart part = TrainedPart.newAdapter(
                    LoraConfig.builder(2, 4).targetModules("query_key_value").build());
            return ModelOutline.count(
                    Models.config(folder), Head.class, Precision.FLOAT32, part, ParameterGroups.NONE, use);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static boolean fits(MemoryCount count, Fit.Way way, long room, int rows, int length) {
        MemoryEstimate.Run run =
                new MemoryEstimate.Run(rows, length, way.recompute(), way.quantization(), way.precision());
        return count.estimate(run).total() * (1 + Fit.MARGIN) <= room;
    }

    @ParameterizedTest
    @ValueSource(longs = {242, 250, 270, 300, 400})
    void whatIsToldFitsAndOneMoreDoesNot(long mib) {
        long room = mib * MIB;
        counted(count -> {
            Fit fit = Fit.of(count, room, 4, 64, FORMATS);
            assertThat(fit.ways()).hasSize(4).allSatisfy(way -> {
                assertThat(fits(count, way, room, 1, way.longestAlone())).isTrue();
                assertThat(fits(count, way, room, 4, way.longest())).isTrue();
                assertThat(fits(count, way, room, way.mostRows(), 64)).isTrue();
                assertThat(fits(count, way, room, way.mostRows() + 1, 64)).isFalse();
                assertThat(fits(count, way, room, 1, way.longestAlone() + 1) && fits(count, way, room, 1, 511))
                        .isFalse();
            });
            return fit;
        });
    }

    private static long room(MemoryCount count, int rows, int length) {
        MemoryEstimate.Run run = new MemoryEstimate.Run(rows, length, true, null, Precision.BFLOAT16);
        return room(count.estimate(run).total());
    }

    /** In which what is needed just fits. */
    private static long room(long needed) {
        return (long) Math.ceil(needed * (1 + Fit.MARGIN));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void theFirstWayThatHoldsAllIsRecommended(int index) {
        counted(count -> {
            long needed = Fit.of(count, MIB, 64, 64, FORMATS).ways().get(index).needed();
            Fit fit = Fit.of(count, room(needed), 64, 64, FORMATS);
            Fit.Way first = fit.ways().stream()
                    .filter(way -> way.needed() <= needed)
                    .findFirst()
                    .orElseThrow();
            assertThat(fit.recommended(null)).contains(new Fit.Choice(first, 64, 64));
            return fit;
        });
    }

    @Test
    void whereNotAllRowsFitAtOnceTheWayThatHoldsMostIsRecommended() {
        Fit fit = counted(count -> Fit.of(count, room(count, 10, 64), 4000, 64, FORMATS));
        Fit.Choice choice = fit.recommended(null).orElseThrow();
        assertThat(choice.rows())
                .isBetween(10, 3999)
                .isEqualTo(fit.ways().stream().mapToInt(Fit.Way::mostRows).max().orElseThrow());
        assertThat(choice.length()).isEqualTo(64);
    }

    @Test
    void whereNoRowFitsTheWayWithTheLongestIsRecommended() {
        Fit fit = counted(count -> Fit.of(count, room(count, 1, 100), 4, 100_000, FORMATS));
        Fit.Choice choice = fit.recommended(null).orElseThrow();
        assertThat(choice.rows()).isEqualTo(1);
        assertThat(choice.length())
                .isBetween(100, 99_999)
                .isEqualTo(fit.ways().stream()
                        .mapToInt(Fit.Way::longestAlone)
                        .max()
                        .orElseThrow());
    }

    @Test
    void aFormatThatIsAskedForIsKept() {
        Fit fit = counted(count -> Fit.of(count, 1000 * MIB, 4, 64, FORMATS));
        assertThat(fit.recommended(Precision.BFLOAT16).orElseThrow().way().precision())
                .isEqualTo(Precision.BFLOAT16);
    }

    @Test
    void whereNotEvenTheEngineFitsNothingIsRecommended() {
        Fit fit = counted(count -> Fit.of(count, 100 * MIB, 4, 64, FORMATS));
        assertThat(fit.recommended(null)).isEmpty();
        assertThat(fit.ways()).extracting(Fit.Way::longestAlone).containsOnly(0);
    }

    @Test
    void theMicroBatchThatTakesMostIsThatOfTheLongestRows() {
        RowLengths lengths =
                RowLengths.of(List.of(5, 9, 2, 4).stream().map(FitTest::row).toList());
        assertThat(List.of(lengths.rows(), lengths.longest(), lengths.mean())).isEqualTo(List.of(4, 9, 5.0));
        MemoryEstimate.Run run = new MemoryEstimate.Run(3, 9, true, null);
        assertThat(lengths.largest(run)).isEqualTo(new MemoryEstimate.Run(3, 6, true, null));
        assertThat(lengths.filling(run, 40)).isEqualTo(new MemoryEstimate.Run(4, 9, true, null));
        assertThat(lengths.filling(run, 7)).isEqualTo(new MemoryEstimate.Run(1, 9, true, null));
        assertThat(lengths.largest(run.of(8, 9))).isEqualTo(new MemoryEstimate.Run(4, 5, true, null));
    }

    private static Row row(int length) {
        return Row.of(new int[length], new int[length]);
    }
}
