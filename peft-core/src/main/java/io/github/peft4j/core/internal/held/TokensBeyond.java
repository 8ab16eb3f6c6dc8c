package io.github.peft4j.core.internal.held;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.method.internal.SavedAdapter;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.message.Listed;
import io.github.peft4j.models.text.Tokenizer;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Tokens that an adapter trains one by one and that follow the checkpoint's last: the user added them to the tokenizer. The model's tables go
 * on for them by themselves, with the mean of their rows until the adapter's vectors stand there, where Hugging Face's users call {@code
 * resize_token_embeddings} first.
 *
 * <p>Every number up to the highest must be a token that is trained, or one that the tokenizer has which was saved with the adapter: a number
 * far off is a mistake, and would take memory.
 */
public final class TokensBeyond {

    /** The settings that name tokens whose vectors are trained one by one. */
    public static final List<String> SETTINGS = List.of("trainable_token_indices", "token_indices");

    private TokensBeyond() {}

    /**
     * The number of tokens that a new adapter needs, if the model has fewer; else null.
     *
     * @throws IllegalArgumentException if the tokens do not follow the model's one after the other
     */
    static @Nullable Integer of(PeftConfig config, Model<?> model) {
        TreeSet<Integer> beyond = beyond(config, model);
        if (beyond.isEmpty()) {
            return null;
        }
        int known = model.config().vocabSize();
        if (beyond.size() < beyond.last() - known + 1) {
            throw new IllegalArgumentException(problem(config, beyond, known)
                    + ". Added tokens follow those, one after the other, and each is to be trained");
        }
        return beyond.last() + 1;
    }

    /**
     * The number of tokens that a saved adapter needs, if the model has fewer; else null.
     *
     * @throws CheckpointException if its tokens leave out some that no tokenizer in its folder has either, or that cannot be read
     */
    static @Nullable Integer of(SavedAdapter saved, Model<?> model) throws CheckpointException {
        TreeSet<Integer> beyond = beyond(saved.config(), model);
        if (beyond.isEmpty()) {
            return null;
        }
        int known = model.config().vocabSize();
        int named = beyond.last() + 1;
        int accounted = 0;
        if (Tokenizer.isIn(saved.directory())) {
            try (Tokenizer tokenizer = Tokenizer.open(saved.directory())) {
                accounted = tokenizer.size();
            }
        }
        if (beyond.size() < named - known && accounted < named) {
            throw new CheckpointException(problem(saved.config(), beyond, known)
                    + ", and no tokenizer in " + saved.directory()
                    + " has those in between: save the adapter's tokenizer there, or the"
                    + " adapter with save_embedding_layers=True");
        }
        return Math.max(named, accounted);
    }

    private static String problem(PeftConfig config, TreeSet<Integer> beyond, int known) {
        String setting = SETTINGS.stream()
                .filter(name -> config.settings().get(name) != null)
                .findFirst()
                .orElseThrow();
        return setting + " holds "
                + Listed.names(beyond.stream().map(String::valueOf).toList()) + ", but the model has tokens from 0 to "
                + (known - 1);
    }

    private static TreeSet<Integer> beyond(PeftConfig config, Model<?> model) {
        TreeSet<Integer> beyond = new TreeSet<>();
        for (String setting : SETTINGS) {
            Object value = config.settings().get(setting);
            if (value instanceof Map<?, ?> byLayer) {
                byLayer.forEach((name, tokens) -> {
                    if (model.tokenTables().stream().anyMatch(path -> path.endsWith(String.valueOf(name)))) {
                        add(tokens, model, beyond);
                    }
                });
            } else {
                add(value, model, beyond);
            }
        }
        return beyond;
    }

    private static void add(@Nullable Object tokens, Model<?> model, TreeSet<Integer> beyond) {
        if (tokens instanceof List<?> numbers) {
            for (Object number : numbers) {
                if (number instanceof Integer token && token >= model.config().vocabSize()) {
                    beyond.add(token);
                }
            }
        }
    }
}
