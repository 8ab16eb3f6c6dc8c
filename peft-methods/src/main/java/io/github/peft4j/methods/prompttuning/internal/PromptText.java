package io.github.peft4j.methods.prompttuning.internal;

import io.github.peft4j.methods.prompttuning.PromptTuningConfig;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.ModelOrigin;
import io.github.peft4j.models.text.Tokenizer;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The tokens of the text that virtual tokens begin as. */
final class PromptText {

    /** Never heeded, as in Hugging Face PEFT: a config must not make code run. */
    private static final String REMOTE_CODE = "trust_remote_code";

    /** Settings that change nothing for one text alone in a local folder. */
    private static final Set<String> WITHOUT_EFFECT =
            Set.of(REMOTE_CODE, "local_files_only", "padding_side", "truncation_side", "clean_up_tokenization_spaces");

    private PromptText() {}

    /**
     * Reads the text with its tokenizer.
     *
     * @return exactly {@code count} ids: the first of the text's, or those again and again
     * @throws IllegalArgumentException if there is no such tokenizer, or the text has no tokens or tokens that the model has not
     * @throws UnsupportedOperationException if the tokenizer is to be set up in a way that is not implemented, by name
     */
    static long[] tokens(Model<?> model, PromptTuningConfig config, int count) {
        requireImplemented(config.get(PromptTuningConfig.TOKENIZER_KWARGS));
        int[] ids;
        Path folder = folder(model, Objects.requireNonNull(config.get(PromptTuningConfig.TOKENIZER_NAME_OR_PATH)));
        try (Tokenizer tokenizer = Tokenizer.open(folder)) {
            ids = tokenizer.encode(Objects.requireNonNull(config.get(PromptTuningConfig.PROMPT_TUNING_INIT_TEXT)));
        } catch (CheckpointException e) {
            throw new IllegalArgumentException("tokenizer_name_or_path: " + e.getMessage(), e);
        }
        if (ids.length == 0) {
            throw new IllegalArgumentException("prompt_tuning_init_text has no tokens: give a text that is not empty");
        }
        long[] repeated = new long[count];
        for (int i = 0; i < count; i++) {
            repeated[i] = ids[i % ids.length];
            if (repeated[i] >= model.config().vocabSize()) {
                throw new IllegalArgumentException("prompt_tuning_init_text has the token " + repeated[i]
                        + ", but the model has a vocabulary of "
                        + model.config().vocabSize() + ": is " + folder
                        + " the tokenizer of this model?");
            }
        }
        return repeated;
    }

    private static void requireImplemented(@Nullable Map<String, @Nullable Object> kwargs) {
        Map<String, @Nullable Object> rest = new TreeMap<>(kwargs == null ? Map.of() : kwargs);
        rest.keySet().removeAll(WITHOUT_EFFECT);
        rest.remove("use_fast", true);
        if (!rest.isEmpty()) {
            throw new UnsupportedOperationException("tokenizer_kwargs sets "
                    + String.join(", ", List.copyOf(rest.keySet())) + ", which this version does not implement");
        }
    }

    private static Path folder(Model<?> model, String name) {
        ModelOrigin origin = model.origin();
        if (origin != null && origin.nameOrPath().equals(name)) {
            return origin.folder();
        }
        try {
            Path folder = Path.of(name);
            if (Files.isDirectory(folder)) {
                return folder;
            }
        } catch (InvalidPathException e) {
            // No folder can be called so.
        }
        throw new IllegalArgumentException("tokenizer_name_or_path: there is no folder " + name
                + ": expected one that holds tokenizer.json"
                + (origin == null ? "" : ", or " + origin.nameOrPath() + " for the base model's own"));
    }

    /** The settings that are saved after the tokenizer was used: without what was not heeded, as Hugging Face PEFT takes it out. */
    static @Nullable Map<String, @Nullable Object> heeded(@Nullable Map<String, @Nullable Object> kwargs) {
        if (kwargs == null) {
            return null;
        }
        Map<String, @Nullable Object> heeded = new LinkedHashMap<>(kwargs);
        heeded.remove(REMOTE_CODE);
        return heeded;
    }
}
