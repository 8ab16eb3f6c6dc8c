package io.github.peft4j.methods.trainabletokens.internal;

import io.github.peft4j.core.config.TargetModules;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.PeftMethod;
import io.github.peft4j.core.selection.ModuleSelection;
import io.github.peft4j.methods.internal.layers.AdaptedLayers;
import io.github.peft4j.methods.internal.layers.AdapterParts;
import io.github.peft4j.methods.internal.layers.LayerMerge;
import io.github.peft4j.methods.internal.layers.LayerTargets;
import io.github.peft4j.methods.internal.layers.NewWeights;
import io.github.peft4j.methods.internal.tokens.TokenLayers;
import io.github.peft4j.methods.trainabletokens.TrainableTokensConfig;
import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.Model;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Trainable tokens: vectors of some tokens are trained, as Hugging Face PEFT's {@code TrainableTokensConfig} has it. An output layer that
 * shares the embedding's weight computes with the same vectors.
 */
public final class TrainableTokensMethod extends PeftMethod<TrainableTokensConfig> {

    /** For the registry of methods. */
    public TrainableTokensMethod() {
        super(
                "trainable-tokens",
                TrainableTokensConfig.SCHEMA,
                new Defaults(
                        1e-2, new Defaults.Trial(450, 1e-2, Map.of("token_indices", List.of(0, 1, 2, 3, 4, 5, 6, 7)))));
    }

    @Override
    public Adapter attach(Model<?> model, TrainableTokensConfig config, AttachContext context) {
        if (config.tokenIndices().isEmpty()) {
            throw new IllegalArgumentException(
                    "token_indices is empty: expected the numbers of the tokens whose vectors are to be trained");
        }
        Anatomy anatomy = model.anatomy();
        TrainableTokensConfig complete = config.targetModules() != null
                ? config
                : config.toBuilder()
                        .targetModules(TargetModules.ofPattern(anatomy.inputEmbedding()))
                        .build();
        ModuleSelection.Selected selected = LayerTargets.of(complete).select(model, context);
        List<Integer> tokens = config.tokenIndices();
        selected.paths().forEach(path -> TokenLayers.check(model, path, tokens, "token_indices"));
        boolean tied = anatomy.headIsTied() && selected.paths().contains(anatomy.inputEmbedding());
        List<String> own = selected.paths().stream()
                .filter(Predicate.not(path -> tied && path.equals(anatomy.head())))
                .toList();
        try (AdapterParts parts = new AdapterParts(model, context)) {
            AdaptedLayers layers = parts.add(AdaptedLayers.attach(model, wrapped -> {
                NewWeights first = NewWeights.of(model, context);
                TokenLayers wrapping =
                        new TokenLayers(model, wrapped, first, config.get(TrainableTokensConfig.INIT_WEIGHTS));
                for (String path : own) {
                    String head = tied && path.equals(anatomy.inputEmbedding()) ? anatomy.head() : null;
                    wrapping.wrap(path, tokens, TokenLayers.NAME, head, TokenLayers.NAME);
                }
            }));
            return parts.adapter(
                    config.toBuilder().targetModules(selected.targets()).build(),
                    new LayerMerge(model, context.adapterName(), layers.byPath()));
        }
    }
}
