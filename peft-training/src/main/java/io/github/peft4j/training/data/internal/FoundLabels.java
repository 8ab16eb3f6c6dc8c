package io.github.peft4j.training.data.internal;

import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.training.data.RowSource;
import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
    /** The names behind numbers, where the sources say them. */
    private List<String> told = List.of();

    private FoundLabels() {}

    /**
     * Reads the labels of rows, whatever else these are; what is wrong with rows is told when they are encoded.
     *
     * @param perToken whether each word or token has one
     */
    public static FoundLabels in(List<? extends RowSource> sources, boolean perToken) {
        FoundLabels found = new FoundLabels();
        List<String> keys = perToken ? OF_TOKENS : OF_ROWS;
        try {
            RowReader.read(sources, row -> found.row(row, keys, perToken));
            found.told = told(sources, keys);
        } catch (IOException e) {
            // Whoever reads these next says so, with all other problems.
            return found;
        }
        return found;
    }

    /** The names of the classes of all sources, none where they differ. */
    private static List<String> told(List<? extends RowSource> sources, List<String> keys) throws IOException {
        Set<List<String>> all = new HashSet<>();
        for (RowSource source : sources) {
            List<DescribedRows.Column> columns =
                    source instanceof DescribedRows described ? described.columns() : List.of();
            all.add(keys.stream()
                    .flatMap(key ->
                            columns.stream().filter(column -> column.name().equals(key)))
                    .findFirst()
                    .map(DescribedRows.Column::classes)
                    .orElse(List.of()));
        }
        return all.size() == 1 ? all.iterator().next() : List.of();
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

    /** Whether the outputs have names: the labels are names, or numbers behind which the sources say names. */
    public boolean named() {
        return !names.isEmpty() || saysNames();
    }

    private boolean saysNames() {
        return largest >= 0
                && !fractions
                && largest < told.size()
                && told.size() > 1
                && told.size() <= SequenceHead.Labels.MOST
                && Set.copyOf(told).size() == told.size();
    }

    /**
     * The outputs that a head for these has: one for each name; where labels are numbers, those that the sources name, or one for values with a fraction, one for each number of
     * a list, or one for each from 0 to the largest. Empty if there are no labels, or none above 1.
     */
    public Optional<SequenceHead.Labels> outputs() {
        if (!names.isEmpty()) {
            return Optional.of(new SequenceHead.Labels(List.copyOf(names)));
        }
        if (saysNames()) {
            return Optional.of(new SequenceHead.Labels(told));
        }
        int count = fractions ? 1 : width > 0 ? width : largest > 0 ? largest + 1 : 0;
        return count == 0 || count > SequenceHead.Labels.MOST
                ? Optional.empty()
                : Optional.of(SequenceHead.Labels.numbered(count));
    }
}
