package io.github.peft4j.methods.lora.internal;

import io.github.peft4j.core.config.LayerSettings;
import io.github.peft4j.core.config.TargetModules;
import io.github.peft4j.core.internal.trained.ModulesToSave;
import io.github.peft4j.core.method.Combination;
import io.github.peft4j.core.method.internal.Combinable.Part;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.methods.lora.internal.update.LoraInitialization;
import io.github.peft4j.methods.lora.internal.update.LoraLayer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The config of the adapter that several LoRA adapters become. */
final class CombinedConfig {

    /** What is said where ranks must be equal and are not. */
    static final String UNEQUAL_RANKS = "All adapters must have the same r value when using combination_type linear,"
            + " ties, dare_ties or dare_linear.";

    private final List<Part> parts;
    private final Combination how;
    private final List<LoraConfig> configs;

    private CombinedConfig(List<Part> parts, Combination how) {
        this.parts = parts;
        this.how = how;
        this.configs = parts.stream()
                .map(part -> ((LoraAdapter) part.adapter()).config())
                .toList();
    }

    static LoraConfig of(List<Part> parts, Combination how) {
        return new CombinedConfig(parts, how).make();
    }

    private LoraConfig make() {
        for (int i = 0; i < parts.size(); i++) {
            if (configs.get(i).useDora()) {
                throw new IllegalArgumentException("adapter '" + parts.get(i).name()
                        + "' uses DoRA, which stretches whole weights: merge it instead of combining it");
            }
        }
        LoraConfig first = configs.get(0);
        int rank = rank();
        TokenIndices tokens = tokens();
        boolean tied = tied();
        boolean alike = configs.stream().allMatch(config -> restrictions(config).equals(restrictions(first)));
        TargetModules targets = alike ? united() : paths();
        return LoraConfig.builder(rank, rank)
                .common(first.common())
                .loraDropout(first.loraDropout())
                .targetModules(targets)
                .excludeModules(alike ? first.excludeModules() : null)
                .layersToTransform(alike ? first.layersToTransform() : null)
                .layersPattern(alike ? first.layersPattern() : null)
                .initLoraWeights(
                        LoraInitialization.of(first.initLoraWeights()).takesFromBase()
                                        || configs.stream().anyMatch(LoraConfig::loraBias)
                                ? "true"
                                : first.initLoraWeights())
                .loraBias(configs.stream().anyMatch(LoraConfig::loraBias))
                .bias(configs.stream()
                        .map(LoraConfig::bias)
                        .filter(bias -> bias != LayerSettings.Bias.NONE)
                        .findFirst()
                        .orElse(LayerSettings.Bias.NONE))
                .modulesToSave(ModulesToSave.united(
                        configs.stream().map(LoraConfig::modulesToSave).toList()))
                .set(LoraConfig.TRAINABLE_TOKEN_INDICES, tokens)
                .ensureWeightTying(tied)
                .set(LayerSettings.FAN_IN_FAN_OUT, first.get(LayerSettings.FAN_IN_FAN_OUT))
                .build();
    }

    /** The tokens of the one adapter that trains some: vectors that take the place of rows have no sum. */
    private @Nullable TokenIndices tokens() {
        List<String> names = new ArrayList<>();
        TokenIndices found = null;
        for (int i = 0; i < parts.size(); i++) {
            TokenIndices own = configs.get(i).get(LoraConfig.TRAINABLE_TOKEN_INDICES);
            if (own != null) {
                names.add(parts.get(i).name());
                found = own;
            }
        }
        if (names.size() > 1) {
            throw new IllegalArgumentException("Cannot add weighted adapters of which more than one has"
                    + " trainable_token_indices, but found " + names);
        }
        return found;
    }

    private boolean tied() {
        List<String> names = parts.stream()
                .filter(part -> ((LoraAdapter) part.adapter()).keepsTied())
                .map(Part::name)
                .toList();
        if (!names.isEmpty() && names.size() < parts.size()) {
            throw new IllegalArgumentException(
                    "Cannot add weighted adapters of which only some keep tied layers tied by"
                            + " ensure_weight_tying: " + names);
        }
        return !names.isEmpty();
    }

    /** What limits the targets. */
    private static List<@Nullable Object> restrictions(LoraConfig config) {
        List<@Nullable Object> restrictions = new ArrayList<>();
        restrictions.add(config.excludeModules());
        restrictions.add(config.layersToTransform());
        restrictions.add(config.layersPattern());
        return restrictions;
    }

    private int rank() {
        List<Integer> ranks = configs.stream().map(CombinedConfig::largestRank).toList();
        if (how.kind() == Combination.Kind.CAT) {
            return ranks.stream().mapToInt(rank -> rank).sum();
        }
        int largest = ranks.stream().mapToInt(rank -> rank).max().orElseThrow();
        if (how.ofProducts()) {
            return how.svdRank() == null ? largest : Objects.requireNonNull(how.svdRank());
        }
        if (ranks.stream().distinct().count() > 1) {
            throw new IllegalArgumentException(UNEQUAL_RANKS + " They are " + ranks + ".");
        }
        return largest;
    }

    private static int largestRank(LoraConfig config) {
        int largest =
                config.rankPattern().values().stream().mapToInt(rank -> rank).reduce(config.r(), Math::max);
        return LoraInitialization.of(config.initLoraWeights()).takesFromBase() ? 2 * largest : largest;
    }

    private TargetModules united() {
        TargetModules united = TargetModules.united(configs.stream()
                .map(config -> Objects.requireNonNull(config.targetModules()))
                .toList());
        return united == null ? paths() : united;
    }

    /** All layers that one of the adapters is for, by their whole paths. */
    private TargetModules paths() {
        Set<String> paths = new LinkedHashSet<>();
        for (Part part : parts) {
            Map<String, List<LoraLayer>> updates = ((LoraAdapter) part.adapter()).updates();
            paths.addAll(updates.keySet());
        }
        return new TargetModules.Named(List.copyOf(paths));
    }
}
