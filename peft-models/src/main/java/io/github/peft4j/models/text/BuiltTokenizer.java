package io.github.peft4j.models.text;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.json.JsonValues;
import io.github.peft4j.models.text.internal.checks.AddedTokenChecks;
import io.github.peft4j.models.text.internal.checks.Faults;
import io.github.peft4j.models.text.internal.checks.ModelSettings;
import io.github.peft4j.models.text.internal.checks.Pipeline;
import io.github.peft4j.models.text.internal.folder.AddedTokens;
import io.github.peft4j.models.text.internal.folder.ClassTemplate;
import io.github.peft4j.models.text.internal.folder.NativeFile;
import io.github.peft4j.models.text.internal.folder.TokenizerClass;
import io.github.peft4j.models.text.internal.folder.TokenizerJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts of a tokenizer: those of its file, and those that its class puts in their place. */
final class BuiltTokenizer {

    private static final Logger LOG = LoggerFactory.getLogger(BuiltTokenizer.class);

    private static final List<String> SETTINGS = List.of(
            "dropout",
            "unk_token",
            "continuing_subword_prefix",
            "end_of_word_suffix",
            "fuse_unk",
            "byte_fallback",
            "ignore_merges",
            "max_input_chars_per_word",
            "unk_id");

    private final TokenizerJson json;
    private final Map<String, @Nullable Object> sections;
    private final Map<String, @Nullable Object> settings;
    private final String modelType;

    /**
     * Puts the parts together.
     *
     * @throws CheckpointException if the file cannot be made a tokenizer of the class
     */
    BuiltTokenizer(TokenizerJson json, TokenizerClass built, ClassTemplate template) throws CheckpointException {
        this.json = json;
        this.sections = new HashMap<>(json.sections());
        this.modelType = built.modelType().isEmpty() ? json.modelType() : built.modelType();
        for (String name : Pipeline.SECTIONS) {
            if (template.has(name)) {
                sections.put(name, template.value(name));
            }
        }
        this.settings = new LinkedHashMap<>(json.settings());
        if (template.has("settings")) {
            settings.keySet().removeAll(SETTINGS);
            settings.putAll(JsonValues.object(template.value("settings")));
            settings.put("type", modelType);
        }
        if (modelType.equals("Unigram") ? !json.scored() : json.scored() && !built.builds()) {
            throw new CheckpointException(json.file() + " has a vocabulary "
                    + (json.scored() ? "with scores" : "without scores") + ", of which no " + modelType
                    + (built.builds() ? ", as tokenizer_class " + built.name() + " has it," : "") + " can be made");
        }
        if (built.builds()) {
            tellWhatIsNotUsed(built);
        }
    }

    /** Says which sections of the file do not count, since that is not what one expects of it. */
    private void tellWhatIsNotUsed(TokenizerClass built) {
        Map<String, @Nullable Object> file =
                Pipeline.of(json.sections(), new Faults()).sections();
        Map<String, @Nullable Object> used = Pipeline.of(sections, new Faults()).sections();
        List<String> other = new ArrayList<>();
        for (String name : Pipeline.SECTIONS) {
            Object written = file.get(name);
            if (written != null && !written.equals(used.get(name))) {
                other.add(name);
            }
        }
        if (!other.isEmpty()) {
            LOG.warn(
                    "As in transformers 5, tokenizer_class {} has its own {} instead of those in {}: token ids may be others than that file says."
                            + " With tokenizer_class PreTrainedTokenizerFast the file counts.",
                    built.name(),
                    String.join(", ", other),
                    json.file());
        }
    }

    /** The type of the model. */
    String modelType() {
        return modelType;
    }

    /** Normalizer, pre-tokenizer, post-processor and decoder. */
    Map<String, @Nullable Object> sections() {
        return sections;
    }

    /**
     * Checks all parts and hands them to the native library.
     *
     * @throws CheckpointException says what is wrong with them
     */
    NativeTokenizer open(AddedTokens added) throws CheckpointException {
        Faults faults = new Faults();
        Pipeline pipeline = Pipeline.of(sections, faults);
        AddedTokenChecks checks = new AddedTokenChecks(pipeline, faults);
        added.history()
                .forEach(token ->
                        checks.add(token.content(), token.leftStrip(), token.rightStrip(), token.normalized()));
        Map<String, @Nullable Object> checked =
                ModelSettings.check(settings, modelType, json.vocabulary().size(), faults);
        faults.throwIfAny(json.file());
        try {
            byte[] bytes = new NativeFile(json, checked, faults).write(pipeline.sections(), added);
            faults.throwIfAny(json.file());
            int longest = added.all().stream()
                    .mapToInt(token -> token.content().length())
                    .reduce(json.longestToken(), Math::max);
            return NativeTokenizer.open(json.file(), bytes, pipeline, longest);
        } catch (CheckpointException e) {
            throw e;
        } catch (IOException e) {
            throw new CheckpointException("cannot read " + json.file() + ": " + e.getMessage(), e);
        }
    }
}
