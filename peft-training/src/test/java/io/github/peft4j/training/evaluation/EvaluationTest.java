package io.github.peft4j.training.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.internal.input.LengthBatches;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.training.Golden;
import io.github.peft4j.training.LiveArrays;
import io.github.peft4j.training.ToyRun;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationTest {

    @TempDir
    Path folder;

    private ToyRun run;

    @BeforeEach
    void open() throws Exception {
        run = ToyRun.adapter(folder, 0.5);
    }

    @AfterEach
    void close() {
        run.close();
    }

    /** More tokens than are read at once, in rows of 1 to 60 tokens. */
    private static List<Row> manyRows() {
        Random random = new Random(3);
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            int[] row = random.ints(1 + random.nextInt(60), 0, 61).toArray();
            int[] label = row.clone();
            for (int t = 0; t < label.length; t++) {
                label[t] = random.nextInt(3) == 0 ? Row.Target.IGNORED : label[t];
            }
            rows.add(Row.of(row, label));
        }
        return rows;
    }

    @Test
    void theMeanIsOverTokensWhateverTheBatches() {
        List<Row> rows = manyRows();
        int tokens = new Batch(rows).tokens();
        assertThat(tokens).isGreaterThan(2 * LengthBatches.TOKENS_AT_ONCE);
        double sum = 0;
        for (Row row : rows) {
            try (Forward context = Forward.inference(run.model.scope())) {
                sum += run.model.head().objective().loss(context, run.model, new Batch(List.of(row)), 1);
            }
        }
        Evaluation.Result result = new Evaluation(rows).run(run.model);
        int supervised = rows.stream()
                .mapToInt(row -> ((Row.Target.NextTokens) row.target()).supervised(1))
                .sum();
        assertThat(result.loss()).isCloseTo(sum / supervised, within(1e-6));
        assertThat(result.perplexity()).isCloseTo(Math.exp(sum / supervised), within(1e-3));
        assertThat(result.items()).isEqualTo(supervised);
        assertThat(result.tokens()).isEqualTo(tokens);
        assertThat(result.rows()).isEqualTo(200);
        assertThat(result.seconds()).isPositive();
    }

    @Test
    void aSecondEvaluationFindsTheSame() {
        Evaluation evaluation = new Evaluation(Golden.rows());
        assertThat(evaluation.run(run.model).loss())
                .isEqualTo(evaluation.run(run.model).loss());
    }

    @Test
    void nothingStaysBehind() {
        Evaluation evaluation = new Evaluation(manyRows());
        int before = LiveArrays.count(run.model.scope());
        evaluation.run(run.model);
        assertThat(LiveArrays.count(run.model.scope())).isEqualTo(before);
    }

    @Test
    void rowsWithoutSupervisionAreRefused() {
        List<int[]> ids = List.of(new int[] {1, 2}, new int[] {3});
        // The first label of a row counts for nothing: no token stands before it.
        List<int[]> labels = List.of(new int[] {1, Row.Target.IGNORED}, new int[] {3});
        assertThatThrownBy(() -> new Evaluation(Batch.of(ids, labels).rows()).run(run.model))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no token of the 2 rows is supervised: all labels that count are -100."
                        + " The label of a row's first token counts only if virtual tokens precede it");
    }

    @Test
    void noRowsAreRefused() {
        assertThatThrownBy(() -> new Evaluation(List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("there are no rows to evaluate on");
    }
}
