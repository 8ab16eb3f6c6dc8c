package io.github.peft4j.training.data.split.internal;

import io.github.peft4j.models.checkpoint.internal.InputFile;
import io.github.peft4j.training.data.internal.DataException;
import io.github.peft4j.training.data.internal.SplitChoice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the head of a published folder's {@code README.md} says of its files: the data sets that it holds, {@code configs}, which the hub calls subsets.
 *
 * @param subsets plain values
 */
record DataCard(Path file, List<Map<?, ?>> subsets) {

    private static final String NAME = "README.md";
    private static final String FENCE = "---";
    private static final String CONFIGS = "configs";
    private static final String CONFIG_NAME = "config_name";
    private static final String DATA_FILES = "data_files";
    private static final int LONGEST = 16 << 20;

    /** Characters of a pattern. */
    private static final int LONGEST_PATTERN = 1000;

    static DataCard of(Path folder) throws IOException {
        Path file = DataFolder.within(folder, NAME);
        String text = InputFile.textIfPresent(file, LONGEST);
        List<Map<?, ?>> subsets = new ArrayList<>();
        if (text != null) {
            try {
                if (CardYaml.read(block(text.lines().toList())) instanceof List<?> entries) {
                    for (Object entry : entries) {
                        if (!(entry instanceof Map<?, ?> map)) {
                            throw new CardYaml.Unread("an entry of another kind");
                        }
                        subsets.add(map);
                    }
                }
            } catch (CardYaml.Unread e) {
                throw new DataException(
                        "cannot read " + CONFIGS + " in the head of " + file + ", at " + e.getMessage()
                                + ": name the data files themselves",
                        e);
            }
        }
        return new DataCard(file, subsets);
    }

    /** The lines of the head that are below {@code configs}. */
    private static List<String> block(List<String> lines) {
        List<String> block = new ArrayList<>();
        boolean within = false;
        for (int i = 1; i < lines.size() && lines.get(0).strip().equals(FENCE); i++) {
            String line = lines.get(i);
            if (line.strip().equals(FENCE)) {
                break;
            }
            boolean top = !line.isEmpty() && !line.startsWith(" ") && !line.startsWith("-") && !line.startsWith("#");
            if (top) {
                within = line.strip().equals(CONFIGS + ":");
            } else if (within) {
                block.add(line);
            }
        }
        return block;
    }

    /**
     * The files of each split; none where the names of files are to tell.
     *
     * @param files all that there are
     * @param subset the one that is meant, or null for the only one or the default
     * @throws IOException if there is no such one, or it must be said which is meant
     */
    Map<String, List<String>> splits(List<String> files, @Nullable String subset) throws IOException {
        if (subsets.isEmpty() && subset == null) {
            return Map.of();
        }
        Map<?, ?> chosen = chosen(subset);
        Map<String, List<String>> splits = new LinkedHashMap<>();
        for (Map.Entry<String, List<String>> split : patterns(chosen).entrySet()) {
            List<String> found = new ArrayList<>();
            for (String pattern : split.getValue()) {
                NamePattern names = new NamePattern(requireShort(prefix(chosen) + pattern));
                files.stream()
                        .filter(names::matches)
                        .filter(name -> !found.contains(name))
                        .forEach(found::add);
            }
            if (found.isEmpty()) {
                throw new DataException(file + " says that the files of split " + split.getKey() + " are "
                        + split.getValue() + ", but there are none");
            }
            splits.put(split.getKey(), found);
        }
        return splits;
    }

    private static String prefix(Map<?, ?> subset) {
        Object folder = subset.get("data_dir");
        return folder == null ? "" : folder + "/";
    }

    private String requireShort(String pattern) throws DataException {
        if (pattern.length() > LONGEST_PATTERN) {
            throw new DataException(file + " has a pattern of " + pattern.length() + " characters");
        }
        return pattern;
    }

    private Map<?, ?> chosen(@Nullable String subset) throws DataException {
        List<String> names = subsets.stream()
                .map(each -> String.valueOf(each.get(CONFIG_NAME)))
                .toList();
        if (subset != null) {
            if (!names.contains(subset)) {
                throw new DataException(file.getParent() + " has no subset " + subset
                        + (names.isEmpty() ? "" : ", but " + String.join(", ", names)));
            }
            return subsets.get(names.indexOf(subset));
        }
        return subsets.stream()
                .filter(each -> subsets.size() == 1 || "true".equals(each.get("default")))
                .findFirst()
                .or(() -> subsets.stream()
                        .filter(each -> "default".equals(each.get(CONFIG_NAME)))
                        .findFirst())
                .orElseThrow(() -> new DataException(
                        file.getParent() + " has the subsets " + String.join(", ", names) + ": say which is meant"));
    }

    /** A text, a list of texts, a map of either by split, or a list of maps of a split and a path. */
    private Map<String, List<String>> patterns(Map<?, ?> subset) throws DataException {
        Object told = subset.get(DATA_FILES);
        Map<String, List<String>> patterns = new LinkedHashMap<>();
        if (told instanceof Map<?, ?> bySplit) {
            for (Map.Entry<?, ?> split : bySplit.entrySet()) {
                patterns.put(String.valueOf(split.getKey()), texts(split.getValue()));
            }
        } else if (told instanceof List<?> list && !list.isEmpty() && list.get(0) instanceof Map) {
            for (Object entry : list) {
                Map<?, ?> split = entry instanceof Map<?, ?> map ? map : Map.of();
                patterns.put(String.valueOf(split.get("split")), texts(split.get("path")));
            }
        } else if (told != null || subset.get("data_dir") != null) {
            patterns.put(SplitChoice.TRAIN, told == null ? List.of("**") : texts(told));
        }
        return patterns;
    }

    private List<String> texts(@Nullable Object value) throws DataException {
        List<?> list = value instanceof List<?> several ? several : value == null ? List.of() : List.of(value);
        if (list.isEmpty() || !list.stream().allMatch(String.class::isInstance)) {
            throw new DataException(file + ": " + DATA_FILES + " must name files, or files by split");
        }
        return list.stream().map(String.class::cast).toList();
    }
}
