package io.github.peft4j.training.report.internal;

import io.github.peft4j.models.Head;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.Objective;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.classification.SequenceClassifier;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.internal.lease.Lease;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.models.text.internal.TokenizerException;
import io.github.peft4j.models.tokens.TokenHead;
import io.github.peft4j.models.tokens.internal.LabelledTokens;
import io.github.peft4j.training.evaluation.Judged;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Rows that were not trained on, one by one: which a model predicts worst, and which classes it takes for others.
 *
 * @param model as it is when it is asked
 * @param rows those to look at
 */
public record HeldOutRows(Model<?> model, List<Row> rows) {

    private static final int LONGEST_TEXT = 700;

    /**
     * A row and how badly it is predicted.
     *
     * @param number its place, from 1
     * @param loss mean loss of its items
     * @param expected what is right, for people
     * @param predicted what the model says, for people; empty where it says nothing of a row as a whole
     * @param text what is in the row, for people
     */
    record Seen(int number, double loss, String expected, String predicted, String text) {}

    /**
     * What was found.
     *
     * @param worst the rows with the highest loss, the worst first
     * @param classes names of the classes that rows have; none where they have no class of their own, or there are too many to show
     * @param confusion how many rows of the class in row i were taken for that in column j
     */
    record Found(List<Seen> worst, List<String> classes, List<List<Long>> confusion) {
        static final Found NOTHING = new Found(List.of(), List.of(), List.of());
    }

    private record Loss(int index, double value, float @Nullable [] outputs) {}

    /**
     * Looks at every row.
     *
     * @param count of the worst at most
     */
    Found look(int count) {
        List<Loss> losses = new ArrayList<>();
        try (Lease whole = model.leases().hold(null)) {
            Objective objective = model.head().objective();
            if (objective.comparesRows()) {
                return Found.NOTHING;
            }
            for (int i = 0; i < rows.size(); i++) {
                Batch alone = new Batch(List.of(rows.get(i)));
                int items = objective.items(model, alone);
                if (items > 0) {
                    losses.add(loss(objective, i, alone, items));
                }
            }
        }
        Tokenizer tokenizer = tokenizer();
        List<Seen> worst = losses.stream()
                .sorted(Comparator.comparingDouble(Loss::value).reversed())
                .limit(count)
                .map(loss -> seen(loss, tokenizer))
                .toList();
        List<List<Long>> confusion = confusion(losses);
        return new Found(
                worst, IntStream.range(0, confusion.size()).mapToObj(this::name).toList(), confusion);
    }

    /** Of rows that have one class of several. */
    private List<List<Long>> confusion(List<Loss> losses) {
        List<float[]> outputs = new ArrayList<>();
        List<Integer> expected = new ArrayList<>();
        for (Loss loss : losses) {
            if (loss.outputs != null
                    && loss.outputs.length > 1
                    && rows.get(loss.index).target() instanceof Row.Target.Label label) {
                outputs.add(loss.outputs);
                expected.add(label.id());
            }
        }
        return outputs.isEmpty()
                ? List.of()
                : Judged.Classes.of(
                                outputs,
                                expected.stream().mapToInt(Integer::intValue).toArray())
                        .confusion();
    }

    private Loss loss(Objective objective, int index, Batch alone, int items) {
        float[][] outputs = new float[1][];
        try (Forward context = Forward.inference(model.scope())) {
            double sum = objective.evaluate(context, model, alone, (row, told) -> outputs[0] = told);
            return new Loss(index, sum / items, outputs[0]);
        }
    }

    private Seen seen(Loss loss, @Nullable Tokenizer tokenizer) {
        Row row = rows.get(loss.index);
        int[] ids = row.tokenIds();
        int shown = ids.length;
        String expected = expected(row.target(), loss.outputs != null, tokenizer);
        if (row.target() instanceof Row.Target.NextTokens next) {
            shown = 0;
            while (shown < ids.length && next.labels()[shown] == Row.Target.IGNORED) {
                shown++;
            }
            expected = text(Arrays.copyOfRange(ids, shown, ids.length), tokenizer);
        }
        return new Seen(
                loss.index + 1,
                loss.value,
                expected,
                predicted(row.target(), loss.outputs),
                text(Arrays.copyOf(ids, shown), tokenizer));
    }

    private String expected(Row.Target target, boolean ofClasses, @Nullable Tokenizer tokenizer) {
        if (target instanceof Row.Target.Label label) {
            return name(label.id());
        }
        if (target instanceof Row.Target.TokenLabels tokens) {
            int[] counted = tokens.judged().map(place -> tokens.labels()[place]).toArray();
            return ofClasses ? names(Arrays.stream(counted)) : text(counted, tokenizer);
        }
        return target instanceof Row.Target.Scores scores ? numbers(scores.values()) : "";
    }

    private String predicted(Row.Target target, float @Nullable [] outputs) {
        if (outputs == null) {
            return "";
        }
        if (target instanceof Row.Target.TokenLabels tokens) {
            return names(LabelledTokens.split(tokens, outputs).stream().mapToInt(SequenceClassifier::largest));
        }
        return target instanceof Row.Target.Label && outputs.length > 1
                ? name(SequenceClassifier.largest(outputs))
                : numbers(outputs);
    }

    private String names(IntStream ids) {
        return ids.mapToObj(this::name).collect(Collectors.joining(" "));
    }

    private String name(int id) {
        Head head = model.head();
        List<String> names = head instanceof SequenceHead rowHead
                ? rowHead.labels().names()
                : head instanceof TokenHead tokenHead ? tokenHead.labels().names() : List.of();
        return id < names.size() ? names.get(id) : String.valueOf(id);
    }

    private static String numbers(float[] values) {
        List<String> numbers = new ArrayList<>();
        for (float value : values) {
            numbers.add(Page.number(value));
        }
        return String.join(", ", numbers);
    }

    /** Rows of token ids need no tokenizer, and a report without texts is better than none. */
    private @Nullable Tokenizer tokenizer() {
        try {
            return model.text().tokenizer();
        } catch (CheckpointException e) {
            return null;
        }
    }

    private static String text(int[] ids, @Nullable Tokenizer tokenizer) {
        String whole = ids(ids);
        if (tokenizer != null) {
            try {
                whole = tokenizer.decode(ids, true);
            } catch (TokenizerException e) {
                // The numbers say what they can.
            }
        }
        int length = whole.codePointCount(0, whole.length());
        return length <= LONGEST_TEXT
                ? whole
                : whole.substring(0, whole.offsetByCodePoints(0, LONGEST_TEXT)) + " ... and " + (length - LONGEST_TEXT)
                        + " characters";
    }

    private static String ids(int[] ids) {
        return Arrays.stream(ids).mapToObj(String::valueOf).collect(Collectors.joining(" "));
    }
}
