package io.github.peft4j.core.internal.store;

import io.github.peft4j.core.internal.trained.NewBiases;
import io.github.peft4j.core.internal.wrap.Substitute;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.internal.ModelOrigin;
import io.github.peft4j.models.internal.output.ClaimedFolder;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.pretrained.internal.PretrainedFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A base model with adapters merged into it, written as an ordinary checkpoint. */
public final class MergedCheckpoint {

    private static final String TIED = "tie_word_embeddings";

    private static final String TOKENS = "vocab_size";

    private MergedCheckpoint() {}

    /**
     * Writes what a model computes with now.
     *
     * <p>The tensors are those that transformers would write, under the same names: each weight once, a tied output layer left out, and
     * none of the buffers that some old checkpoints hold and that follow from the config.
     *
     * @param tokenizer the folder of the tokenizer, or null for the base model's
     */
    public static void write(Model<?> model, Path folder, @Nullable Path tokenizer, long shardBytes)
            throws IOException {
        ModelOrigin origin = requireOrigin(model);
        Map<String, Weight> weights = weights(model);
        Anatomy anatomy = model.anatomy();
        @Nullable String head = anatomy.head();
        boolean untied = anatomy.headIsTied() && head != null && weights.containsKey(head + ".weight");
        try (ClaimedFolder claim = ClaimedFolder.join(folder);
                Scope scope = model.scope().child()) {
            NewBiases biases = NewBiases.of(model, weights.keySet(), scope);
            weights.putAll(biases.zeros());
            Map<String, Object> settings = new LinkedHashMap<>(origin.config());
            settings.putAll(biases.flags());
            if (untied) {
                settings.put(TIED, false);
            }
            if (model.vocabSize() != model.config().vocabSize()) {
                settings.put(TOKENS, model.vocabSize());
            }
            PretrainedFolder.write(
                    weights, model.precision(), sources(model, origin, tokenizer), folder, settings, shardBytes);
        }
    }

    /**
     * Checks, before anything is merged, that it can be written there.
     *
     * @param tokenizer the folder of the tokenizer, or null for the base model's
     * @throws IllegalStateException if the model was not loaded from a folder
     * @throws IOException if {@code folder} holds something that must not be overwritten, or the model's own folder cannot be read
     */
    public static void requireWritable(Model<?> model, Path folder, @Nullable Path tokenizer) throws IOException {
        ModelOrigin origin = requireOrigin(model);
        requireOther(origin.folder(), folder);
        PretrainedFolder.requireReadable(sources(model, origin, tokenizer));
    }

    private static PretrainedFolder.Sources sources(Model<?> model, ModelOrigin origin, @Nullable Path tokenizer) {
        return new PretrainedFolder.Sources(
                origin.folder(), tokenizer == null ? origin.folder() : tokenizer, model.head());
    }

    private static ModelOrigin requireOrigin(Model<?> model) {
        ModelOrigin origin = model.origin();
        if (origin == null) {
            throw new IllegalStateException("the model was not loaded from a folder, so there is no config to write"
                    + " beside its weights: say where it came from with Model.setOrigin");
        }
        return origin;
    }

    private static void requireOther(Path source, Path folder) throws IOException {
        if (Files.isRegularFile(folder)) {
            throw new IOException("Provided path (" + folder + ") should be a directory, not a file");
        }
        if (Files.exists(folder) && Files.isSameFile(source, folder)) {
            throw new IOException(folder + " holds the base model: give another folder, so that it is not overwritten");
        }
        if (Files.exists(folder.resolve(AdapterStore.CONFIG))) {
            throw new IOException(
                    folder + " holds an adapter, which transformers would put on top of the merged weights"
                            + " when it reads them: give another folder");
        }
    }

    /** Every weight that is in use once, under the first path it is found at. */
    private static Map<String, Weight> weights(Model<?> model) {
        Map<String, Weight> found = new LinkedHashMap<>();
        Set<Weight> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        BaseModules modules = BaseModules.of(model);
        modules.outermostByPath().forEach((path, outermost) -> {
            Substitute substitute = BaseModules.inUse(outermost);
            Module layer = substitute == null ? modules.base(path) : substitute.copy();
            layer.ownWeights().forEach((name, weight) -> {
                if (seen.add(weight)) {
                    found.put(path.isEmpty() ? name : path + "." + name, weight);
                }
            });
        });
        return found;
    }
}
