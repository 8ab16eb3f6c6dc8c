package io.github.peft4j.training.data.split.internal;

import io.github.peft4j.training.data.RowSource;
import io.github.peft4j.training.data.internal.DataException;
import io.github.peft4j.training.data.internal.SplitChoice;
import io.github.peft4j.training.data.internal.SplitChoice.Opener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Finds the rows of files, each of which is a split to train on, and of folders. */
public final class SplitReader implements SplitChoice.Reader {

    @Override
    public List<RowSource> rows(Path path, SplitChoice choice, Opener opener) throws IOException {
        Map<String, List<Path>> splits = Files.isDirectory(path)
                ? DataFolder.of(path, choice.subset()).splits()
                : Map.of(SplitChoice.TRAIN, List.of(path));
        return rows(splits, path, choice, opener);
    }

    private static List<RowSource> rows(Map<String, List<Path>> splits, Path path, SplitChoice choice, Opener opener)
            throws IOException {
        Map<String, List<RowSource>> open = new LinkedHashMap<>();
        List<RowSource> rows = new ArrayList<>();
        for (SplitPart part : parts(splits, path, choice)) {
            List<Path> files = splits.get(part.name());
            if (files == null) {
                throw new DataException(
                        path + " has no split " + part.name() + ", but " + String.join(", ", splits.keySet()));
            }
            List<RowSource> whole = open.get(part.name());
            if (whole == null) {
                whole = new ArrayList<>();
                for (Path file : files) {
                    whole.add(opener.open(file));
                }
                open.put(part.name(), whole);
            }
            rows.addAll(SlicedRows.of(whole, part));
        }
        if (rows.isEmpty()) {
            throw new DataException(path + " has no rows in " + choice.named());
        }
        return rows;
    }

    private static List<SplitPart> parts(Map<String, List<Path>> splits, Path path, SplitChoice choice)
            throws DataException {
        if (choice.named() != null) {
            return SplitPart.parse(choice.named());
        }
        String found = choice.usual().stream()
                .filter(splits::containsKey)
                .findFirst()
                .or(() -> splits.keySet().stream()
                        .filter(only -> splits.size() == 1)
                        .findFirst())
                .orElseThrow(() -> new DataException(
                        path + " has the splits " + String.join(", ", splits.keySet()) + ": say which is meant"));
        return List.of(new SplitPart(found, null, null, false, false));
    }
}
