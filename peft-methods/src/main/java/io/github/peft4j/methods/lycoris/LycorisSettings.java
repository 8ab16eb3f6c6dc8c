package io.github.peft4j.methods.lycoris;

import io.github.peft4j.core.config.ConfigValues;
import io.github.peft4j.core.config.TargetModules;
import io.github.peft4j.methods.internal.layers.LayerTargets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What LoHa and LoKr are set with alike, Hugging Face's {@code LycorisConfig} and more.
 *
 * @param r rank, at least 1
 * @param alpha \(\alpha\); an update is scaled by \(\alpha / r\). Whole or not, as it is written
 * @param rankDropout probability with which an output of an update is dropped in training, from 0 to below 1
 * @param moduleDropout probability with which a whole update is dropped in training, from 0 to 1
 * @param useEffectiveConv2d concerns convolutions, which these models do not have; kept as it is
 * @param targets the adapted layers
 * @param rankPattern ranks of some layers, by regular expressions of ends of their paths
 * @param alphaPattern values of \(\alpha\) of some layers, likewise
 */
public record LycorisSettings(
        int r,
        Number alpha,
        double rankDropout,
        double moduleDropout,
        boolean useEffectiveConv2d,
        LayerTargets targets,
        Map<String, Integer> rankPattern,
        Map<String, Number> alphaPattern) {

    /** Hugging Face PEFT's default of {@code r} and {@code alpha}. */
    public static final int DEFAULT = 8;

    /** Copies the maps. */
    public LycorisSettings {
        rankPattern = Collections.unmodifiableMap(new LinkedHashMap<>(rankPattern));
        alphaPattern = Collections.unmodifiableMap(new LinkedHashMap<>(alphaPattern));
    }

    /** Settings of a rank and a scale for the architecture's customary layers. */
    public static LycorisSettings of(int r, Number alpha) {
        return new LycorisSettings(r, alpha, 0, 0, false, new LayerTargets(null, null, null), Map.of(), Map.of());
    }

    /** The same for other layers. */
    public LycorisSettings withTargets(LayerTargets other) {
        return new LycorisSettings(
                r, alpha, rankDropout, moduleDropout, useEffectiveConv2d, other, rankPattern, alphaPattern);
    }

    LycorisSettings withTargetModules(TargetModules found) {
        return withTargets(new LayerTargets(
                found,
                targets.excludeModules(),
                targets.layersToTransform(),
                targets.layersPattern(),
                targets.modulesToSave()));
    }

    /** The same with probabilities of dropping outputs of updates and whole updates. */
    public LycorisSettings withDropout(double ofOutputs, double ofUpdates) {
        return new LycorisSettings(
                r, alpha, ofOutputs, ofUpdates, useEffectiveConv2d, targets, rankPattern, alphaPattern);
    }

    /** The same with ranks and scales of some layers, by regular expressions of ends of their paths. */
    public LycorisSettings withPatterns(Map<String, Integer> ranks, Map<String, ? extends Number> alphas) {
        return new LycorisSettings(
                r,
                alpha,
                rankDropout,
                moduleDropout,
                useEffectiveConv2d,
                targets,
                ranks,
                new LinkedHashMap<String, Number>(alphas));
    }

    /** Everything that is wrong, in Hugging Face PEFT's words where it has some. */
    List<String> problems() {
        List<String> problems = new ArrayList<>();
        rank(r, problems);
        rankPattern.values().forEach(rank -> rank(rank, problems));
        if (!(rankDropout >= 0 && rankDropout < 1)) {
            problems.add("rank_dropout must be at least 0 and below 1, got " + rankDropout);
        }
        if (!(moduleDropout >= 0 && moduleDropout <= 1)) {
            problems.add("module_dropout must be from 0 to 1, got " + moduleDropout);
        }
        targets.checkPattern(problems);
        return problems;
    }

    private static void rank(int rank, List<String> problems) {
        if (rank < 1) {
            problems.add("`r` should be a positive integer value but the value passed is " + rank);
        }
    }

    /** The settings by Hugging Face's names. */
    Map<String, @Nullable Object> json() {
        Map<String, @Nullable Object> settings = new LinkedHashMap<>();
        settings.put("r", r);
        settings.put("alpha", alpha);
        settings.put("rank_dropout", rankDropout);
        settings.put("module_dropout", moduleDropout);
        settings.put("use_effective_conv2d", useEffectiveConv2d);
        targets.putTargets(settings);
        targets.putLayers(settings);
        settings.put("rank_pattern", rankPattern);
        settings.put("alpha_pattern", alphaPattern);
        return settings;
    }

    /** Reads the settings; what is absent takes Hugging Face PEFT's default. */
    static LycorisSettings read(ConfigValues values) {
        return new LycorisSettings(
                values.integer("r", DEFAULT),
                values.numberAsWritten("alpha", DEFAULT),
                values.number("rank_dropout", 0),
                values.number("module_dropout", 0),
                values.flag("use_effective_conv2d", false),
                new LayerTargets(
                        values.targetsOrNull("target_modules"),
                        values.targetsOrNull("exclude_modules"),
                        values.oneOrManyIntegers("layers_to_transform"),
                        values.oneOrManyTexts("layers_pattern"),
                        values.textsOrNull("modules_to_save")),
                ranks(values),
                values.numbersAsWritten("alpha_pattern"));
    }

    private static Map<String, Integer> ranks(ConfigValues values) {
        Map<String, Integer> ranks = new LinkedHashMap<>();
        values.numbersAsWritten("rank_pattern").forEach((pattern, rank) -> {
            if (rank instanceof Integer whole) {
                ranks.put(pattern, whole);
            } else {
                values.reject("rank_pattern must hold whole numbers, got " + pattern + ": " + rank);
            }
        });
        return ranks;
    }
}
