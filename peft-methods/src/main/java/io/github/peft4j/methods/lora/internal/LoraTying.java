package io.github.peft4j.methods.lora.internal;

import io.github.peft4j.core.config.TargetModules;
import io.github.peft4j.core.internal.pattern.PythonPattern;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.models.Anatomy;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What {@code ensure_weight_tying} makes of a config: where the output layer is tied to the embedding and one of them is trained, it is the
 * embedding that is named, and the output layer shares what is trained of it. Step by step Hugging Face PEFT's {@code _check_tied_modules}.
 *
 * @param config the settings with the names that count
 * @param copied path of the output layer that shares the trained copy of the embedding, or null
 * @param updated path of the output layer that shares the embedding's update, or null
 * @see <a href="https://github.com/huggingface/peft/blob/v0.21.2/src/peft/tuners/tuners_utils.py">_check_tied_modules</a>
 */
record LoraTying(
        LoraConfig config,
        @Nullable String copied,
        @Nullable String updated) {

    private static final Logger LOG = LoggerFactory.getLogger(LoraTying.class);

    /** Hugging Face's {@code EMBEDDING_LAYER_NAMES}: the names by which it notices that an embedding is trained. */
    private static final Set<String> EMBEDDINGS = Set.of("embed_tokens", "lm_head");

    /** Settles a config for a model. */
    static LoraTying of(LoraConfig config, Anatomy anatomy) {
        if (!config.ensureWeightTying()) {
            return new LoraTying(config, null, null);
        }
        if (!anatomy.headIsTied()) {
            LOG.warn("You have requested `ensure_weight_tying`, but no tied modules were found in the model");
            return new LoraTying(config, null, null);
        }
        String head = Objects.requireNonNull(anatomy.head());
        List<String> whole = config.modulesToSave();
        if (whole != null && whole.stream().anyMatch(LoraTying::isEmbedding)) {
            List<String> names = new ArrayList<>(whole);
            replace(names, anatomy.inputEmbedding(), head);
            return new LoraTying(config.toBuilder().modulesToSave(names).build(), head, null);
        }
        TargetModules targets = tied(config.targetModules(), anatomy.inputEmbedding(), head);
        if (targets == null) {
            LOG.warn("You have requested `ensure_weight_tying`, but no tied modules are added in either"
                    + " `modules_to_save` or `target_modules`");
            return new LoraTying(config, null, null);
        }
        return new LoraTying(config.toBuilder().targetModules(targets).build(), null, head);
    }

    private static boolean isEmbedding(String name) {
        return EMBEDDINGS.contains(lastOf(name));
    }

    private static String lastOf(String name) {
        return name.substring(name.lastIndexOf('.') + 1);
    }

    private static void replace(List<String> names, String embedding, String head) {
        if (!names.contains(embedding)) {
            names.add(embedding);
        }
        names.removeIf(
                name -> PythonPattern.compile("(^|.*\\.)" + name + "($|\\..*)").matchesAll(head));
    }

    /** Targets with the embedding and without the output layer; null if they have neither by a name that counts. */
    private static @Nullable TargetModules tied(@Nullable TargetModules targets, String embedding, String head) {
        if (targets instanceof TargetModules.Named named
                && named.names().stream().anyMatch(LoraTying::isEmbedding)) {
            List<String> names = new ArrayList<>(named.names());
            replace(names, embedding, head);
            return new TargetModules.Named(names);
        }
        if (targets instanceof TargetModules.Matching matching
                && EMBEDDINGS.stream().anyMatch(matching.pattern()::matchesAll)) {
            String text = matching.pattern().text();
            return matching.pattern().matchesAll(embedding)
                    ? matching
                    : TargetModules.ofPattern("(?:" + text + "|^" + embedding.replace(".", "\\.") + "$)");
        }
        return null;
    }

    /**
     * The settings as they are saved. Where Hugging Face would not notice the embedding by its own name when it reads them, the output
     * layer's stays there too: PEFT 0.21.2 leaves it out, and loads such an adapter untied.
     *
     * @param settled with what was found while attaching
     */
    LoraConfig saved(LoraConfig settled, Anatomy anatomy) {
        if (isEmbedding(anatomy.inputEmbedding())) {
            return settled;
        }
        if (copied != null) {
            List<String> names = new ArrayList<>(Objects.requireNonNull(settled.modulesToSave()));
            names.add(copied);
            return settled.toBuilder().modulesToSave(names).build();
        }
        if (updated != null && settled.targetModules() instanceof TargetModules.Named named) {
            List<String> names = new ArrayList<>(named.names());
            names.add(updated);
            return settled.toBuilder()
                    .targetModules(new TargetModules.Named(names))
                    .build();
        }
        return settled;
    }
}
