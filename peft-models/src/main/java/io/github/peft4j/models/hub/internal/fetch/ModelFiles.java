package io.github.peft4j.models.hub.internal.fetch;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.InputFile;
import io.github.peft4j.models.hub.internal.http.HubException;
import io.github.peft4j.models.internal.json.JsonException;
import io.github.peft4j.models.internal.json.JsonLimits;
import io.github.peft4j.models.internal.json.JsonTree;
import io.github.peft4j.models.internal.json.JsonValues;
import io.github.peft4j.models.internal.message.Listed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a model or an adapter is loaded from: its configs, its tokenizer and template, and its weights in one form, safetensors before PyTorch's. Of
 * sentence-transformers' folders, those of each module.
 */
public final class ModelFiles implements Selection {

    private static final String ADAPTER_CONFIG = "adapter_config.json";

    private static final String MODULES = "modules.json";

    /** In the order in which a checkpoint is looked for; an index names further files. */
    private static final List<String> WEIGHTS = List.of(
            "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json");

    private static final List<String> ADAPTER_WEIGHTS = List.of("adapter_model.safetensors", "adapter_model.bin");

    /** Beside weights. */
    private static final Pattern SETTINGS = Pattern.compile("(adapter_|generation_)?config\\.json|labels\\.json"
            + "|(tokenizer|tokenizer_config|special_tokens_map|added_tokens|vocab|tekken)\\.json|(vocab|merges)\\.txt"
            + "|(tokenizer|spiece|sentencepiece\\.bpe|tiktoken)\\.model|chat_template\\.(jinja|json)|additional_chat_templates/[^/]+\\.jinja"
            + "|modules\\.json|config_sentence_transformers\\.json|sentence_\\w+_config\\.json");

    private static final Pattern TOKENIZER =
            Pattern.compile("(.*/)?(tokenizer\\.json|tekken\\.json|vocab\\.(json|txt)|[\\w.]+\\.model)");

    /** An adapter's further weights, which its method knows: those of an encoder, say. */
    private static final Pattern BESIDE_ADAPTER =
            Pattern.compile("(?!model|adapter_model|optimizer)\\w+\\.safetensors");

    private static final JsonLimits INDEX = JsonLimits.ofBytes(64 << 20).withParts(2_000_000);

    private final boolean adapter;

    private ModelFiles(boolean adapter) {
        this.adapter = adapter;
    }

    /** Those of a model, whether or not adapters lie beside it; of an adapter if there is no model. */
    public static ModelFiles ofModel() {
        return new ModelFiles(false);
    }

    /** Those of an adapter. */
    public static ModelFiles ofAdapter() {
        return new ModelFiles(true);
    }

    @Override
    public Set<String> wanted(Collection<String> paths, Path folder) throws IOException {
        boolean asAdapter = isAdapter(paths);
        if (adapter && !asAdapter) {
            throw new HubException.Refusal("it holds no adapter: expected " + ADAPTER_CONFIG + ", " + found(paths));
        }
        Set<String> wanted = new TreeSet<>();
        if (asAdapter) {
            paths.stream()
                    .filter(path -> SETTINGS.matcher(path).matches()
                            || BESIDE_ADAPTER.matcher(path).matches())
                    .forEach(wanted::add);
            addFirst(wanted, paths, "", ADAPTER_WEIGHTS, folder);
            return wanted;
        }
        addModule(wanted, paths, "", folder, !paths.contains(MODULES) || paths.contains("config.json"));
        if (paths.contains(MODULES)) {
            for (String module : modules(folder)) {
                addModule(wanted, paths, module + "/", folder, false);
            }
        }
        return wanted;
    }

    private boolean isAdapter(Collection<String> paths) {
        return paths.contains(ADAPTER_CONFIG)
                && (adapter || (!paths.contains("config.json") && !paths.contains(MODULES)));
    }

    /** Small files come in before weights do, so that whatever has its weights is whole; but others may have left out the tokenizer. */
    @Override
    public boolean isWhole(Collection<String> paths, boolean known, Path folder) {
        boolean tokenizer = known
                || isAdapter(paths)
                || paths.stream().anyMatch(path -> TOKENIZER.matcher(path).matches());
        return tokenizer && Selection.super.isWhole(paths, true, folder);
    }

    private static void addModule(
            Set<String> wanted, Collection<String> paths, String prefix, Path folder, boolean weighted)
            throws IOException {
        paths.stream()
                .filter(path -> path.startsWith(prefix)
                        && SETTINGS.matcher(path.substring(prefix.length())).matches())
                .forEach(wanted::add);
        boolean weights = WEIGHTS.stream().anyMatch(name -> paths.contains(prefix + name));
        if (weights || weighted) {
            addFirst(wanted, paths, prefix, WEIGHTS, folder);
        }
    }

    private static void addFirst(
            Set<String> wanted, Collection<String> paths, String prefix, List<String> names, Path folder)
            throws IOException {
        String first = names.stream()
                .map(name -> prefix + name)
                .filter(paths::contains)
                .findFirst()
                .orElseThrow(() -> new HubException.Refusal("it holds no weights that can be read: expected "
                        + String.join(" or ", names) + ", " + found(paths)));
        wanted.add(first);
        if (first.endsWith(".index.json")) {
            for (String shard : shards(folder.resolve(first))) {
                wanted.add(prefix + shard);
            }
        }
    }

    private static String found(Collection<String> paths) {
        return paths.isEmpty() ? "found no files" : "found " + Listed.names(paths);
    }

    private static Set<String> shards(Path index) throws CheckpointException {
        @Nullable Map<String, @Nullable Object> json = InputFile.jsonIfPresent(index, INDEX);
        Set<String> shards = new TreeSet<>();
        if (json != null && json.get("weight_map") instanceof Map<?, ?> map) {
            map.values().forEach(name -> shards.add(String.valueOf(name)));
        }
        return shards;
    }

    /** Folders of modules but for the first folder itself; whether they can be used is seen when they are loaded. */
    private static Set<String> modules(Path folder) throws IOException {
        Path file = folder.resolve(MODULES);
        Set<String> modules = new TreeSet<>();
        if (!Files.exists(file)) {
            return modules;
        }
        try {
            Object json = JsonTree.parse(InputFile.bytes(file, INDEX.bytes()), INDEX);
            for (Object module : json instanceof List<?> list ? list : List.of()) {
                String path = module instanceof Map<?, ?> ? HuggingFaceSite.text(JsonValues.at(module, "path")) : "";
                if (!path.isEmpty()) {
                    modules.add(path.replaceFirst("/$", ""));
                }
            }
        } catch (JsonException e) {
            throw new CheckpointException(file + " is no valid JSON: " + e.getMessage(), e);
        }
        return modules;
    }
}
