package io.github.peft4j.models.embedding.internal;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.nn.Pooling;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What makes a vector of a text but the transformer: what a folder of sentence-transformers says, or what that library takes where
 * there is none.
 *
 * @param pooling from the hidden states of tokens to one
 * @param countsPrompt whether the tokens of a prompt are pooled too
 * @param steps what becomes of that
 * @param text from a text to tokens
 */
public record SentencePlan(Pooling pooling, boolean countsPrompt, List<Step> steps, TextSettings text) {

    private static final Set<String> POOLING_KEYS = Set.of(
            "word_embedding_dimension",
            "embedding_dimension",
            "pooling_mode",
            "include_prompt",
            "pooling_mode_cls_token",
            "pooling_mode_max_tokens",
            "pooling_mode_mean_tokens",
            "pooling_mode_mean_sqrt_len_tokens",
            "pooling_mode_weightedmean_tokens",
            "pooling_mode_lasttoken");

    /** Copies the steps. */
    public SentencePlan {
        steps = List.copyOf(steps);
    }

    /** The same with another pooling. */
    public SentencePlan withPooling(Pooling other) {
        return new SentencePlan(other, countsPrompt, steps, text);
    }

    /** The same with vectors of the length 1 at the end, or of whatever length. */
    public SentencePlan normalized(boolean wanted) {
        List<Step> changed = new ArrayList<>(steps);
        while (!changed.isEmpty() && changed.get(changed.size() - 1) == Step.NORMALIZE) {
            changed.remove(changed.size() - 1);
        }
        if (wanted) {
            changed.add(Step.NORMALIZE);
        }
        return new SentencePlan(pooling, countsPrompt, changed, text);
    }

    /**
     * What a folder says.
     *
     * @param folder one of sentence-transformers, a plain checkpoint, or null for none
     * @param json the transformer's config
     * @param width of hidden states
     * @param positions the most tokens that the model is for; 0 if there is no limit
     * @throws CheckpointException if a file is damaged or asks for something that is not implemented
     */
    public static SentencePlan of(@Nullable Path folder, ConfigJson json, int width, int positions)
            throws CheckpointException {
        if (folder == null || !ModuleList.isIn(folder)) {
            List<String> named = json.textsOf("architectures");
            // As there: of a language model the last token has seen all others.
            boolean last = !named.isEmpty() && named.get(0).endsWith("ForCausalLM") && json.flagOr(true, "is_causal");
            return new SentencePlan(
                    last ? Pooling.LAST : Pooling.MEAN, true, List.of(), TextSettings.read(null, folder, positions));
        }
        ModuleList list = ModuleList.read(folder);
        Path pooled = list.modules().get(1).folder();
        List<Step> steps = new ArrayList<>();
        for (ModuleList.Entry module : list.modules().subList(2, list.modules().size())) {
            steps.add(
                    module.kind() == ModuleList.Kind.DENSE
                            ? Step.Dense.read(module.folder())
                            : Step.normalize(module.folder()));
        }
        TextSettings text = TextSettings.read(folder, list.modules().get(0).folder(), positions);
        return ModuleConfig.read(pooled, "config.json", POOLING_KEYS, config -> {
            int told = config.integerOr(width, "embedding_dimension", "word_embedding_dimension");
            if (told != width) {
                throw new IllegalArgumentException(
                        "embedding_dimension must be the width of hidden states, " + width + ", got " + told);
            }
            return new SentencePlan(pooling(config), config.flagOr(true, "include_prompt"), steps, text);
        });
    }

    private static Pooling pooling(ConfigJson config) {
        List<Pooling.Mode> modes = new ArrayList<>();
        if (config.has("pooling_mode")) {
            boolean one = config.json("pooling_mode").startsWith("\"");
            List<String> names = one ? List.of(config.textOr("", "pooling_mode")) : config.texts("pooling_mode");
            names.forEach(name -> modes.add(Pooling.Mode.of(name)));
            return new Pooling(modes);
        }
        for (Pooling.Mode mode : Pooling.Mode.values()) {
            if (config.flagOr(false, oldKey(mode))) {
                modes.add(mode);
            }
        }
        return modes.isEmpty() ? Pooling.MEAN : new Pooling(modes);
    }

    /** How old configs say that a mode is one of those that are used. */
    static String oldKey(Pooling.Mode mode) {
        return "pooling_mode_" + mode.text()
                + switch (mode) {
                    case CLS -> "_token";
                    case MAX, MEAN, WEIGHTEDMEAN -> "_tokens";
                    case MEAN_SQRT_LEN_TOKENS, LASTTOKEN -> "";
                };
    }
}
