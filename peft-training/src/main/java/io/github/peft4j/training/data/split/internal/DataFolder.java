package io.github.peft4j.training.data.split.internal;

import io.github.peft4j.models.checkpoint.internal.InputFile;
import io.github.peft4j.models.checkpoint.internal.UntrustedFolder;
import io.github.peft4j.models.internal.json.JsonLimits;
import io.github.peft4j.training.data.internal.DataException;
import io.github.peft4j.training.data.internal.SplitChoice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder that is a data set.
 *
 * @param splits the files of each split, in the order of their rows
 */
public record DataFolder(Map<String, List<Path>> splits) {

    private static final String DICT = "dataset_dict.json";
    private static final String STATE = "state.json";
    private static final String INFO = "dataset_info.json";

    /** OWNER___NAME/CONFIG/VERSION/HASH/dataset_info.json. */
    private static final int CACHE_DEPTH = 4;

    private static final JsonLimits LIMITS = JsonLimits.ofBytes(64 << 20);

    /**
     * What a folder holds: what {@code save_to_disk} wrote, a data set or several by split; what {@code datasets} keeps in its cache; or else data files
     * whose names tell their splits.
     *
     * @param subset which of several that the folder's card tells, or null
     * @throws IOException if it is none of them, or is several
     */
    public static DataFolder of(Path folder, @Nullable String subset) throws IOException {
        if (Files.exists(folder.resolve(DICT))) {
            return new DataFolder(dict(folder));
        }
        if (Files.exists(folder.resolve(STATE))) {
            return new DataFolder(saved(folder));
        }
        List<Path> cached = cached(folder);
        if (cached.size() > 1) {
            throw new DataException(folder + " holds several data sets of datasets' cache: name one of the folders "
                    + cached.stream().map(Path::toString).collect(Collectors.joining(", ")));
        }
        return new DataFolder(cached.isEmpty() ? PublishedFolder.splits(folder, subset) : inCache(cached.get(0)));
    }

    /** A {@code DatasetDict}: a folder for each split. */
    private static Map<String, List<Path>> dict(Path folder) throws IOException {
        Map<String, List<Path>> splits = new LinkedHashMap<>();
        for (String name : texts(within(folder, DICT), "splits")) {
            Path split = within(folder, name);
            splits.put(
                    name, saved(split).values().stream().flatMap(List::stream).toList());
        }
        if (splits.isEmpty()) {
            throw new DataException(folder.resolve(DICT) + " names no splits");
        }
        return splits;
    }

    /** A {@code Dataset}: its files, and the name of the split that it is. */
    private static Map<String, List<Path>> saved(Path folder) throws IOException {
        Path file = within(folder, STATE);
        Map<String, @Nullable Object> state = InputFile.json(file, LIMITS);
        // Written by versions before 2.0: which rows are meant, in another file.
        if (state.get("_indices_data_files") instanceof List<?> indices && !indices.isEmpty()) {
            throw new DataException(file + " has _indices_data_files, a choice of rows in files of their own, which is"
                    + " not read: save the data set again with a newer version of datasets");
        }
        List<Path> files = new ArrayList<>();
        for (Object entry : list(file, state, "_data_files")) {
            if (!(entry instanceof Map<?, ?> named) || !(named.get("filename") instanceof String name)) {
                throw new DataException(file + ": _data_files must name files");
            }
            files.add(within(folder, name));
        }
        String split = state.get("_split") instanceof String name ? name : SplitChoice.TRAIN;
        return Map.of(split, files);
    }

    /** The folders of the cache that a folder is, or that lie in it. */
    private static List<Path> cached(Path folder) throws IOException {
        try (Stream<Path> files = Files.find(folder, CACHE_DEPTH + 1, (file, about) -> file.endsWith(INFO))) {
            return files.map(info -> info.resolveSibling("."))
                    .map(Path::normalize)
                    .filter(found -> !Files.exists(found.resolve(STATE)))
                    .filter(DataFolder::hasArrow)
                    .sorted()
                    .toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static boolean hasArrow(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.anyMatch(file -> file.toString().endsWith(".arrow"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A data set of the cache: {@code NAME-SPLIT.arrow} or {@code NAME-SPLIT-00000-of-00002.arrow}, beside results of {@code map}. */
    private static Map<String, List<Path>> inCache(Path folder) throws IOException {
        Path file = within(folder, INFO);
        Map<String, @Nullable Object> info = InputFile.json(file, LIMITS);
        if (!(info.get("splits") instanceof Map<?, ?> told) || told.isEmpty()) {
            throw new DataException(file + " names no splits: is the data set's preparation finished?");
        }
        List<String> names;
        try (Stream<Path> files = Files.list(folder)) {
            names = files.map(each -> String.valueOf(each.getFileName()))
                    .sorted()
                    .toList();
        }
        Map<String, List<Path>> splits = new LinkedHashMap<>();
        for (Map.Entry<?, ?> split : told.entrySet()) {
            String name = String.valueOf(split.getKey());
            Object owner = split.getValue() instanceof Map<?, ?> about ? about.get("dataset_name") : null;
            String start = (owner == null ? info.get("dataset_name") : owner) + "-" + name;
            List<Path> found = new ArrayList<>();
            for (String each : names) {
                if (each.startsWith(start) && each.substring(start.length()).matches("(-\\d{5}-of-\\d{5})?\\.arrow")) {
                    found.add(within(folder, each));
                }
            }
            if (found.isEmpty()) {
                throw new DataException(
                        file + " names the split " + name + ", but there is no file " + start + ".arrow");
            }
            splits.put(name, found);
        }
        return splits;
    }

    private static List<String> texts(Path file, String key) throws IOException {
        List<String> texts = new ArrayList<>();
        for (Object entry : list(file, InputFile.json(file, LIMITS), key)) {
            if (!(entry instanceof String text)) {
                throw new DataException(file + ": " + key + " must be a list of texts");
            }
            texts.add(text);
        }
        return texts;
    }

    private static List<?> list(Path file, Map<String, @Nullable Object> values, String key) throws DataException {
        if (values.get(key) instanceof List<?> list) {
            return list;
        }
        throw new DataException(file + ": expected a list " + key);
    }

    /**
     * A file or folder that a folder names.
     *
     * @throws IOException if it does not lie in the folder
     */
    static Path within(Path folder, String name) throws IOException {
        Path path = folder.resolve(name).normalize();
        if (name.isEmpty() || !path.startsWith(folder.normalize()) || path.equals(folder.normalize())) {
            throw new DataException(folder + " names a file outside of it: " + name);
        }
        return UntrustedFolder.file(folder, name);
    }
}
