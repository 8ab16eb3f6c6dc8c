package io.github.peft4j.training.data.internal;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.training.data.RowSource;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What rows call their labels, where nothing else says it. Names are sorted by their code points, as Python sorts them and as {@code run_ner.py} and
 * {@code class_encode_column} of Hugging Face's {@code datasets} number them.
 */
public final class FoundLabels {

    private static final List<String> OF_ROWS = List.of("label");
    private static final List<String> OF_TOKENS = List.of("tags", "ner_tags", "labels");

    private final SortedSet<String> names = new TreeSet<>(
            Comparator.comparing((String name) -> name.codePoints().toArray(), Arrays::compare));
    private int largest = -1;
    private boolean fractions;
    /** Of lists of numbers: -1 for none. */
    private int width = -1;

    private FoundLabels() {}

    /**
     * Reads the labels of rows, whatever else these are; what is wrong with rows is told when they are encoded.
     *
     * @param perToken whether each word or token has one
     * @throws CheckpointException never
     */
    public static FoundLabels in(List<? extends RowSource> sources, boolean perToken) throws CheckpointException {
        FoundLabels found = new FoundLabels();
        try {
            RowReader.read(sources, row -> found.row(row, perToken ? OF_TOKENS : OF_ROWS, perToken));
        } catch (DataException e) {
            // Whoever reads these next says so, with all other problems.
            return found;
        }
        return found;
    }

    private @Nullable Object row(FileRow row, List<String> keys, boolean perToken) {
        for (String key : keys) {
            if (row.has(key)) {
                label(row.number(key), perToken);
                break;
            }
        }
        return null;
    }

    private void label(@Nullable Object value, boolean perToken) {
        if (value instanceof List<?> list) {
            if (!perToken && list.stream().allMatch(Number.class::isInstance)) {
                width = Math.max(width, list.size());
            } else {
                list.forEach(each -> label(each, perToken));
            }
        } else if (value instanceof String name) {
            names.add(name);
        } else if (value instanceof Integer number) {
            largest = Math.max(largest, number);
        } else if (value instanceof Number) {
            fractions = true;
        }
    }

    /** The names. */
    public SortedSet<String> names() {
        return names;
    }

    /**
     * The outputs that a head for these has: one for each name; where labels are numbers, one for values with a fraction, one for each number of
     * a list, or one for each from 0 to the largest. Empty if there are no labels, or none above 1.
     */
    public Optional<SequenceHead.Labels> outputs() {
        if (!names.isEmpty()) {
            return Optional.of(new SequenceHead.Labels(List.copyOf(names)));
        }
        int count = fractions ? 1 : width > 0 ? width : largest > 0 ? largest + 1 : 0;
        return count == 0 || count > SequenceHead.Labels.MOST
                ? Optional.empty()
                : Optional.of(SequenceHead.Labels.numbered(count));
    }
}
