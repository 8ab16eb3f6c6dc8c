package io.github.peft4j.models.kernel.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.OnDevice;
import io.github.peft4j.models.kernel.Precision;
import org.junit.jupiter.api.Test;

class ProductChoiceTest extends OnDevice {

    private static final ProductChoice ALL = new ProductChoice(true, true);

    ProductChoiceTest() {
        super(Device.cpu());
    }

    @Test
    void thePropertyCanTurnOneDnnOff() {
        assertThat(ProductChoice.oneDnnWanted(null)).isTrue();
        assertThat(ProductChoice.oneDnnWanted("onednn")).isTrue();
        assertThat(ProductChoice.oneDnnWanted("torch")).isFalse();
        assertThatThrownBy(() -> ProductChoice.oneDnnWanted("mkl"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("system property peft4j.products must be onednn or torch, got \"mkl\"");
    }

    @Test
    void float32GoesToOneDnnWhateverTheSizesWhereThereIsOne() {
        NDArray w = scope.zeros(Precision.FLOAT32, 700, 600);
        for (long rows : new long[] {1, 7, 64, 300}) {
            NDArray x = scope.zeros(Precision.FLOAT32, rows, 600);
            NDArray g = scope.zeros(Precision.FLOAT32, rows, 700);
            assertThat(ALL.forwardByOneDnn(x, w)).isTrue();
            assertThat(ALL.backwardByOneDnn(g, w)).isTrue();
            assertThat(ALL.forTokens(x)).startsWith("products-onednn");
            assertThat(ProductChoice.TORCH.forwardByOneDnn(x, w)).isFalse();
            assertThat(ProductChoice.TORCH.backwardByOneDnn(g, w)).isFalse();
            assertThat(ProductChoice.TORCH.forTokens(x)).containsExactly("products-plain");
        }
    }

    @Test
    void aTokenOfFewerRowsThanArePiecesMadeOfDoesNotAskForThem() {
        assertThat(ALL.forTokens(scope.zeros(Precision.FLOAT32, 15, 4)))
                .containsExactly("products-onednn", "products-few-rows");
        assertThat(ALL.forTokens(scope.zeros(Precision.FLOAT32, 16, 4))).containsExactly("products-onednn");
    }

    @Test
    void bfloat16GoesByRowsAndSummandsAndFloat16ThePlainWay() {
        NDArray w = scope.zeros(Precision.BFLOAT16, 6, 4);
        NDArray vocabulary = scope.zeros(Precision.BFLOAT16, 16384, 4);
        NDArray half = scope.zeros(Precision.FLOAT16, 6, 4);
        assertThat(ALL.forwardByOneDnn(rows(7), w)).isTrue();
        assertThat(ALL.forwardByOneDnn(rows(8), w)).isFalse();
        assertThat(ALL.forwardByOneDnn(rows(64), vocabulary)).isFalse();
        assertThat(ALL.backwardByOneDnn(rows(7), w)).isTrue();
        assertThat(ALL.backwardByOneDnn(rows(64), vocabulary)).isTrue();
        assertThat(ALL.backwardByOneDnn(rows(63), vocabulary)).isFalse();
        assertThat(ALL.backwardByOneDnn(rows(64), w)).isFalse();
        assertThat(ALL.forwardByOneDnn(rows(767), w)).isFalse();
        assertThat(ALL.forwardByOneDnn(rows(768), w)).isTrue();
        assertThat(ALL.backwardByOneDnn(rows(768), w)).isTrue();
        assertThat(ALL.forTokens(rows(7))).containsExactly("products-onednn", "products-few-rows");
        assertThat(ALL.forTokens(rows(8))).containsExactly("products-plain");
        assertThat(ALL.forwardByOneDnn(scope.zeros(Precision.BFLOAT16), w)).isFalse();
        assertThat(ALL.forwardByOneDnn(scope.zeros(Precision.FLOAT16, 7, 4), half))
                .isFalse();
    }

    /** Processors without AVX-512 or the like: oneDNN's operator fails there. */
    @Test
    void bfloat16GoesThePlainWayWhereOneDnnCannotMultiplyIt() {
        ProductChoice old = new ProductChoice(true, false);
        NDArray w = scope.zeros(Precision.BFLOAT16, 6, 4);
        assertThat(old.forwardByOneDnn(rows(7), w)).isFalse();
        assertThat(old.backwardByOneDnn(rows(64), scope.zeros(Precision.BFLOAT16, 16384, 4)))
                .isFalse();
        assertThat(old.forTokens(rows(7))).containsExactly("products-plain");
    }

    private NDArray rows(long count) {
        return scope.zeros(Precision.BFLOAT16, count, 4);
    }
}
