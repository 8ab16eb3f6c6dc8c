package io.github.peft4j.training.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.peft4j.training.Golden;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is said of searches, against sentence-transformers' evaluator. */
class FoundMetricTest {

    @Test
    @Tag("golden")
    void numbersAreThoseOfTheEvaluatorOfSentenceTransformers() throws IOException {
        JsonNode golden;
        try (InputStream in = FoundMetricTest.class.getResourceAsStream("/golden/contrastive/golden.json")) {
            golden = new ObjectMapper().readTree(in).get("places");
        }
        List<int[]> places = new ArrayList<>();
        golden.get("queries").forEach(query -> places.add(Golden.ints(query)));
        Map<String, Double> numbers =
                Metrics.ofFound().of(new Judged.Found(places)).numbers();
        JsonNode expected = golden.get("metrics");
        assertThat(numbers).hasSize(expected.size());
        numbers.forEach((key, number) ->
                assertThat(number).as(key).isCloseTo(expected.get(key).asDouble(), within(1e-12)));
    }

    @Test
    void moreIsBetterAndWhatPeopleLookAtStandsFirst() {
        Metrics<Judged.Found> metrics = Metrics.ofFound();
        assertThat(metrics.keys())
                .startsWith("accuracy@1", "mrr@10", "ndcg@10", "map@100")
                .contains("recall@5")
                .doesNotHaveDuplicates()
                .noneMatch(metrics::lessIsBetter);
    }

    @Test
    void refusesWhatIsNoSearch() {
        assertThatThrownBy(() -> new Judged.Found(List.of())).hasMessage("there are no rows to compare");
        assertThatThrownBy(() -> new Judged.Found(List.of(new int[] {1}, new int[0])))
                .hasMessage("query 1 has no relevant document");
        assertThatThrownBy(() -> new Judged.Found(List.of(new int[] {2, 2})))
                .hasMessage(
                        "query 0 has a relevant document in place 2 behind one in place 2: places are numbered from 1,"
                                + " and ascend");
        assertThatThrownBy(() -> new Judged.Found(List.of(new int[] {0}))).isInstanceOf(IllegalArgumentException.class);
    }
}
