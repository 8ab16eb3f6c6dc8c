package io.github.peft4j.training.data.split.internal;

import io.github.peft4j.training.data.internal.DataException;
import io.github.peft4j.training.data.internal.SplitChoice;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A folder of data files as data sets are published: the names of files or of folders tell the splits, by the rules of {@code datasets}'
 * {@code data_files.py}; or the folder's card does.
 */
final class PublishedFolder {

    private static final int DEPTH = 8;
    private static final int MOST_FILES = 100_000;

    private static final Set<String> NO_DATA = Set.of(
            "README.md",
            "config.json",
            "dataset_info.json",
            "dataset_infos.json",
            "dummy_data.zip",
            "dataset_dict.json");

    private static final Pattern SHARD = Pattern.compile("data/(\\w+(?:\\.\\w+)*)-\\d{5}-of-\\d{5}[^/]*\\.[^/]*");

    /** The names of splits, in their order, and the words for them. */
    private static final Map<String, List<String>> WORDS = new LinkedHashMap<>();

    static {
        WORDS.put(SplitChoice.TRAIN, List.of("train", "training"));
        WORDS.put("validation", List.of("validation", "valid", "dev", "val"));
        WORDS.put("test", List.of("test", "testing", "eval", "evaluation"));
    }

    /** What is before a word that does not begin the name, and behind one that does not end it. */
    private static final String BEFORE = "[^/]*[-._ 0-9]";

    private static final String BEHIND = "[-._ 0-9][^/]*";

    /** Where a word stands in the path of a file, in the order in which files are taken. */
    private static final List<String> IN_FOLDER =
            List.of("%s/", "%s" + BEHIND + "/", BEFORE + "%s/", BEFORE + "%s" + BEHIND + "/");

    private static final List<String> IN_FILE = List.of("%s" + BEHIND, BEFORE + "%s" + BEHIND);

    /** Formats by the ends of names, in the order that decides where there are as many of two. */
    private static final Map<String, String> FORMATS = new LinkedHashMap<>();

    static {
        FORMATS.put("parquet", "parquet");
        FORMATS.put("arrow", "arrow");
        FORMATS.put("jsonl", "json");
        FORMATS.put("json", "json");
        FORMATS.put("csv", "csv");
        FORMATS.put("ndjson", "json");
        FORMATS.put("tsv", "csv");
    }

    private PublishedFolder() {}

    /**
     * The files of each split.
     *
     * @param subset which of several that the card tells, or null
     * @throws IOException if there are none
     */
    static Map<String, List<Path>> splits(Path folder, @Nullable String subset) throws IOException {
        List<String> files = files(folder);
        Map<String, List<String>> named = DataCard.of(folder).splits(files, subset);
        Map<String, List<String>> data = ofOneFormat(named.isEmpty() ? byNames(files) : named);
        if (data.isEmpty()) {
            throw new DataException(
                    folder + " is no data set: expected what save_to_disk of datasets wrote, or files that"
                            + " end with one of " + FORMATS.keySet());
        }
        Map<String, List<Path>> splits = new LinkedHashMap<>();
        for (Map.Entry<String, List<String>> split : data.entrySet()) {
            List<Path> paths = new ArrayList<>();
            for (String name : split.getValue()) {
                paths.add(DataFolder.within(folder, name));
            }
            splits.put(split.getKey(), paths);
        }
        return splits;
    }

    /** All files, with {@code /} between the parts of a path, but those that are hidden. */
    private static List<String> files(Path folder) throws IOException {
        List<String> files = new ArrayList<>();
        Files.walkFileTree(folder, Set.<FileVisitOption>of(), DEPTH, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path at, BasicFileAttributes about) {
                String name = String.valueOf(at.getFileName());
                boolean hidden = !at.equals(folder) && (name.startsWith(".") || name.startsWith("__"));
                return hidden ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes about) throws IOException {
                String name = String.valueOf(file.getFileName());
                if (!name.startsWith(".") && !NO_DATA.contains(name) && !Files.isDirectory(file)) {
                    files.add(folder.relativize(file).toString().replace('\\', '/'));
                }
                if (files.size() > MOST_FILES) {
                    throw new DataException(folder + " holds more than " + MOST_FILES + " files");
                }
                return FileVisitResult.CONTINUE;
            }
        });
        files.sort(Comparator.naturalOrder());
        return files;
    }

    private static Map<String, List<String>> byNames(List<String> files) {
        Map<String, List<String>> shards = new TreeMap<>();
        for (String file : files) {
            Matcher shard = SHARD.matcher(file);
            if (shard.matches()) {
                shards.computeIfAbsent(shard.group(1), name -> new ArrayList<>())
                        .add(file);
            }
        }
        if (!shards.isEmpty()) {
            Map<String, List<String>> usualFirst = new LinkedHashMap<>();
            WORDS.keySet().stream().filter(shards::containsKey).forEach(name -> usualFirst.put(name, shards.get(name)));
            shards.forEach(usualFirst::putIfAbsent);
            return usualFirst;
        }
        Map<String, List<String>> byFolder = byWords(files, IN_FOLDER, ".*");
        if (!byFolder.isEmpty()) {
            return byFolder;
        }
        Map<String, List<String>> byFile = byWords(files, IN_FILE, "");
        return byFile.isEmpty() && !files.isEmpty() ? Map.of(SplitChoice.TRAIN, files) : byFile;
    }

    private static Map<String, List<String>> byWords(List<String> files, List<String> forms, String rest) {
        Map<String, List<String>> splits = new LinkedHashMap<>();
        WORDS.forEach((name, words) -> {
            Set<String> found = new LinkedHashSet<>();
            for (String word : words) {
                for (String form : forms) {
                    Pattern pattern = Pattern.compile("(?:.*/)?" + String.format(Locale.ROOT, form, word) + rest);
                    files.stream().filter(pattern.asMatchPredicate()).forEach(found::add);
                }
            }
            if (!found.isEmpty()) {
                splits.put(name, List.copyOf(found));
            }
        });
        return splits;
    }

    /** Of each split the files in the format that most of them are in, as {@code datasets} has it: others stand beside the data. */
    private static Map<String, List<String>> ofOneFormat(Map<String, List<String>> splits) {
        Map<String, List<String>> data = new LinkedHashMap<>();
        splits.forEach((name, files) -> {
            List<String> kept = ofOneFormat(files);
            if (!kept.isEmpty()) {
                data.put(name, kept);
            }
        });
        return data;
    }

    private static List<String> ofOneFormat(List<String> files) {
        Map<String, Integer> counts = new HashMap<>();
        files.stream().flatMap(file -> endings(file).stream()).forEach(ending -> counts.merge(ending, 1, Integer::sum));
        String format = "";
        int most = 0;
        for (Map.Entry<String, String> known : FORMATS.entrySet()) {
            int count = counts.getOrDefault(known.getKey(), 0);
            if (count > most) {
                most = count;
                format = known.getValue();
            }
        }
        String chosen = format;
        return files.stream()
                .filter(file -> endings(file).stream().anyMatch(ending -> chosen.equals(FORMATS.get(ending))))
                .toList();
    }

    /** What follows each dot of a file's name. */
    private static List<String> endings(String file) {
        String[] parts = file.substring(file.lastIndexOf('/') + 1)
                .toLowerCase(Locale.ROOT)
                .split("\\.", -1);
        return Arrays.asList(parts).subList(1, parts.length);
    }
}
