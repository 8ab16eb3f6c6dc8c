package io.github.peft4j.training.search.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SearchSpaceTest {

    private static List<String> values(String text) {
        return SearchSpace.EMPTY.over("x", text).values("x");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "1e-4,3e-4; 1e-4 3e-4",
                "lora, ia3; lora ia3",
                "q_proj,v_proj|q_proj; q_proj,v_proj q_proj",
                "constant; constant",
                "4:64:log; 4 8 16 32 64",
                "1:3; 1 2 3",
                "0:1.0; 0 0.25 0.5 0.75 1",
                "1e-5:1e-1:log; 1e-5 1e-4 0.001 0.01 0.1",
                "-2:2; -2 -1 0 1 2",
                "a:b; a:b"
            })
    void valuesAreListedOrARangeOfWhichAGridTakesFivePoints(String text, String expected) {
        assertThat(String.join(" ", values(text))).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1,,2", "1,1", "3:2", "1:1", "0:1:log", "-1:1:log"})
    void whatIsNoChoiceIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> values(text)).withMessageStartingWith("x: ");
    }

    @Test
    void aGridIsEveryCombinationInOrder() {
        SearchSpace space = SearchSpace.EMPTY.over("a", "1,2").over("b", "x,y");
        assertThat(space.grid())
                .containsExactly(
                        Map.of("a", "1", "b", "x"),
                        Map.of("a", "1", "b", "y"),
                        Map.of("a", "2", "b", "x"),
                        Map.of("a", "2", "b", "y"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> space.over("a", "3"))
                .withMessage("the setting a is searched over twice");
    }

    @Test
    void aGridThatNobodyCanWantIsRefused() {
        SearchSpace space = SearchSpace.EMPTY;
        for (int i = 0; i < 40; i++) {
            space = space.over("s" + i, "1:100");
        }
        assertThatIllegalArgumentException().isThrownBy(space::grid).withMessageContaining("more than 10000 trials");
    }

    @Test
    void whatHasNoMeaningIsTriedOnce() {
        SearchSpace space = SearchSpace.EMPTY
                .over("method", "lora,ia3")
                .over("r", "4,8")
                .keeping(settings -> {
                    if (settings.containsValue("ia3")) {
                        settings.remove("r");
                    }
                    return settings;
                });
        assertThat(space.grid())
                .containsExactly(
                        Map.of("method", "lora", "r", "4"),
                        Map.of("method", "lora", "r", "8"),
                        Map.of("method", "ia3"));
        // There are no more, however many are asked for.
        assertThat(space.draw(100, 1)).containsExactlyInAnyOrderElementsOf(space.grid());
    }

    @Test
    void equalSeedsDrawEqualTrialsWithinTheirRanges() {
        SearchSpace space = SearchSpace.EMPTY
                .over("rate", "1e-5:1e-2:log")
                .over("r", "4:64:log")
                .over("m", "a,b");
        List<Map<String, String>> drawn = space.draw(200, 7);
        assertThat(drawn).hasSize(200).doesNotHaveDuplicates().isEqualTo(space.draw(200, 7));
        assertThat(drawn).isNotEqualTo(space.draw(200, 8));
        assertThat(drawn.subList(0, 50)).isEqualTo(space.draw(50, 7));
        assertThat(drawn).allSatisfy(settings -> {
            assertThat(Double.parseDouble(settings.get("rate"))).isBetween(1e-5, 1e-2);
            assertThat(Integer.parseInt(settings.get("r"))).isBetween(4, 64);
        });
        // Equal ratios count alike: a third of the rates lies in each of three powers of ten.
        assertThat(drawn.stream()
                        .filter(settings -> Double.parseDouble(settings.get("rate")) < 1e-4)
                        .count())
                .isBetween(45L, 90L);
    }
}
