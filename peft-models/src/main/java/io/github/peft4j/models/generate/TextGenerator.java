package io.github.peft4j.models.generate;

import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.generate.internal.TextPieces;
import io.github.peft4j.models.nn.RowSelection;
import io.github.peft4j.models.text.Tokenizer;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Continues texts with a causal model: a {@link Generator} with the model's tokenizer before and behind it.
 *
 * <pre>{@code
 * TextGenerator generator = TextGenerator.of(model);
 * System.out.println(generator.generate("The capital of France is"));
 * generator.generate("Once upon a time", System.out::print);
 * }</pre>
 *
 * <p>Works with whatever is attached to the model when a text is begun; its tokenizer, too, is then the one in use, {@link Model#tokenizer}.
 * Special tokens are left out of what is made. Safe for concurrent use as a {@link Generator} is; owns nothing that must be closed.
 */
public final class TextGenerator {

    private final Model<LanguageHead> model;
    private final Generator generator;

    private TextGenerator(Model<LanguageHead> model, GenerationConfig config) {
        this.model = model;
        this.generator = new Generator(model, config);
    }

    /**
     * A generator with the settings of the checkpoint that the model was loaded from.
     *
     * @throws CheckpointException if these are damaged
     * @throws IllegalArgumentException as {@link GenerationConfig.Builder#build}
     * @throws UnsupportedOperationException as {@link GenerationConfig.Builder#build}
     */
    public static TextGenerator of(Model<LanguageHead> model) throws CheckpointException {
        return of(model, GenerationConfig.builder(model).build());
    }

    /** A generator with settings of one's own, which {@link GenerationConfig#builder(Model)} begins from the checkpoint's. */
    public static TextGenerator of(Model<LanguageHead> model, GenerationConfig config) {
        return new TextGenerator(model, config);
    }

    /**
     * Continues a text.
     *
     * @return what follows the prompt
     * @throws CheckpointException if the model has no tokenizer, or that cannot be opened
     * @throws IllegalArgumentException as {@link Generator#generate(List, Generator.Listener)}, or if the text cannot be encoded
     * @throws IllegalStateException as {@link Generator#generate(List, Generator.Listener)}, or if the model was not loaded from a folder
     * @throws InterruptedException if the thread is interrupted
     */
    public String generate(String prompt) throws CheckpointException, InterruptedException {
        return generate(List.of(prompt)).get(0);
    }

    /**
     * Continues texts, all in one batch; as {@link #generate(String)}.
     *
     * @return what follows each prompt, in their order
     */
    public List<String> generate(List<String> prompts) throws CheckpointException, InterruptedException {
        return generate(prompts, (RowSelection) null);
    }

    /**
     * Continues texts each of which chooses the adapters that apply to it; as {@link #generate(String)}.
     *
     * @param selection one choice per prompt, or null for the adapters that are active
     * @return what follows each prompt, in their order
     * @throws IllegalArgumentException as {@link #generate(String)}, or if there are more or fewer choices than prompts
     */
    public List<String> generate(List<String> prompts, @Nullable RowSelection selection)
            throws CheckpointException, InterruptedException {
        Tokenizer tokenizer = model.tokenizer();
        List<int[]> ids = prompts.stream().map(tokenizer::encode).toList();
        return generator.generate(ids, selection, (prompt, id) -> {}).stream()
                .map(made -> tokenizer.decode(made.ids(), true))
                .toList();
    }

    /**
     * Continues a text and tells what is made while it is made; as {@link #generate(String)}.
     *
     * @param pieces takes the text piece by piece, on this thread; an exception ends the generation
     * @return what follows the prompt, as a whole
     */
    public String generate(String prompt, Consumer<String> pieces) throws CheckpointException, InterruptedException {
        Tokenizer tokenizer = model.tokenizer();
        TextPieces told = new TextPieces(tokenizer, pieces);
        Generator.Generated made =
                generator.generate(List.of(tokenizer.encode(prompt)), told).get(0);
        told.finish();
        return tokenizer.decode(made.ids(), true);
    }
}
