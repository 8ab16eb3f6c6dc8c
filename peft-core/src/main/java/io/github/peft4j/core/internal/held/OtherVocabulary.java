package io.github.peft4j.core.internal.held;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.internal.KeySpellings;
import io.github.peft4j.core.method.internal.SavedAdapter;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.checkpoint.internal.FileProblem;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.internal.input.TokenTables;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Module;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The token tables of a vocabulary of its own that an adapter brings, as it does after the model was given more tokens, or fewer, before
 * training. Hugging Face has {@code resize_token_embeddings} called before such an adapter can be loaded; here the tables are the model's as
 * long as the adapter is active. They come from the file if it has some. Else, where the adapter trains tokens one by one of which some follow the
 * checkpoint's last, the model's own go on for them, see {@link TokensBeyond}.
 *
 * <p>The base model's tables are neither changed nor copied.
 */
public final class OtherVocabulary {

    private final int tokens;
    private final int checkpointTokens;
    private final boolean fromFile;
    private final Map<String, VocabularyTable> tables;

    private OtherVocabulary(int tokens, int checkpointTokens, boolean fromFile, Map<String, VocabularyTable> tables) {
        this.tokens = tokens;
        this.checkpointTokens = checkpointTokens;
        this.fromFile = fromFile;
        this.tables = tables;
    }

    /**
     * Puts the tables that an adapter brings in the place of the model's, if it brings some; those that its file has without values and memory
     * yet.
     *
     * @return null if it brings none
     * @throws CheckpointException if a table claims to be larger than its file, or tokens are not accounted for
     */
    static @Nullable OtherVocabulary in(SavedAdapter saved, Model<?> model) throws CheckpointException {
        Integer given = tokens(saved.weights(), model);
        if (given != null) {
            return put(model, given, true, TokenTables.ofRows(layers(model), given));
        }
        return grown(model, TokensBeyond.of(saved, model));
    }

    /**
     * Lets the model's tables go on for the tokens of a new adapter that follow its last.
     *
     * @return null if there are none
     * @throws IllegalArgumentException if they do not follow one after the other
     */
    static @Nullable OtherVocabulary in(PeftConfig config, Model<?> model) {
        return grown(model, TokensBeyond.of(config, model));
    }

    private static @Nullable OtherVocabulary grown(Model<?> model, @Nullable Integer tokens) {
        return tokens == null ? null : put(model, tokens, false, TokenTables.grown(layers(model), tokens));
    }

    private static OtherVocabulary put(Model<?> model, int tokens, boolean fromFile, Map<String, Module> layers) {
        BaseModules modules = BaseModules.of(model);
        Map<String, VocabularyTable> tables = new LinkedHashMap<>();
        layers.forEach((path, resized) -> modules.wrapBase(path, layer -> {
            VocabularyTable table = new VocabularyTable(layer, resized);
            tables.put(path, table);
            return table;
        }));
        return new OtherVocabulary(tokens, model.config().vocabSize(), fromFile, tables);
    }

    /**
     * The number of tokens that a model has with a saved adapter, if it is another than the model's; else null.
     *
     * @throws CheckpointException if a table claims to be larger than its file, or tokens are not accounted for
     */
    public static @Nullable Integer tokens(SavedAdapter saved, Model<?> model) throws CheckpointException {
        Integer given = tokens(saved.weights(), model);
        return given == null ? TokensBeyond.of(saved, model) : given;
    }

    private static Map<String, Module> layers(Model<?> model) {
        BaseModules modules = BaseModules.of(model);
        Map<String, Module> layers = new LinkedHashMap<>();
        model.tokenTables().forEach(path -> layers.put(path, modules.base(path)));
        return layers;
    }

    /**
     * The number of rows that a file's token tables have, if it is another than the model's; else null.
     *
     * @throws CheckpointException if a table claims to be larger than its file
     */
    private static @Nullable Integer tokens(Checkpoint file, Model<?> model) throws CheckpointException {
        Map<String, Weight> tables = BaseWeights.of(model).tables();
        // Copies of them that were trained whole may stand there under names of their own.
        KeySpellings spellings = new KeySpellings(tables.keySet(), Map.of(), key -> true);
        for (String name : file.names()) {
            KeySpellings.Meaning meaning = spellings.of(name);
            Weight own = meaning == null ? null : tables.get(meaning.key());
            if (own == null) {
                continue;
            }
            TensorInfo info = file.info(name);
            if (isTable(info.shape(), own.shape().getShape())
                    && info.shape().get(0) != model.config().vocabSize()) {
                requireBytes(file, info);
                return Math.toIntExact(info.shape().get(0));
            }
        }
        return null;
    }

    /** Whether a shape is that of a table like a given one, of whatever number of rows. */
    private static boolean isTable(List<Long> found, long[] own) {
        List<Long> shape = Arrays.stream(own).boxed().toList();
        return found.size() == shape.size()
                && found.get(0) > 0
                && found.get(0) <= Integer.MAX_VALUE
                && found.subList(1, found.size()).equals(shape.subList(1, shape.size()));
    }

    /** What is allocated for a vocabulary must be justified by the file's own size: a pickled view can repeat a row without end. */
    private static void requireBytes(Checkpoint file, TensorInfo info) throws CheckpointException {
        try {
            long size = Files.size(file.source(info.name()));
            if (info.byteSize() > size) {
                throw new CheckpointException(info.name() + " of shape " + info.shape() + " takes " + info.byteSize()
                        + " bytes, but its file has " + size + " (" + file.source(info.name()) + ")");
            }
        } catch (CheckpointException e) {
            throw e;
        } catch (IOException e) {
            throw new CheckpointException("cannot read " + file.source(info.name()) + ": " + FileProblem.of(e), e);
        }
    }

    /**
     * The tables that nobody has values for.
     *
     * @param given the weights that there are values for; null stands for none
     * @param owned paths of layers whose tables the adapter has itself
     * @return for messages
     */
    List<String> missing(Collection<@Nullable Weight> given, Collection<String> owned) {
        List<String> missing = new ArrayList<>();
        if (!fromFile) {
            return missing;
        }
        tables.forEach((path, table) -> table.copy().ownWeights().forEach((name, weight) -> {
            if (!owned.contains(path) && !given.contains(weight)) {
                missing.add("missing " + Adapter.KEY_PREFIX + path + "." + name + " " + SavedAdapter.shape(weight)
                        + ", of the adapter's vocabulary of " + tokens + " tokens, where the model has "
                        + checkpointTokens + ": save the adapter with save_embedding_layers=True, or enlarge the"
                        + " checkpoint itself with transformers' resize_token_embeddings and save_pretrained");
            }
        }));
        return missing;
    }

    /** How many tokens it has. */
    public int tokens() {
        return tokens;
    }

    /** The layers over its tables, by the path of the layer that each takes the place of. */
    Map<String, VocabularyTable> tables() {
        return Collections.unmodifiableMap(tables);
    }

    /** Whether the tables came with the file, whole. */
    boolean fromFile() {
        return fromFile;
    }

    /** Whether a weight is one of its tables and gets its values from the file. */
    boolean awaits(Weight weight) {
        return fromFile
                && tables.values().stream()
                        .anyMatch(table -> table.copy().ownWeights().containsValue(weight));
    }
}
