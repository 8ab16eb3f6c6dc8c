package io.github.peft4j.core.config;

import io.github.peft4j.core.internal.pattern.OneOrMany;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The settings by which most methods find their layers, and what configs and builders say of them. */
public final class LayerSettings {

    /** The adapted layers. */
    public static final Setting<@Nullable TargetModules> TARGET_MODULES = Setting.modules(
                    "target_modules",
                    "names that end a module's path; or a regular expression of whole paths; or `all-linear`")
            .defaultsTo("the architecture's");

    /** Layers left out again. */
    public static final Setting<@Nullable TargetModules> EXCLUDE_MODULES =
            Setting.modules("exclude_modules", "modules left out again: names, or a regular expression");

    /** The only blocks whose layers are adapted. */
    public static final Setting<@Nullable OneOrMany<Integer>> LAYERS_TO_TRANSFORM = Setting.oneOrManyIntegers(
                    "layers_to_transform", "the only blocks to adapt, counted from 0")
            .defaultsTo("all");

    /** Names of the lists of blocks that those are counted in. */
    public static final Setting<@Nullable OneOrMany<String>> LAYERS_PATTERN = Setting.oneOrManyTexts(
                    "layers_pattern", "names of the lists that `layers_to_transform` counts in")
            .defaultsTo("any");

    /** Modules that are trained whole. */
    public static final Setting<@Nullable List<String>> MODULES_TO_SAVE =
            Setting.texts("modules_to_save", "ends of paths of modules that are trained whole, such as `lm_head`");

    /** Whether weights lie transposed. */
    public static final Setting<Boolean> FAN_IN_FAN_OUT =
            Setting.flag("fan_in_fan_out", false, "whether weights lie transposed; found out while attaching");

    /** Which of the base model's biases an adapter trains beside its own parameters. */
    public enum Bias {
        /** None. */
        NONE,
        /** Every bias of the model. */
        ALL,
        /** The biases of the adapted layers. */
        ADAPTED
    }

    private LayerSettings() {}

    /** A pattern needs indices, as Hugging Face PEFT says. */
    public static void requireIndices(SettingValues values, Consumer<String> problems) {
        OneOrMany<String> pattern = values.get(LAYERS_PATTERN);
        if (pattern != null && !pattern.values().isEmpty() && values.get(LAYERS_TO_TRANSFORM) == null) {
            problems.accept("When `layers_pattern` is specified, `layers_to_transform` must also be specified. ");
        }
    }

    /** One text that says which layers cannot be limited to some blocks, as Hugging Face PEFT says. */
    public static void requireNames(SettingValues values, Consumer<String> problems) {
        TargetModules targets = values.get(TARGET_MODULES);
        boolean text = targets instanceof TargetModules.Matching || targets instanceof TargetModules.AllLinear;
        if (text && values.get(LAYERS_TO_TRANSFORM) != null) {
            problems.accept("`layers_to_transform` cannot be used when `target_modules` is a str.");
        }
        if (text && values.get(LAYERS_PATTERN) != null) {
            problems.accept("`layers_pattern` cannot be used when `target_modules` is a str.");
        }
    }

    /** A config with {@code target_modules}. */
    public interface Targets extends PeftConfig {

        /** The adapted layers, or null for the architecture's. */
        default @Nullable TargetModules targetModules() {
            return values().get(TARGET_MODULES);
        }
    }

    /** A config with {@code exclude_modules}. */
    public interface Exclusions extends PeftConfig {

        /** Layers left out again, or null. */
        default @Nullable TargetModules excludeModules() {
            return values().get(EXCLUDE_MODULES);
        }
    }

    /** A config with {@code layers_to_transform} and {@code layers_pattern}. */
    public interface Blocks extends PeftConfig {

        /** Indices of the only blocks whose layers are adapted, or null for all. */
        default @Nullable OneOrMany<Integer> layersToTransform() {
            return values().get(LAYERS_TO_TRANSFORM);
        }

        /** Names of the lists of blocks that those indices count in, or null for any. */
        default @Nullable OneOrMany<String> layersPattern() {
            return values().get(LAYERS_PATTERN);
        }
    }

    /** A config with {@code modules_to_save}. */
    public interface WholeModules extends PeftConfig {

        /** Ends of paths of modules that are trained whole, or null. */
        default @Nullable List<String> modulesToSave() {
            return values().get(MODULES_TO_SAVE);
        }
    }

    /** Builds a config with {@code target_modules}. */
    public interface TargetsBuilder<B> extends Setting.Sink<B> {

        /** The layers whose path is, or ends after a dot in, one of these names. */
        default B targetModules(String... names) {
            return targetModules(TargetModules.named(names));
        }

        /** The adapted layers; null for the architecture's. */
        default B targetModules(@Nullable TargetModules targets) {
            return set(TARGET_MODULES, targets);
        }
    }

    /** Builds a config with {@code exclude_modules}. */
    public interface ExclusionsBuilder<B> extends Setting.Sink<B> {

        /** Layers left out again, by ends of their paths. */
        default B excludeModules(String... names) {
            return excludeModules(TargetModules.named(names));
        }

        /** Layers left out again; null for none. */
        default B excludeModules(@Nullable TargetModules excluded) {
            return set(EXCLUDE_MODULES, excluded);
        }
    }

    /** Builds a config with {@code layers_to_transform} and {@code layers_pattern}. */
    public interface BlocksBuilder<B> extends Setting.Sink<B> {

        /** The only blocks whose layers are adapted, counted from 0. */
        default B layersToTransform(Integer... indices) {
            return layersToTransform(OneOrMany.many(List.of(indices)));
        }

        /** The only blocks whose layers are adapted, counted from 0; null for all. */
        default B layersToTransform(@Nullable OneOrMany<Integer> indices) {
            return set(LAYERS_TO_TRANSFORM, indices);
        }

        /** Names of the lists of blocks that {@link #layersToTransform} counts in. */
        default B layersPattern(String... names) {
            return layersPattern(OneOrMany.many(List.of(names)));
        }

        /** Names of the lists of blocks that {@link #layersToTransform} counts in; null for any. */
        default B layersPattern(@Nullable OneOrMany<String> names) {
            return set(LAYERS_PATTERN, names);
        }
    }

    /** Builds a config with {@code modules_to_save}. */
    public interface WholeModulesBuilder<B> extends Setting.Sink<B> {

        /** Modules that are trained whole, by ends of their paths. */
        default B modulesToSave(String... names) {
            return modulesToSave(List.of(names));
        }

        /** Modules that are trained whole, by ends of their paths; null for none. */
        default B modulesToSave(@Nullable List<String> names) {
            return set(MODULES_TO_SAVE, names);
        }
    }

    /** A config with all of these. */
    public interface All extends Targets, Exclusions, Blocks, WholeModules {}

    /** Builds a config with all of these. */
    public interface AllBuilder<B>
            extends TargetsBuilder<B>, ExclusionsBuilder<B>, BlocksBuilder<B>, WholeModulesBuilder<B> {}
}
