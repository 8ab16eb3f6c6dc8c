package io.github.peft4j.core.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CombinationTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "svd",
                "linear",
                "cat",
                "ties",
                "ties_svd",
                "dare_ties",
                "dare_linear",
                "dare_ties_svd",
                "dare_linear_svd",
                "magnitude_prune",
                "magnitude_prune_svd"
            })
    void everyTypeOfHuggingFaceHasItsName(String type) {
        Combination how = Combination.named(type, 0.5, 7);
        assertThat(how.type()).isEqualTo(type);
        assertThat(how.seed()).isEqualTo(7);
    }

    @ParameterizedTest
    @ValueSource(strings = {"linear_svd", "cat_svd", "mean", "", "_svd", "TIES", "svd_svd"})
    void anotherNameIsRefused(String type) {
        assertThatThrownBy(() -> Combination.named(type, 0.5, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Invalid combination_type: " + type);
    }

    @Test
    void theWaysToSayItAreOne() {
        assertThat(Combination.ties(0.5).bySvd()).isEqualTo(Combination.named("ties_svd", 0.5, 0));
        assertThat(Combination.svd()).isEqualTo(Combination.named("svd", null, 0));
        assertThat(Combination.cat()).isEqualTo(Combination.named("cat", null, 0));
        assertThat(Combination.dareTies(0.5, 3)).isEqualTo(Combination.named("dare_ties", 0.5, 3));
        assertThat(Combination.dareLinear(0.5, 3).bySvd()).isEqualTo(Combination.named("dare_linear_svd", 0.5, 3));
        assertThat(Combination.magnitudePrune(0.5)).isEqualTo(Combination.named("magnitude_prune", 0.5, 0));
        Combination svd = Combination.svd().withSvdRank(3).withSvdClamp(0.9);
        assertThat(svd.svdRank()).isEqualTo(3);
        assertThat(svd.svdClamp()).isEqualTo(0.9);
        assertThat(svd.withMajoritySign(Combination.MajoritySign.FREQUENCY).majoritySign())
                .isEqualTo(Combination.MajoritySign.FREQUENCY);
    }

    @ParameterizedTest
    @CsvSource({"ties", "dare_linear_svd", "magnitude_prune"})
    void whatPrunesNeedsADensity(String type) {
        assertThatThrownBy(() -> Combination.named(type, null, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(type + " needs a density, the fraction of values to keep");
    }

    @Test
    void optionsOutOfRangeAreRefused() {
        assertThatThrownBy(() -> Combination.ties(-0.5)).hasMessage("Density should be >= 0, got -0.5");
        assertThatThrownBy(() -> Combination.ties(Double.NaN)).hasMessage("Density should be >= 0, got NaN");
        assertThatThrownBy(() -> Combination.dareTies(0, 0))
                .hasMessage("a density of 0 leaves DARE_TIES nothing to scale up: give one above 0");
        assertThatThrownBy(() -> Combination.svd().withSvdRank(0)).hasMessage("svd_rank must be at least 1, got 0");
        for (double quantile : List.of(-0.1, 1.1, Double.NaN)) {
            assertThatThrownBy(() -> Combination.svd().withSvdClamp(quantile))
                    .hasMessage("svd_clamp is a quantile from 0 to 1, got " + quantile);
        }
        assertThatThrownBy(() -> Combination.linear().withSvdRank(2))
                .hasMessage("svd_rank and svd_clamp are for combinations that end in a decomposition, not for linear");
        assertThatThrownBy(() -> Combination.cat().bySvd()).hasMessage("Invalid combination_type: cat_svd");
    }
}
