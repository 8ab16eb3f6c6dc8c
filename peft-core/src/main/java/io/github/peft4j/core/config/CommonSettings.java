package io.github.peft4j.core.config;

import io.github.peft4j.models.Anatomy;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the configs of all methods have.
 *
 * @param taskType what the model is used for, or null
 * @param baseModel name or folder of the base model ({@code base_model_name_or_path}), or null
 * @param revision version of the base model, or null
 * @param inferenceMode whether the adapter is meant for use only; always true in files
 * @param autoMapping the base model's class, written where there is no task type, or null
 * @param peftVersion the version of Hugging Face PEFT whose format the config has
 * @param unknown keys of a file that no version known here has, kept to be written back
 * @param ofModel whether the task is that of the model which an adapter with these settings is put on; there is no task type then
 */
public record CommonSettings(
        @Nullable TaskType taskType,
        @Nullable String baseModel,
        @Nullable String revision,
        boolean inferenceMode,
        @Nullable Map<String, @Nullable Object> autoMapping,
        String peftVersion,
        Map<String, @Nullable Object> unknown,
        boolean ofModel) {

    /** The version of Hugging Face PEFT whose files and numbers this library matches. */
    public static final String PEFT_VERSION = "0.21.2";

    /** Copies the maps. */
    public CommonSettings {
        autoMapping = autoMapping == null ? null : Collections.unmodifiableMap(new LinkedHashMap<>(autoMapping));
        unknown = Collections.unmodifiableMap(new LinkedHashMap<>(unknown));
    }

    /** Settings of a new adapter for whatever the model is for that it is put on. */
    public static CommonSettings forModel() {
        return new CommonSettings(null, null, null, false, null, PEFT_VERSION, Map.of(), true);
    }

    /** The same for a task. */
    public CommonSettings withTaskType(@Nullable TaskType task) {
        return new CommonSettings(task, baseModel, revision, inferenceMode, autoMapping, peftVersion, unknown, false);
    }

    /** The same for whatever the model is for, unless there is a task type. */
    public CommonSettings orTaskOfModel() {
        return taskType != null
                ? this
                : new CommonSettings(null, baseModel, revision, inferenceMode, autoMapping, peftVersion, unknown, true);
    }

    /** The same with another base model. */
    public CommonSettings withBaseModel(@Nullable String nameOrPath) {
        return new CommonSettings(
                taskType, nameOrPath, revision, inferenceMode, autoMapping, peftVersion, unknown, ofModel);
    }

    /** The same with another inference mode. */
    public CommonSettings withInferenceMode(boolean inference) {
        return new CommonSettings(taskType, baseModel, revision, inference, autoMapping, peftVersion, unknown, ofModel);
    }

    /** The same with the base model's class in place of a task, as Hugging Face writes it where there is no task type. */
    public CommonSettings withAutoMapping(Anatomy anatomy) {
        String module = anatomy.modelType().replace('-', '_');
        Map<String, @Nullable Object> mapping = Map.of(
                "base_model_class",
                anatomy.className(),
                "parent_library",
                "transformers.models." + module + ".modeling_" + module);
        return new CommonSettings(taskType, baseModel, revision, inferenceMode, mapping, peftVersion, unknown, ofModel);
    }
}
