package io.github.peft4j.core.internal.publish;

import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.checkpoint.internal.FileProblem;
import io.github.peft4j.models.hub.internal.ModelLocation;
import io.github.peft4j.models.hub.internal.fetch.Globs;
import io.github.peft4j.models.hub.push.internal.Content;
import io.github.peft4j.models.hub.push.internal.PushedFile;
import io.github.peft4j.models.pretrained.Models;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An adapter's or a checkpoint's folder as others are to see it: complete, with a card, and without what is only of use here.
 *
 * @param files what it consists of, in alphabetical order
 * @param leftOut what lies in the folder and is not among them, with the reason
 * @param here the base model as the adapter names it, if that is a folder of this computer, or null
 */
public record PublishedFolder(
        List<PushedFile> files,
        Map<String, String> leftOut,
        @Nullable String here) {

    private static final String MODEL_CONFIG = "config.json";

    /**
     * What is wanted of a folder.
     *
     * @param title what a new card is headed with
     * @param include patterns of the files wanted, in place of those that make an adapter or a checkpoint
     * @param exclude patterns of files that are not
     * @param baseModel what the base model is called where others find it, or null
     */
    public record Choice(
            String title,
            List<String> include,
            List<String> exclude,
            @Nullable String baseModel) {}

    /** What a folder holds. */
    private record Kind(Set<String> weights, Set<String> adapters) {}

    /**
     * Looks at a folder.
     *
     * @throws CheckpointException if it is no complete adapter or checkpoint, or nothing of it is wanted
     */
    public static PublishedFolder of(Path folder, Choice choice) throws CheckpointException {
        Kind kind = kind(folder);
        FolderFiles all = FolderFiles.of(folder);
        Map<String, String> leftOut = new TreeMap<>(all.kept());
        Map<String, PushedFile> files = new TreeMap<>();
        Globs include = new Globs(choice.include());
        Globs exclude = new Globs(choice.exclude());
        OwnFiles own = new OwnFiles(kind.weights(), kind.adapters());
        for (Map.Entry<String, Path> entry : all.found().entrySet()) {
            String path = entry.getKey();
            if (exclude.match(path)) {
                leftOut.put(path, "not wanted");
            } else if (include.isEmpty() ? own.has(path) : include.match(path)) {
                files.put(path, file(path, entry.getValue()));
            } else if (include.isEmpty()) {
                leftOut.put(path, kind.adapters().isEmpty() ? "not part of a checkpoint" : "not part of an adapter");
            } else {
                leftOut.put(path, "not wanted");
            }
        }
        if (files.isEmpty()) {
            throw new CheckpointException("nothing of " + folder + " is wanted: no file matches " + choice.include()
                    + " and not " + choice.exclude());
        }
        BaseModelName base = BaseModelName.in(folder, kind.adapters(), choice.baseModel());
        base.configs().forEach((path, text) -> files.computeIfPresent(path, (name, old) -> text(name, text)));
        boolean wanted = !exclude.match(AdapterStore.CARD) && (include.isEmpty() || include.match(AdapterStore.CARD));
        @Nullable String card = wanted ? PublishedCard.text(folder, choice.title(), base) : null;
        if (card != null) {
            files.put(AdapterStore.CARD, text(AdapterStore.CARD, card));
        }
        return new PublishedFolder(List.copyOf(files.values()), leftOut, base.here());
    }

    /** How many bytes there are. */
    public long bytes() {
        return files.stream().mapToLong(PushedFile::size).sum();
    }

    /** The card's text, or null if it is not among the files. */
    public @Nullable String card() throws IOException {
        for (PushedFile file : files) {
            if (file.path().equals(AdapterStore.CARD)) {
                return new String(file.content().bytes(), StandardCharsets.UTF_8);
            }
        }
        return null;
    }

    private static PushedFile text(String path, String text) {
        return new PushedFile(path, Content.of(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static PushedFile file(String path, Path file) throws CheckpointException {
        try {
            return new PushedFile(path, Content.of(file));
        } catch (IllegalArgumentException e) {
            throw new CheckpointException(String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new CheckpointException("cannot read " + file + ": " + FileProblem.of(e), e);
        }
    }

    private static Kind kind(Path folder) throws CheckpointException {
        Map<String, Path> adapters = AdapterStore.folders(folder);
        if (adapters.containsKey(AttachContext.DEFAULT_NAME)) {
            return adapters(folder, adapters);
        }
        Path model = ModelLocation.ofFolder(folder).folder();
        if (!Files.exists(model.resolve(MODEL_CONFIG))) {
            throw new CheckpointException(folder + " holds neither a checkpoint nor an adapter: expected "
                    + MODEL_CONFIG + " or " + AdapterStore.CONFIG
                    + (adapters.isEmpty() ? "" : "; there are adapters in folders below: " + adapters.keySet()));
        }
        Models.modelType(ConfigJson.read(model));
        Set<String> weights = weights(folder, model);
        for (String index : List.of("model.safetensors.index.json", "pytorch_model.bin.index.json")) {
            boolean named = weights.stream().anyMatch(name -> sameForm(name, index));
            if (weights.size() > 1 && named && Files.exists(model.resolve(index))) {
                weights.add(path(folder, model.resolve(index)));
            }
        }
        return new Kind(weights, Set.of());
    }

    private static boolean sameForm(String weights, String index) {
        return index.startsWith("model.") == weights.endsWith(".safetensors");
    }

    private static Kind adapters(Path folder, Map<String, Path> adapters) throws CheckpointException {
        Set<String> weights = new HashSet<>();
        Set<String> folders = new HashSet<>();
        for (Path adapter : adapters.values()) {
            // Folders to resume from hold adapters too.
            if (adapter.equals(folder) || OwnFiles.secret(String.valueOf(adapter.getFileName())) == null) {
                Path config = adapter.resolve(AdapterStore.CONFIG);
                if (AdapterStore.values(config).constantNameOrNull("peft_type") == null) {
                    throw new CheckpointException(config + " lacks peft_type");
                }
                weights.addAll(weights(folder, AdapterStore.weights(adapter)));
                folders.add(path(folder, adapter));
            }
        }
        return new Kind(weights, folders);
    }

    /** The files that tensors lie in; all of them are there, and as large as they say. */
    private static Set<String> weights(Path folder, Path weights) throws CheckpointException {
        Set<String> files = new HashSet<>();
        try (Checkpoint checkpoint = Checkpoint.open(weights)) {
            for (String name : new ArrayList<>(checkpoint.names())) {
                checkpoint.info(name);
                files.add(path(folder, checkpoint.source(name)));
            }
        }
        return files;
    }

    private static String path(Path folder, Path file) {
        return folder.relativize(file).toString().replace(file.getFileSystem().getSeparator(), "/");
    }
}
