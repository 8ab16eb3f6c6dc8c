package io.github.peft4j.core.method;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.internal.wrap.Substitute;
import io.github.peft4j.core.method.internal.Swappable;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Module;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * One adapter in a model: what {@link PeftModel} needs of it, whatever its method.
 *
 * <p>Its weights hang in the model's tree of modules, or are at least among {@link #trainable}, so that they are found when all are
 * frozen, trained or counted. What its file holds of the base model itself, embeddings that are saved beside an adapter, is no concern
 * of the adapter: {@link PeftModel} reads, uses and saves it. Layers that it trains copies of are {@link Substitute}s, of which
 * {@link PeftModel} lets one at most be in use at a time.
 */
public interface Adapter {

    /** What Hugging Face puts before a module's path in adapter files: {@code base_model.model.model.layers.0...}. */
    String KEY_PREFIX = "base_model.model.";

    /** What Hugging Face puts before a module's path in the files of methods that change the inputs alone: {@code base_model.lm_head...}. */
    String MODEL_PREFIX = "base_model.";

    /**
     * Weights that saved parameters are computed from, kept in a file of their own that Hugging Face PEFT does not look at.
     *
     * @param file its plain name, in the adapter's folder
     * @param tensors how many it holds
     * @param supplier gives them by key in that file, and makes those of a saved adapter: it is asked where there is such a file with so
     *     many tensors, or where it is to be written; none if there are none any more, and the file is to go
     */
    record Sidecar(String file, long tensors, Supplier<Map<String, Weight>> supplier) {

        /** Weights that there are. */
        public static Sidecar of(String file, Map<String, Weight> weights) {
            return new Sidecar(file, weights.size(), () -> weights);
        }

        /** The weights. */
        public Map<String, Weight> weights() {
            return supplier.get();
        }
    }

    /** The config as it is saved: what the method settled while attaching is filled in. */
    PeftConfig config();

    /** What is saved, by its full key in the adapter file; in Hugging Face's shapes. */
    Map<String, Weight> parameters();

    /**
     * Other keys by which Hugging Face's modules know a weight too, as those of tied layers, with the key that is saved: a whole model's state
     * has them, and some adapter files.
     */
    default Map<String, String> aliases() {
        return Map.of();
    }

    /** The weights that training changes; usually those saved, more where a method saves what it computes from them. */
    default Map<String, Weight> trainable() {
        return parameters();
    }

    /** What a weight is in an update that is a product of two: optimisers such as LoRA+ give the factors rates of their own. */
    enum Factor {
        /** The factor that begins at zero and gives the layer's outputs, B in LoRA, with what is added to it. */
        SECOND,
        /** Either factor of an update of a table of embeddings. */
        OF_EMBEDDING
    }

    /** Which of its weights are factors that optimisers can tell apart; none in most methods. */
    default Map<Weight, Factor> factors() {
        return Map.of();
    }

    /** What is kept beside the parameters so that training can go on, of methods that save what they compute. */
    default Optional<Sidecar> sidecar() {
        return Optional.empty();
    }

    /**
     * What it takes for itself alone, in words for messages. No two adapters that are in use at a time take the same; layers that it
     * trains copies of need no mention.
     */
    default Set<String> takesAlone() {
        return Set.of();
    }

    /**
     * Paths of layers of the base model out of which it has taken something while it is there, as PiSSA takes its first factors: a file's
     * values of those layers lack it, and cannot be told from another model's.
     */
    default Set<String> takesFromBase() {
        return Set.of();
    }

    /** Called before {@link #parameters} are saved, by methods that save what they compute. */
    default void beforeSave() {}

    /**
     * Called before {@link #afterLoad} where the folder lacks what is kept {@link #sidecar}, as one does that Hugging Face PEFT wrote: the
     * parameters are all there is.
     */
    default void besideIsMissing() {}

    /** Called after {@link #parameters} got saved values. */
    default void afterLoad() {}

    /** Off: the model computes what it did without this adapter, to the bit. */
    void setEnabled(boolean enabled);

    /** Whether it is on. */
    boolean isEnabled();

    /** Takes the adapter, which is not merged, out of the model and frees it; the model is as before. */
    void remove();

    /** How to merge it into the weights, if it can be. */
    default Optional<Mergeable> mergeable() {
        return Optional.empty();
    }

    /** How to exchange its values for those of a saved adapter, if that can be done. */
    default Optional<Swappable> swappable() {
        return Optional.empty();
    }

    /**
     * The wrappers that do all that the adapter does, {@link Substitute}s apart, if each of them can apply to some rows of a batch only:
     * as {@link io.github.peft4j.models.nn.Wrapper#changed} lets them.
     */
    default Optional<Collection<? extends Module>> rowModules() {
        return Optional.empty();
    }

    /** An adapter that can become part of the model's own weights. */
    interface Mergeable {

        /**
         * Puts the adapter into the weights, computed in float32; nothing changes if it is merged already.
         *
         * @return what changed, nothing if it was merged already
         * @throws IllegalStateException if a merged weight would not be finite, or cannot hold the change; nothing is changed then
         */
        WeightChange merge();

        /** Takes it out again; exactly, since the former weights are kept while merged. */
        void unmerge();

        /** Whether it is merged now. */
        boolean isMerged();
    }
}
