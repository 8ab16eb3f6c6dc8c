package io.github.peft4j.core.internal.held;

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
 * The token tables of a vocabulary of its own that an adapter's file brings, as it does after the model was given more tokens, or fewer,
 * before training. Hugging Face has {@code resize_token_embeddings} called before such an adapter can be loaded; here the tables come from the
 * file, and are the model's as long as the adapter is active.
 *
 * <p>The base model's tables are neither changed nor copied.
 */
public final class OtherVocabulary {

    private final int tokens;
    private final int checkpointTokens;
    private final Map<String, VocabularyTable> tables;

    private OtherVocabulary(int tokens, int checkpointTokens, Map<String, VocabularyTable> tables) {
        this.tokens = tokens;
        this.checkpointTokens = checkpointTokens;
        this.tables = tables;
    }

    /**
     * Looks for token tables of another number of rows in a file and, if there are some, puts tables of that number in the place of the
     * model's; without values and memory yet.
     *
     * @return null if the file has none
     * @throws CheckpointException if a table claims to be larger than its file
     */
    static @Nullable OtherVocabulary in(Checkpoint file, Model<?> model) throws CheckpointException {
        Integer tokens = tokens(file, model);
        if (tokens == null) {
            return null;
        }
        BaseModules modules = BaseModules.of(model);
        Map<String, VocabularyTable> tables = new LinkedHashMap<>();
        TokenTables.ofRows(layers(model), tokens)
                .forEach((path, resized) -> modules.wrapBase(path, layer -> {
                    VocabularyTable table = new VocabularyTable(layer, resized);
                    tables.put(path, table);
                    return table;
                }));
        return new OtherVocabulary(tokens, model.config().vocabSize(), tables);
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
    public static @Nullable Integer tokens(Checkpoint file, Model<?> model) throws CheckpointException {
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

    /** Whether a weight is one of its tables. */
    boolean has(Weight weight) {
        return tables.values().stream()
                .anyMatch(table -> table.copy().ownWeights().containsValue(weight));
    }
}
