package io.github.peft4j.models.nn.layer.internal;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EmbeddingTest {

    private final Scope scope = Scope.open(Device.cpu());
    private final Embedding table =
            Embedding.of(new Weight("weight", scope.zeros(Precision.FLOAT32, 3, 2), Precision.FLOAT32, scope, false));

    @AfterEach
    void closeScope() {
        scope.close();
    }

    private float[] gradient(Embedding embedding) {
        NDArray g = scope.floats(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 4, 2);
        NDArray ids = scope.longs(new long[] {2, 0, 2, 1});
        return embedding.gradient(scope.kernels(), g, ids).toFloatArray();
    }

    @Test
    void rowsGatherTheGradientsOfTheirPlaces() {
        assertThat(gradient(table)).containsExactly(3, 4, 7, 8, 6, 8);
    }

    @Test
    void theRowOfPaddingGetsNone() {
        assertThat(gradient(table.withPadding(0))).containsExactly(0, 0, 7, 8, 6, 8);
        assertThat(gradient(table.withPadding(2).withWeights(weight -> weight))).containsExactly(3, 4, 7, 8, 0, 0);
    }

    @Test
    void theTableSaysWhichRowStandsForPadding() {
        assertThat(table.paddingRow()).isEqualTo(Embedding.NO_PADDING);
        assertThat(table.withPadding(-1).paddingRow()).isEqualTo(2);
    }

    @Test
    void aTableOfAnotherSizeKeepsTheRowOfPaddingIfItReachesSoFar() {
        Weight longer = new Weight("weight", scope.zeros(Precision.FLOAT32, 5, 2), Precision.FLOAT32, scope, false);
        Weight shorter = new Weight("weight", scope.zeros(Precision.FLOAT32, 2, 2), Precision.FLOAT32, scope, false);
        assertThat(table.withWeights(weight -> longer).paddingRow()).isEqualTo(Embedding.NO_PADDING);
        assertThat(table.withPadding(-1).withWeights(weight -> longer).paddingRow())
                .isEqualTo(2);
        assertThat(table.withPadding(2).withWeights(weight -> shorter).paddingRow())
                .isEqualTo(Embedding.NO_PADDING);
    }

    @Test
    void aNegativeNumberCountsFromTheEndAndOneBeyondIsNone() {
        assertThat(gradient(table.withPadding(-1))).containsExactly(3, 4, 7, 8, 0, 0);
        assertThat(gradient(table.withPadding(3))).containsExactly(3, 4, 7, 8, 6, 8);
        assertThat(gradient(table.withPadding(-4))).containsExactly(3, 4, 7, 8, 6, 8);
    }
}
