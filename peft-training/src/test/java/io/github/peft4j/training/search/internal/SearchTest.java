package io.github.peft4j.training.search.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.github.peft4j.models.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SearchTest {

    private static final SearchSpace NINE = SearchSpace.EMPTY.over("x", "7,3,9,1,8,2,6,4,5");

    @TempDir
    Path work;

    private final List<String> trained = new ArrayList<>();

    private Path folder() {
        return work.resolve("search");
    }

    /** The loss is the setting; what a trial leaves in its folder says how often it was trained there. */
    private Map<String, Double> train(Search.Trial trial) throws IOException {
        trained.add(trial.number() + "@" + Math.round(9 * trial.share()));
        Files.createDirectories(trial.folder());
        Files.writeString(trial.folder().resolve("adapter"), "+", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        double x = Double.parseDouble(trial.settings().get("x"));
        return Map.of("loss", x, "accuracy", x / 10);
    }

    private List<String> names(Path of) throws IOException {
        try (var entries = Files.list(of)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void theBestOfAGridIsFoundAndWhatItLeftIsKept() throws Exception {
        Search.Outcome outcome = Search.grid(NINE).run(folder(), Map.of(), this::train);
        assertThat(outcome.best().orElseThrow().settings()).isEqualTo(Map.of("x", "1"));
        assertThat(outcome.best().orElseThrow().number()).isEqualTo(4);
        assertThat(outcome.all()).hasSize(9);
        assertThat(names(folder())).containsExactly("best", "search.html", "search.jsonl");
        assertThat(folder().resolve("best/adapter")).hasContent("+");
    }

    @Test
    void moreMayBeBetterAndOfEqualsTheFirstIs() throws Exception {
        Search search = Search.grid(NINE).metric("accuracy", false);
        assertThat(search.run(folder(), Map.of(), this::train)
                        .best()
                        .orElseThrow()
                        .settings())
                .isEqualTo(Map.of("x", "9"));
        Search equal = Search.grid(NINE);
        assertThat(equal.run(work.resolve("equal"), Map.of(), trial -> Map.of("loss", 1.0))
                        .best()
                        .orElseThrow()
                        .number())
                .isEqualTo(1);
    }

    @Test
    void halvingTrainsAllALittleAndTheBestLonger() throws Exception {
        Search search = Search.grid(NINE).halving(3);
        assertThat(search.shares()).containsExactly(1.0 / 9, 1.0 / 3, 1.0);
        Search.Outcome outcome = search.run(folder(), Map.of(), this::train);
        assertThat(trained)
                .containsExactly(
                        "1@1", "2@1", "3@1", "4@1", "5@1", "6@1", "7@1", "8@1", "9@1", "2@3", "4@3", "6@3", "4@9");
        assertThat(outcome.best().orElseThrow().number()).isEqualTo(4);
        // It went on where it was.
        assertThat(folder().resolve("best/adapter")).hasContent("+++");
        assertThat(names(folder())).containsExactly("best", "search.html", "search.jsonl");
    }

    @Test
    void fewTrialsAreNotHalved() {
        assertThat(Search.grid(SearchSpace.EMPTY.over("x", "1,2")).halving(3).shares())
                .containsExactly(1.0);
        assertThatIllegalArgumentException().isThrownBy(() -> Search.grid(NINE).halving(1));
        assertThatIllegalArgumentException().isThrownBy(() -> Search.random(NINE, 0, 1));
    }

    @Test
    void aTrialThatFailsOrDivergesIsRecordedAndTheSearchGoesOn() throws Exception {
        Search.Outcome outcome = Search.grid(SearchSpace.EMPTY.over("x", "1,2,3"))
                .run(folder(), Map.of(), trial -> {
                    if (trial.number() == 1) {
                        throw new IllegalStateException("<b>the loss is NaN</b>");
                    }
                    return Map.of("loss", trial.number() == 2 ? Double.POSITIVE_INFINITY : 5.0);
                });
        assertThat(outcome.all())
                .extracting(Search.Tried::problem)
                .containsExactly("<b>the loss is NaN</b>", "the metric loss is Infinity", null);
        assertThat(outcome.best().orElseThrow().number()).isEqualTo(3);
        assertThat(folder().resolve("search.html"))
                .content()
                .contains("&lt;b&gt;the loss is NaN")
                .doesNotContain("<b>");
    }

    @Test
    void ofASearchInWhichAllFailsNothingIsTheBest() throws Exception {
        Search.Outcome outcome = Search.grid(NINE).halving(3).run(folder(), Map.of(), trial -> {
            throw new IllegalArgumentException("no");
        });
        assertThat(outcome.best()).isEmpty();
        assertThat(outcome.all()).hasSize(9);
        assertThat(names(folder())).containsExactly("search.html", "search.jsonl");
    }

    @Test
    void aSearchThatWasStoppedAnywhereGoesOnToTheSameEnd() throws Exception {
        Search.Outcome whole = Search.grid(NINE).halving(3).run(work.resolve("whole"), Map.of(), this::train);
        trained.clear();
        for (int stop = 0; stop < 13; stop++) {
            Path at = work.resolve("stopped-" + stop);
            int last = stop;
            List<String> begun = new ArrayList<>();
            assertThatThrownBy(() -> Search.grid(NINE).halving(3).run(at, Map.of(), trial -> {
                        if (begun.size() == last) {
                            throw new IOException("killed");
                        }
                        begun.add("x");
                        return train(trial);
                    }))
                    .hasMessage("killed");
            // A line of which the process wrote only a part.
            Files.writeString(at.resolve("search.jsonl"), "{\"trial\": 3, \"sha", StandardOpenOption.APPEND);
            Search.Outcome resumed = Search.grid(NINE).halving(3).run(at, Map.of(), this::train);
            assertThat(resumed.all())
                    .extracting(Search.Tried::number, Search.Tried::share, Search.Tried::value)
                    .isEqualTo(whole.all().stream()
                            .map(tried -> tuple(tried.number(), tried.share(), tried.value()))
                            .toList());
            assertThat(resumed.best().orElseThrow().number()).isEqualTo(4);
            assertThat(at.resolve("best/adapter")).hasContent("+++");
            assertThat(trained).hasSize(13).doesNotHaveDuplicates();
            trained.clear();
        }
    }

    @Test
    void aSearchThatIsOverTrainsNothingAnew() throws Exception {
        Search.grid(NINE).run(folder(), Map.of(), this::train);
        trained.clear();
        List<Search.Tried> told = new ArrayList<>();
        assertThat(Search.grid(NINE)
                        .listener(told::add)
                        .run(folder(), Map.of(), this::train)
                        .best())
                .isPresent();
        assertThat(trained).isEmpty();
        assertThat(told).hasSize(9);
        assertThat(folder().resolve("best/adapter")).exists();
    }

    @Test
    void anotherSearchDoesNotGoOnInTheSameFolder() throws Exception {
        Search.grid(NINE).run(folder(), Map.of("data", "1 row", "seed", "1"), this::train);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Search.grid(NINE).halving(2).run(folder(), Map.of("data", "2 rows"), this::train))
                .withMessageContaining("data was 1 row, is 2 rows")
                .withMessageContaining("seed was 1, is not set")
                .withMessageContaining("strategy was grid, is grid, halving by 2");
    }

    @Test
    void aMetricThatIsNotMeasuredIsRefusedByTheNamesThatAre() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        Search.grid(NINE).metric("f1", false).run(folder(), Map.of(), trial -> Map.of("loss", 1.0)))
                .withMessage("there is no metric f1 here: expected one of loss");
    }

    @Test
    void aJournalThatIsNoneIsRefused() throws Exception {
        for (String damaged : List.of(
                "no json\n",
                "[]\n",
                "{\"peft4j_search\": 2, \"plan\": {}}\n",
                "{\"peft4j_search\": 1, \"plan\": []}\n")) {
            Path at = Files.createDirectories(work.resolve("damaged-" + damaged.hashCode()));
            Files.writeString(at.resolve("search.jsonl"), damaged);
            assertThatThrownBy(() -> Search.grid(NINE).run(at, Map.of(), this::train))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("search.jsonl, line 1: ");
        }
        Search.grid(NINE).run(folder(), Map.of(), this::train);
        Files.writeString(folder().resolve("search.jsonl"), "{\"trial\": \"1\"}\n", StandardOpenOption.APPEND);
        assertThatThrownBy(() -> Search.grid(NINE).run(folder(), Map.of(), this::train))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("line 11: it is not what came of a trial");
    }

    @Test
    void aJournalThatIsALinkElsewhereIsRefusedAndLeftAlone() throws Exception {
        Path other = Files.writeString(work.resolve("other"), "mine");
        Files.createSymbolicLink(Files.createDirectories(folder()).resolve("search.jsonl"), other);
        assertThatThrownBy(() -> Search.grid(NINE).run(folder(), Map.of(), this::train))
                .isInstanceOf(CheckpointException.class);
        assertThat(other).hasContent("mine");
    }
}
